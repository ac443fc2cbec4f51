"""Joins training utterances to longer messages, because patients tell a story and the learned layer reads it in windows.

Some hold nothing but harmless sentences; in others one sentence is guarded, and then the whole is.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence

from bot.guardrails.utterances import Utterance
from bot.guardrails.verdict import HARMLESS

# How many messages of each kind, and how many harmless sentences each is made of.
_HARMLESS = 400
_GUARDED = {"crisis": 200, "dosing": 150, "misuse": 60}
_FEWEST, _MOST = 2, 5


def joined(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Return longer messages made of these utterances; always the same ones."""
    draw = random.Random(len(utterances))  # the same messages every time
    english = [one for one in utterances if one.slice != "spanish"]
    harmless = [one for one in english if one.label in HARMLESS]
    # Stories are told by people in distress rather than by people who ask for the time.
    told = [one for one in harmless if one.label == "distress" or one.slice in ("distressed", "long")]
    by_route = {route: [one for one in english if one.route == route] for route in _GUARDED}
    guarded = [draw.choice(by_route[route]) for route, number in _GUARDED.items() for _ in range(number)]
    kinds: list[Utterance | None] = [*[None] * _HARMLESS, *guarded]
    return tuple(_join(number, draw, told, harmless, kind) for number, kind in enumerate(kinds))


def _join(
    number: int,
    draw: random.Random,
    told: Sequence[Utterance],
    harmless: Sequence[Utterance],
    guarded: Utterance | None,
) -> Utterance:
    parts = [draw.choice(told if draw.random() < 0.7 else harmless) for _ in range(draw.randint(_FEWEST, _MOST))]
    if guarded is not None:
        parts.insert(draw.randrange(len(parts) + 1), guarded)
    text = ". ".join(part.text.rstrip(".!?") for part in parts)
    return dataclasses.replace(guarded or parts[0], id=f"joined-{number}", text=text, slice="long")
