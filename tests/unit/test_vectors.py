"""Vector search: exact while small, nearly so when large."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.vectors import VectorIndex


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    generator = np.random.default_rng(0)
    centres = generator.standard_normal((40, 32))
    vectors = centres[generator.integers(40, size=4000)] + 0.3 * generator.standard_normal((4000, 32))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_small_index_is_exact(vectors: np.ndarray):
    scores, rows = VectorIndex(vectors).search(vectors[7], 10)
    expected = np.argsort(-vectors @ vectors[7], kind="stable")[:10]
    assert rows[0] == 7
    assert set(rows) == set(expected)
    assert list(scores) == sorted(scores, reverse=True)


def test_a_large_index_finds_nearly_all(vectors: np.ndarray):
    exact, listed = VectorIndex(vectors), VectorIndex(vectors, exact_up_to=1000)
    found = [len(set(exact.search(one, 10)[1]) & set(listed.search(one, 10)[1])) for one in vectors[:50]]
    assert np.mean(found) >= 9.5


def test_no_more_is_found_than_there_is(vectors: np.ndarray):
    assert len(VectorIndex(vectors[:3]).search(vectors[0], 10)[1]) == 3
    assert len(VectorIndex(np.zeros((0, 0), dtype=np.float32)).search(vectors[0], 10)[1]) == 0
