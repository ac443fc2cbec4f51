"""One turn of a test: what was said, what came back, and what Rasa wrote down in between."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from bot.reply import Reply

Event = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn.

    Attributes:
        said: the user's messages of the conversation so far, this one last.
        events: the tracker's events of this turn; None where the service does not tell them.
        slots: the tracker's slots before this turn.
    """

    said: tuple[str, ...]
    reply: Reply
    events: tuple[Event, ...] | None
    slots: Mapping[str, Any]
    seconds: float

    @property
    def user(self) -> str:
        """What the user said."""
        return self.said[-1]

    @property
    def guard(self) -> Mapping[str, Any]:
        """What the guard found: route, category, layer, rule, score, language; empty where events are not told."""
        return self._parsed.get("guard") or {}

    @property
    def intent(self) -> tuple[str | None, float]:
        """The intent and its confidence; (None, 0) where events are not told."""
        intent = self._parsed.get("intent") or {}
        return intent.get("name"), round(float(intent.get("confidence") or 0.0), 4)

    @property
    def responses(self) -> tuple[str, ...]:
        """Names of the domain's responses that were uttered."""
        names = ((event.get("metadata") or {}).get("utter_action") for event in self._of("bot"))
        return tuple(name for name in names if name)

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions that ran."""
        return tuple(str(event["name"]) for event in self._of("action") if event.get("name"))

    @property
    def _parsed(self) -> Mapping[str, Any]:
        return next((event.get("parse_data") or {} for event in self._of("user")), {})

    def _of(self, kind: str) -> tuple[Event, ...]:
        return tuple(event for event in self.events or () if event.get("event") == kind)
