"""The guard's memory: the nearest utterances vote for their labels."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from bot.guardrails.encoder import unit
from bot.guardrails.nearest import Nearest

MEMORY = Nearest(vectors=np.eye(4, dtype=np.float32), columns=np.array([0, 1, 1, 2]))


def test_an_utterance_that_is_remembered_votes_for_its_label():
    votes = MEMORY.logits(np.eye(4, dtype=np.float32), 4)
    assert votes.argmax(axis=1).tolist() == [0, 1, 1, 2]


def test_between_two_utterances_the_nearer_one_counts_for_more():
    between = unit(np.array([[0.8, 0.0, 0.0, 0.6]], dtype=np.float32))
    first, _, second, never = MEMORY.logits(between, 4)[0]
    assert first > second > never


def test_far_from_everything_every_utterance_has_the_same_say():
    far = MEMORY.logits(np.zeros((1, 4), dtype=np.float32), 3)[0]
    assert far[1] > far[0] == far[2]


@given(arrays(np.float32, (3, 4), elements=st.floats(-1, 1, width=32)))
def test_a_label_without_a_vote_is_unlikely_but_never_ruled_out(vectors: NDArray[np.float32]):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    votes = MEMORY.logits(np.where(lengths > 0, vectors / np.maximum(lengths, 1e-6), 0), 5)
    assert np.isfinite(votes).all()
    assert (votes[:, 3:] <= votes.min(axis=1, keepdims=True)).all()
