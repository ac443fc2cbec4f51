"""Hybrid search: the likeness of whole texts, the likeness of their best part, and shared words, in one score."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Vectors
from knowledge.lexical import LexicalIndex
from knowledge.vectors import VectorIndex

# How many vectors are looked up in a corpus too large to compare with all of them.
CANDIDATES = 1000
# Pseudo-relevance feedback after Rocchio: so many of the first texts are taken for relevant, the better the more, and the query
# is moved to their midst. Both chosen on the training claims of SciFact, where it helps; on our own questions it changes
# nothing, so patients' search does without.
RELEVANT, SPREAD = 3, 0.05


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each signal counts: likeness of the whole text, of its best part, shared words, likeness to the first texts."""

    dense: float
    part: float
    lexical: float
    feedback: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Scores of every text for one query, each of shape (count,); `fused` is their weighted sum, feedback included."""

    dense: Vectors
    part: Vectors
    lexical: Vectors
    fused: Vectors


class HybridIndex:
    """Texts with a vector each, vectors of their parts, and their stems."""

    def __init__(
        self,
        stems: Sequence[Sequence[str]],
        wholes: Vectors,
        parts: Vectors,
        owners: Sequence[int] | npt.NDArray[np.int64],
        weights: Weights,
    ) -> None:
        """Index texts.

        Args:
            stems: the stems of each text.
            wholes: one vector a text.
            parts: vectors of parts, for instance of sentences, or of the questions that a text answers.
            owners: to which text, or to which group of texts, each part belongs.
            weights: how much each signal counts.
        """
        self._weights = weights
        self._vectors = wholes
        self.lexical = LexicalIndex(stems)
        self._wholes, self._parts = VectorIndex(wholes), VectorIndex(parts)
        self._count = len(wholes)
        self._owners = np.asarray(owners, dtype=np.int64)
        self._groups = int(self._owners.max()) + 1 if len(self._owners) else 0

    def signals(
        self,
        vector: Vectors,
        terms: Sequence[str],
        unknown: int = 0,
        groups: npt.NDArray[np.int64] | None = None,
    ) -> Signals:
        """Score all texts.

        Args:
            vector: the query's unit vector.
            terms: the query's stems.
            unknown: how many words of the query no text has.
            groups: the owner that stands for each text, if owners are not the texts themselves.
        """
        dense = _spread(*self._wholes.search(vector, CANDIDATES), self._count)
        scores, rows = self._parts.search(vector, CANDIDATES)
        part = _spread(scores, self._owners[rows], self._groups if groups is not None else self._count)
        part = part if groups is None else part[groups]
        lexical = self.lexical.scores(terms, unknown)
        weights = self._weights
        fused = weights.dense * dense + weights.part * part + weights.lexical * lexical
        if weights.feedback:
            fused = fused + weights.feedback * self._likeness_to_first(vector, fused)
        return Signals(dense=dense, part=part, lexical=lexical, fused=np.asarray(fused, dtype=np.float32))

    def _likeness_to_first(self, vector: Vectors, fused: Vectors) -> Vectors:
        """Score all texts by the query moved to the midst of the texts that came first."""
        first = np.argsort(-fused, kind="stable")[:RELEVANT]
        shares = np.exp((fused[first] - fused[first[0]]) / SPREAD)
        moved = vector + (shares / shares.sum()) @ self._vectors[first]
        moved = np.asarray(moved / np.linalg.norm(moved), dtype=np.float32)
        return _spread(*self._wholes.search(moved, CANDIDATES), self._count)


def mean_of(one: Signals, other: Signals) -> Signals:
    """Return the mean of the scores that two queries gave the same texts."""
    return Signals(
        dense=(one.dense + other.dense) / 2,
        part=(one.part + other.part) / 2,
        lexical=(one.lexical + other.lexical) / 2,
        fused=(one.fused + other.fused) / 2,
    )


def _spread(scores: Vectors, owners: npt.NDArray[np.int64], count: int) -> Vectors:
    """Return the best score of each owner; those that were not found get the worst score that was."""
    spread = np.full(count, scores.min() if len(scores) else 0.0, dtype=np.float32)
    np.maximum.at(spread, owners, scores)
    return spread
