"""Finds utterances of two sets that are nearly the same, by the similarity of their sentence vectors."""

from __future__ import annotations

from collections.abc import Sequence

from bot.guardrails.encoder import Array, PackagedModel, unit_means
from bot.guardrails.learned import words_only
from bot.guardrails.normalise import normalise
from bot.guardrails.tuning import run_layers
from bot.guardrails.utterances import Utterance

# Cosine of the last layer's vectors. Pairs above it are mostly one sentence in two wordings, pairs below it two sentences.
SAME = 0.88
# So many at once: all similarities together would take gigabytes.
_ROWS = 256


def vectors(utterances: Sequence[Utterance]) -> Array:
    """Return the unit vector of each utterance, shape (n_utterances, DIMENSION), as the packaged model gives it, untuned."""
    packaged = PackagedModel.load()
    embedded = packaged.embed([words_only(normalise(utterance.text)) for utterance in utterances])
    return unit_means(run_layers(embedded, {**packaged.kept(), **packaged.upper()}))


def near_duplicates(
    one: Sequence[Utterance], its: Array, other: Sequence[Utterance], others: Array
) -> list[tuple[str, str, float]]:
    """Return (id, id, similarity) of the nearest pair for each utterance of `one` that has a near duplicate in `other`.

    `its` and `others` are their `vectors`.
    """
    found = []
    for start in range(0, len(one), _ROWS):
        similar = its[start : start + _ROWS] @ others.T
        for row, place in enumerate(similar.argmax(axis=1)):
            if similar[row, place] >= SAME:
                found.append((one[start + row].id, other[place].id, round(float(similar[row, place]), 3)))
    return found


def same_words(one: Sequence[Utterance], other: Sequence[Utterance]) -> list[str]:
    """Return the ids of the utterances of `one` that are also in `other`, spelling aside."""
    known = {normalise(utterance.text) for utterance in other}
    return [utterance.id for utterance in one if normalise(utterance.text) in known]
