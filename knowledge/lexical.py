"""Lexical search: BM25 over stems. The only module that loads bm25s."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from knowledge.encoder import Vectors

# Nobody's text has all the words of a long story: its rarest ones are what a text is measured against.
MOST_TERMS = 6


class LexicalIndex:
    """Texts as stems, scored by the words they share with a query."""

    def __init__(self, stems: Sequence[Sequence[str]], *, k1: float = 1.2, b: float = 0.75) -> None:
        """Index texts that are already cut into stems; `k1` and `b` are BM25's."""
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it announces its work at debug level by itself
        self._count = len(stems)
        self._frequency = Counter(stem for text in stems for stem in set(text))
        self._bm25: Any = bm25s.BM25(k1=k1, b=b)
        if self._frequency:
            self._bm25.index([list(text) for text in stems], show_progress=False)

    def scores(self, terms: Sequence[str], unknown: int = 0) -> Vectors:
        """Return one score a text, 0 to 1: its share of what a text with the rarest words of the query would have.

        Args:
            terms: stems of the query, each once.
            unknown: how many words of the query no text has; they lower every score.
        """
        known = [term for term in terms if term in self._frequency]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        weights = [*map(self.weight, terms), *[self.weight("")] * unknown]
        ideal = sum(sorted(weights, reverse=True)[:MOST_TERMS])
        found = np.asarray(self._bm25.get_scores(known), dtype=np.float32)
        scores: Vectors = np.clip(found / max(ideal, 1e-6), 0.0, 1.0)
        return scores

    def weight(self, term: str) -> float:
        """Inverse document frequency, as BM25 weighs a word; a word that no text has weighs most."""
        count = self._frequency.get(term, 0)
        return float(np.log(1 + (self._count - count + 0.5) / (count + 0.5)))
