"""The project's own questions, as patients ask them: the right passage, or honest silence.

Figures with their slices: `make bench-retrieval`. The bounds here are under what was measured, to catch a fall.
"""

from __future__ import annotations

import pytest

from knowledge.build import load_corpus
from knowledge.retriever import Retriever
from tests.benchmarks.retrieval import Figures, measure, read_questions


@pytest.fixture(scope="module")
def figures(retriever: Retriever) -> Figures:
    return measure(retriever)


def test_every_labelled_passage_exists():
    known = {passage.id for passage in load_corpus().passages if not passage.is_safety_line}
    assert not [question for question in read_questions("answerable") if not set(question.passages) <= known]


def test_the_right_passage_comes_first_or_among_the_first_three(figures: Figures):
    assert figures.first >= 0.86
    assert figures.first_three >= 0.94


def test_few_that_can_be_answered_are_refused(figures: Figures):
    assert figures.refused <= 0.03


def test_most_that_nothing_answers_get_silence(figures: Figures):
    assert figures.abstained >= 0.94
