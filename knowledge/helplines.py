"""Help lines by country and need, read from helplines.yml: the only telephone numbers that Askwell may show."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from knowledge.errors import SettingsError
from knowledge.settings import PACKAGE, read_mapping

# Shown when a country has no entry: https://findahelpline.com is not national, and these numbers name their countries.
WORLDWIDE_EMERGENCY = "your local emergency number (911, 999, 112, 000 or 111)"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Helpline:
    """One service: `need` is what it is for, `contact` what a person dials or sends, `href` a link a phone can open."""

    id: str
    need: str
    name: str
    contact: str
    href: str
    hours: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Helplines:
    """The help lines of one country, in the order of the file."""

    country: str
    name: str
    lines: tuple[Helpline, ...]

    def of(self, needs: Sequence[str]) -> tuple[Helpline, ...]:
        """Return the first line of each need, in the order of the needs; a need without a line is left out."""
        found = (next((line for line in self.lines if line.need == need), None) for need in needs)
        return tuple(dict.fromkeys(line for line in found if line is not None))

    @property
    def emergency(self) -> str:
        """What to dial in danger, for the middle of a sentence."""
        line = next(iter(self.of(["emergency"])), None)
        return line.contact if line else WORLDWIDE_EMERGENCY


@functools.cache
def all_contacts() -> tuple[str, ...]:
    """Return the contacts of every country: the telephone numbers that documents may name. Read once.

    Raises:
        SettingsError: see `read_helplines`.
    """
    path = PACKAGE / "helplines.yml"
    countries = read_mapping(path).get("countries") or {}
    return tuple(line.contact for country in countries for line in _helplines(country, countries[country], path).lines)


def read_helplines(country: str, path: Path | None = None) -> Helplines:
    """Read the help lines of a country.

    Args:
        country: two capital letters, for instance "US"; "EU" for the European Union as a whole.
        path: the file, knowledge/helplines.yml by default.

    Raises:
        SettingsError: the file or the country is missing, or an entry lacks a field.
    """
    path = path or PACKAGE / "helplines.yml"
    countries = read_mapping(path).get("countries") or {}
    if country not in countries:
        raise SettingsError(f"no help lines for country {country!r} in {path}; known: {', '.join(sorted(countries))}")
    return _helplines(country, countries[country], path)


def _helplines(country: str, entry: dict[str, Any], path: Path) -> Helplines:
    try:
        lines = tuple(
            Helpline(**{key: str(line[key]) for key in ("id", "need", "name", "contact", "href", "hours")})
            for line in entry["lines"]
        )
        return Helplines(country=country, name=str(entry["name"]), lines=lines)
    except (KeyError, TypeError) as error:
        raise SettingsError(f"{path}: an entry of {country} lacks the field {error}") from error
