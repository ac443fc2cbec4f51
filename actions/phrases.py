"""The fixed sentences around quoted ones, read from phrases.yml."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from knowledge.errors import SettingsError
from knowledge.settings import build, read_mapping


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HedgeRule:
    """One row of the hedge ladder; phrases.yml explains the columns. Empty `kinds` fit every kind."""

    level: str
    text: str
    direction: str
    kinds: tuple[str, ...] = ()
    small: bool | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """All fixed sentences of composed answers."""

    hedges: tuple[HedgeRule, ...]
    whom_to_ask: str
    personal_advice: str
    personal_advice_found: str
    disagreement: str
    safety: str
    sources: str
    last_sources: str
    did_you_mean: str
    no_more: str
    suggestions: Mapping[str, tuple[str, ...]]
    default_suggestions: tuple[str, ...]


def load_phrases(path: Path | None = None) -> Phrases:
    """Read the phrases.

    Raises:
        SettingsError: the file is missing, a key is unknown or missing, or the last hedge row does not fit everything.
    """
    path = path or Path(__file__).resolve().parent / "phrases.yml"
    values = read_mapping(path)
    try:
        hedges = tuple(HedgeRule(**{**row, "kinds": tuple(row.get("kinds", ()))}) for row in values.pop("hedges"))
        suggestions = {topic: tuple(texts) for topic, texts in values.pop("suggestions").items()}
        default = tuple(values.pop("default_suggestions"))
        values |= {"hedges": hedges, "suggestions": suggestions, "default_suggestions": default}
        phrases: Phrases = build(Phrases, values, path)
    except (KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}: {error}; restore it with: git checkout {path}") from error
    if phrases.hedges[-1].kinds or phrases.hedges[-1].direction != "any":
        raise SettingsError(f"{path}: the last row of hedges must fit everything (no kinds, direction any)")
    return phrases
