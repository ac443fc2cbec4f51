"""Vector search by size: exact while that is fast, inverted lists above. The only module that loads FAISS."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Vectors

# Up to here exact search takes a few milliseconds, and nothing is gained by giving up recall.
# Measured by tests/benchmarks/vectors.py; see README, Measuring.
EXACT_UP_TO = 50_000
# Lists for each root of the count, how many of them a query looks into, and vectors a list is learned from.
LISTS, PROBES, SAMPLE = 4, 32, 40


class VectorIndex:
    """Unit vectors, searchable by inner product."""

    def __init__(self, vectors: Vectors, *, exact_up_to: int = EXACT_UP_TO) -> None:
        """Index vectors of shape (count, dimension)."""
        import faiss

        self._count = len(vectors)
        dimension = vectors.shape[1] if vectors.size else 1
        self._faiss: Any = faiss.IndexFlatIP(dimension)
        if self._count > exact_up_to:
            lists = int(LISTS * self._count**0.5)
            self._faiss = faiss.index_factory(dimension, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
            self._faiss.train(
                np.ascontiguousarray(vectors[:: max(1, self._count // (SAMPLE * lists))], dtype=np.float32)
            )
            self._faiss.nprobe = PROBES
        if self._count:
            self._faiss.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def search(self, vector: Vectors, count: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Return (scores, rows) of the nearest vectors to one, best first, at most `count`."""
        wanted = min(count, self._count)
        if not wanted:
            return np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int64)
        scores, rows = self._faiss.search(vector.reshape(1, -1), wanted)
        found = rows[0] >= 0  # the lists looked into may hold fewer than asked for
        return scores[0][found], rows[0][found]
