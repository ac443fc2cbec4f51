"""Finds utterances of two sets that are nearly the same, by the similarity of their sentence vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.guardrails.encoder import DIMENSION, Array, UtteranceEncoder
from bot.guardrails.learned import words_only
from bot.guardrails.normalise import normalise
from bot.guardrails.utterances import Utterance

# Cosine of the last layer's vectors. Pairs above it are mostly one sentence in two wordings, pairs below it two sentences.
SAME = 0.88


def near_duplicates(
    one: Sequence[Utterance], other: Sequence[Utterance], encoder: UtteranceEncoder
) -> list[tuple[str, str, float]]:
    """Return (id, id, similarity) of the nearest pair for each utterance of `one` that has a near duplicate in `other`."""
    vectors = [
        _unit(encoder.encode([words_only(normalise(utterance.text)) for utterance in utterances])[:, -DIMENSION:])
        for utterances in (one, other)
    ]
    similar = vectors[0] @ vectors[1].T
    nearest = similar.argmax(axis=1)
    return [
        (utterance.id, other[place].id, round(float(similar[row, place]), 3))
        for row, (utterance, place) in enumerate(zip(one, nearest, strict=True))
        if similar[row, place] >= SAME
    ]


def same_words(one: Sequence[Utterance], other: Sequence[Utterance]) -> list[str]:
    """Return the ids of the utterances of `one` that are also in `other`, spelling aside."""
    known = {normalise(utterance.text) for utterance in other}
    return [utterance.id for utterance in one if normalise(utterance.text) in known]


def _unit(vectors: Array) -> Array:
    unit: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
