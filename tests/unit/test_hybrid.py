"""Hybrid search: how signals become one score."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.encoder import Vectors
from knowledge.hybrid import HybridIndex, Weights


def unit(*values: float) -> Vectors:
    vector = np.array(values, dtype=np.float32)
    scaled: Vectors = vector / np.linalg.norm(vector)
    return scaled


TEXTS = [["coca"], ["lupus"], ["goat"]]
WHOLES = np.stack([unit(1, 0.5, 0), unit(0, 1, 0), unit(0.2, 0, 1)])


def index(**weights: float) -> HybridIndex:
    return HybridIndex(
        TEXTS, WHOLES, WHOLES, range(3), Weights(**{"dense": 0.0, "part": 0.0, "lexical": 0.0, **weights})
    )


def test_fused_is_the_weighted_sum_of_the_signals():
    signals = index(dense=0.2, part=0.3, lexical=0.5).signals(unit(1, 0, 0), ["coca"])
    assert signals.fused == pytest.approx(0.2 * signals.dense + 0.3 * signals.part + 0.5 * signals.lexical)
    assert signals.dense == pytest.approx(WHOLES @ unit(1, 0, 0))
    assert signals.lexical.argmax() == 0


def test_feedback_draws_in_what_is_like_the_first_texts():
    plain = index(dense=1.0).signals(unit(1, 0, 0), [])
    assert plain.fused[2] > plain.fused[1]
    drawn = index(dense=1.0, feedback=1.0).signals(unit(1, 0, 0), [])
    assert drawn.fused[1] - plain.fused[1] > drawn.fused[2] - plain.fused[2]
