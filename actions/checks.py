"""The output check: the last look at a reply before it leaves. A finding blocks the reply and the safe one goes out instead."""

from __future__ import annotations

from collections.abc import Iterable

from bot.reply import Reply
from knowledge.wording import dose_amounts, false_claims, foreign_telephone_numbers


def findings(reply: Reply, telephone_numbers: Iterable[str]) -> tuple[str, ...]:
    """Return what is wrong with a reply, as codes for the log; nothing if it may leave.

    Args:
        reply: a composed reply.
        telephone_numbers: the contacts of the help lines, the only numbers that may be shown.
    """
    found = []
    if dose_amounts(reply.text):
        found.append("dose_amount")
    if foreign_telephone_numbers(reply.text, telephone_numbers):
        found.append("unknown_telephone_number")
    if any(false_claims(reply.text)):
        found.append("never_repeat")
    quotes = {citation.number: citation for citation in reply.citations}
    for statement in reply.statements:
        cited = [quotes[number] for number in statement.citations]
        if not any(statement.text in citation.quote for citation in cited):
            found.append("not_verbatim")
        if not any(citation.references for citation in cited):
            found.append("unreferenced")
    return tuple(dict.fromkeys(found))
