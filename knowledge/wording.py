"""Wording that must not reach a patient: dose amounts, foreign telephone numbers, hype, false claims.

Used on documents when they are checked and on every reply before it leaves.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from knowledge.settings import PACKAGE, read_mapping

_NUMBER = (
    r"(?:\d+(?:[.,/]\d+)?|half|quarter|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)"
)
_UNIT = (
    r"(?:mgs?|milligrams?|mcg|µg|micrograms?|grams?|g|ml|mls|millilitres?|milliliters?|cc|tablets?|tabs?|pills?|capsules?|"
    r"caps?|doses?|drops?|units?)"
)
_DAILY = r"(?:(?:a|per|each|every)\s+(?:day|night|morning)|daily|nightly)"
_DOSE = re.compile(
    rf"\b{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?[\s-]*{_UNIT}\b"
    rf"|\b(?:once|twice|thrice|{_NUMBER}\s+times)\s+{_DAILY}"
    rf"|\bevery\s+{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?\s+hours?\b",
    re.IGNORECASE,
)
# Seven or more digits with the usual separators; links and ISO dates are left out before looking.
_TELEPHONE = re.compile(r"(?<![\w.])(?:\+\d{1,3}[\s.-]?)?\(?\d(?:[\s.)-]{0,2}\d){6,}(?!\w)")
_NO_TELEPHONE = re.compile(r"https?://\S+|\b\d{4}-\d{2}-\d{2}\b")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FalseClaim:
    """A claim that must not be repeated, as a pattern, with what the evidence says and the wording that denies it."""

    pattern: re.Pattern[str]
    truth: str
    unless: re.Pattern[str] | None

    def find(self, text: str) -> str | None:
        """Return the words that make the claim, or None."""
        found = self.pattern.search(text)
        return None if found is None or (self.unless and self.unless.search(text)) else found.group()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The lists of wording.yml, compiled."""

    hype: re.Pattern[str]
    stigma: re.Pattern[str]
    dose_headings: re.Pattern[str]
    never_repeat: tuple[FalseClaim, ...]
    names: frozenset[str]


@functools.cache
def load_wording() -> Wording:
    """Read wording.yml once.

    Raises:
        SettingsError: the file is missing or is not a mapping.
        KeyError: a list is missing.
    """
    values = read_mapping(PACKAGE / "wording.yml")
    return Wording(
        hype=_any_of(values["hype"]),
        stigma=_any_of(values["stigma"]),
        dose_headings=_any_of(values["dose_headings"]),
        never_repeat=tuple(_false_claim(row) for row in values["never_repeat"]),
        names=frozenset(str(name).lower() for name in values["names"]),
    )


def dose_amounts(text: str) -> list[str]:
    """Return every amount or schedule of a medicine, as written."""
    return [match.group() for match in _DOSE.finditer(text)]


def foreign_telephone_numbers(text: str, allowed: Iterable[str]) -> list[str]:
    """Return every telephone number whose digits do not stand in one of the allowed contacts."""
    known = {_digits(contact) for contact in allowed}
    found = [match.group() for match in _TELEPHONE.finditer(_NO_TELEPHONE.sub(" ", text))]
    return [number for number in found if not any(_digits(number) in digits for digits in known)]


def false_claims(text: str) -> Iterator[tuple[str, str]]:
    """Yield (words, truth) for every claim of a text that must not be repeated."""
    plain = text.replace("\u2019", "'")
    for claim in load_wording().never_repeat:
        if words := claim.find(plain):
            yield words, claim.truth


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


def _false_claim(row: dict[str, Any]) -> FalseClaim:
    unless = row.get("unless")
    return FalseClaim(
        pattern=re.compile(row["claim"], re.IGNORECASE),
        truth=row["truth"],
        unless=re.compile(unless, re.IGNORECASE) if unless else None,
    )
