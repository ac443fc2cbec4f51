"""Joins training utterances to longer messages, because patients tell a story and the learned layer reads it in windows.

Some hold nothing but harmless sentences; in others one sentence is a crisis, and then the whole is one.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence

from bot.guardrails.utterances import Utterance

# How many messages of each kind, and how many harmless sentences each is made of.
_HARMLESS, _CRISIS = 400, 200
_FEWEST, _MOST = 2, 5


def joined(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Return longer messages made of these utterances; always the same ones."""
    draw = random.Random(len(utterances))  # the same messages every time
    harmless = [one for one in utterances if one.label == "pass" and one.slice != "spanish"]
    # Stories are told by people in distress rather than by people who ask for the time.
    told = [one for one in harmless if one.slice in ("distressed", "long")]
    crises = [one for one in utterances if one.route == "crisis" and one.slice != "spanish"]
    return tuple(_join(number, draw, told, harmless, None) for number in range(_HARMLESS)) + tuple(
        _join(_HARMLESS + number, draw, told, harmless, draw.choice(crises)) for number in range(_CRISIS)
    )


def _join(
    number: int, draw: random.Random, told: Sequence[Utterance], harmless: Sequence[Utterance], crisis: Utterance | None
) -> Utterance:
    parts = [draw.choice(told if draw.random() < 0.7 else harmless) for _ in range(draw.randint(_FEWEST, _MOST))]
    if crisis is not None:
        parts.insert(draw.randrange(len(parts) + 1), crisis)
    text = ". ".join(part.text.rstrip(".!?") for part in parts)
    return dataclasses.replace(crisis or parts[0], id=f"joined-{number}", text=text, slice="long")
