"""The output check: the last look at a reply before it leaves. A finding blocks the reply; the safe one goes out instead."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.reply import Reply

_NUMBER = (
    r"(?:\d+(?:[.,/]\d+)?|half|quarter|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)"
)
_UNIT = (
    r"(?:mgs?|milligrams?|mcg|µg|micrograms?|grams?|g|ml|mls|millilitres?|milliliters?|cc|tablets?|tabs?|pills?|capsules?|"
    r"caps?|doses?|drops?|units?)"
)
_DAILY = r"(?:(?:a|per|each|every)\s+(?:day|night|morning)|daily|nightly)"
DOSE = re.compile(
    rf"\b{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?[\s-]*{_UNIT}\b"
    rf"|\b(?:once|twice|thrice|{_NUMBER}\s+times)\s+{_DAILY}"
    rf"|\bevery\s+{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?\s+hours?\b",
    re.IGNORECASE,
)
# Seven or more digits with the usual separators; shorter ones are years, percentages and short codes.
_TELEPHONE = re.compile(r"(?<![\w.])\+?\d(?:[\s().-]{0,2}\d){6,}(?![\w])")
# False claims that circulate about baclofen; a reply that repeats one is wrong whatever it cites.
_NEVER = re.compile(
    r"eliminates? the (?:drug|high|effect)|muscular sclerosis|brain cells become damaged|from secreting dopamine|"
    r"most effective when combined",
    re.IGNORECASE,
)


def findings(reply: Reply, telephone_numbers: Iterable[str]) -> tuple[str, ...]:
    """Return what is wrong with a reply, as codes for the log; nothing if it may leave.

    Args:
        reply: a composed reply.
        telephone_numbers: the contacts of the help lines, the only numbers that may be shown.
    """
    found = []
    if DOSE.search(reply.text):
        found.append("dose_amount")
    allowed = {_digits(number) for number in telephone_numbers}
    if any(
        not _is_allowed(match.group(), allowed) for match in _TELEPHONE.finditer(_without_links_and_dates(reply.text))
    ):
        found.append("unknown_telephone_number")
    if _NEVER.search(reply.text):
        found.append("never_repeat")
    quotes = {citation.number: citation for citation in reply.citations}
    for statement in reply.statements:
        cited = [quotes[number] for number in statement.citations]
        if not any(statement.text in citation.quote for citation in cited):
            found.append("not_verbatim")
        if not any(citation.references for citation in cited):
            found.append("unreferenced")
    return tuple(dict.fromkeys(found))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_allowed(number: str, allowed: Iterable[str]) -> bool:
    return any(_digits(number) and _digits(number) in digits for digits in allowed)


def _without_links_and_dates(text: str) -> str:
    """Leave out links and dates, whose digits are no telephone numbers."""
    return re.sub(r"https?://\S+|\b\d{4}-\d{2}-\d{2}\b", "", text)
