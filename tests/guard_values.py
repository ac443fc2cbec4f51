"""Builders for tests of the guard: a learned layer made by hand, and past turns."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.guardrails.guard import Guard, read_thresholds
from bot.guardrails.language import LanguageDetector
from bot.guardrails.learned import LearnedLayer, counts
from bot.guardrails.nearest import Nearest
from bot.guardrails.normalise import normalise
from bot.guardrails.rules import RuleFile, load_rules
from bot.guardrails.verdict import PastTurn

DIMENSION = 3
LABELS = ("distress", "dosing", "everyday", "misuse", "personal_advice", "suicide", "violence")


class ZeroEncoder:
    """An encoder that says nothing, whatever its layers."""

    def __init__(self, layers: bytes = b"") -> None:
        self.layers = layers

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), 2, DIMENSION), dtype=np.float32)


@functools.lru_cache(maxsize=1)
def rules() -> tuple[RuleFile, ...]:
    return load_rules()


@functools.lru_cache(maxsize=1)
def languages() -> LanguageDetector:
    return LanguageDetector.load()


def make_layer(**texts: str) -> LearnedLayer:
    """A learned layer that says "everyday" to everything but to the given texts, one a label."""
    width: int = counts([""]).shape[1]
    coefficients = np.zeros((width + DIMENSION, len(LABELS)), dtype=np.float32)
    for label, text in texts.items():
        row: csr_matrix = counts([normalise(text)])
        coefficients[row.indices, LABELS.index(label)] = 20.0
    intercepts = np.array([2.5 if label == "everyday" else 0.0 for label in LABELS], dtype=np.float32)
    return LearnedLayer(
        labels=LABELS,
        rarity=np.ones(width, dtype=np.float32),
        coefficients=coefficients,
        intercepts=intercepts,
        temperature=1.0,
        nearest=Nearest(vectors=np.zeros((len(LABELS), DIMENSION), dtype=np.float32), columns=np.arange(len(LABELS))),
        encoder=ZeroEncoder(),
    )


def make_guard(layer: LearnedLayer | None = None) -> Guard:
    return Guard(rules=rules(), languages=languages(), learned=layer or make_layer(), thresholds=read_thresholds())


def past(
    utterance: str, route: str = "no_answer", *, category: str | None = None, response: str | None = None
) -> PastTurn:
    return PastTurn(utterance=utterance, route=route, category=category, response=response)


def said(*utterances: str, route: str = "no_answer") -> Sequence[PastTurn]:
    return [past(utterance, route) for utterance in utterances]
