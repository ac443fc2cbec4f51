"""The guard's memory: how the training utterances are labelled that mean most nearly the same as a message.

Tuned layers learn what messages of one kind have in common; a remark that is of no kind they put anywhere. Here it finds its
like, if anyone ever wrote it. At the same recall, the memory halves how many harmless messages are stopped.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

# How many neighbours vote, how fast a vote fades with the distance (cosine), the share of a label without any vote, and how
# much the memory counts beside the heads. Chosen on the development utterances; values near these do as well.
_NEIGHBOURS, _FADING, _LEAST, _WEIGHT = 100, 0.03, 1e-3, 0.6
# So much farther away than the nearest, a vote counts less than a ten-thousandth of its vote: no need to sort those.
_FARTHEST = 10 * _FADING


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The remembered utterances.

    Attributes:
        vectors: of length one, as the packaged encoder gives them; shape (n_utterances, DIMENSION).
        columns: the label of each, as its column; shape (n_utterances,).
    """

    vectors: NDArray[np.float32]
    columns: NDArray[np.int64]

    def logits(self, vectors: NDArray[np.float32], n_labels: int) -> NDArray[np.float64]:
        """Return the weighted logarithm of each label's share of the votes, shape (len(vectors), n_labels)."""
        shares = np.zeros((len(vectors), n_labels))
        for row, vector in enumerate(vectors):  # one by one: a product of two matrices would copy the memory
            similar = self.vectors @ vector
            nearest = np.flatnonzero(similar >= similar.max() - _FARTHEST)
            if len(nearest) > _NEIGHBOURS:
                nearest = nearest[np.argpartition(similar[nearest], -_NEIGHBOURS)[-_NEIGHBOURS:]]
            weights = np.exp((similar[nearest] - 1) / _FADING)
            shares[row] = np.bincount(self.columns[nearest], weights=weights, minlength=n_labels)
        weighted: NDArray[np.float64] = _WEIGHT * np.log(shares / shares.sum(axis=1, keepdims=True) + _LEAST)
        return weighted
