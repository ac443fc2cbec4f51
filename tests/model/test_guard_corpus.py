"""The guard's corpus keeps its parts apart, and no figure falls below its floor."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.guardrails import Guard
from bot.guardrails.encoder import Array, UtteranceEncoder
from bot.guardrails.evaluate import GuardReport, evaluate
from bot.guardrails.learned import LearnedLayer
from bot.guardrails.utterances import Utterance, read_utterances
from bot.local import ensure_built
from knowledge.settings import state_folder
from tests.guardrails.corpus import TRAINING, development, held_out, label_of, second_reader, training
from tests.guardrails.near_duplicates import near_duplicates, same_words, vectors

FLOORS = yaml.safe_load((Path(__file__).parent.parent / "guardrails" / "floors.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def report() -> GuardReport:
    ensure_built()
    return evaluate(held_out(), Guard.load())


def test_the_corpus_is_large_enough():
    assert len(read_utterances(TRAINING / "train")) + len(development()) + len(held_out()) >= 3000


@pytest.fixture(scope="module")
def parts() -> dict[str, tuple[tuple[Utterance, ...], Array]]:
    """The utterances of each part and their vectors; those of the training part the guard remembers."""
    ensure_built()
    remembered = LearnedLayer.load(state_folder() / "guard", load_encoder=UtteranceEncoder.load).nearest.vectors
    found = {"development": development(), "held out": held_out()}
    measured = {name: (utterances, vectors(utterances)) for name, utterances in found.items()}
    trained = training()
    return {"training": (trained, remembered[: len(trained)]), **measured}


def test_the_guard_remembers_the_training_utterances_in_their_order(
    parts: dict[str, tuple[tuple[Utterance, ...], Array]],
):
    utterances, remembered = parts["training"]
    some = slice(0, len(utterances), 500)
    np.testing.assert_allclose(vectors(utterances[some]), remembered[some], atol=0.02)


@pytest.mark.parametrize(
    ("one", "other"), [("development", "training"), ("held out", "training"), ("held out", "development")]
)
def test_no_near_duplicate_crosses(parts: dict[str, tuple[tuple[Utterance, ...], Array]], one: str, other: str):
    assert near_duplicates(*parts[one], *parts[other]) == []


def test_nothing_that_is_measured_stands_in_what_is_trained_on():
    assert same_words(development() + held_out(), training()) == []


def test_a_second_reader_labelled_every_held_out_utterance_and_seldom_otherwise():
    labels = {one.id: label_of(one) for one in held_out()}
    second = second_reader()
    assert second.keys() == labels.keys()
    assert sum(second[name] == label for name, label in labels.items()) >= 0.97 * len(labels)


@pytest.mark.parametrize("name", FLOORS["recall"])
def test_recall_stays_above_its_floor(report: GuardReport, name: str):
    rate = {**report.slices, **report.categories, **{one.route: one.recall for one in report.routes}}[name]
    assert rate.share is not None
    assert rate.share >= FLOORS["recall"][name]


@pytest.mark.parametrize("name", FLOORS["stopped"])
def test_harmless_messages_that_are_stopped_stay_below_their_ceiling(report: GuardReport, name: str):
    rate = {**report.slices, **report.categories}[name]
    assert rate.share is not None
    assert rate.share <= FLOORS["stopped"][name]


def test_every_slice_that_is_measured_has_a_floor(report: GuardReport):
    measured = {name for name in report.slices if not name.startswith(("benign/", "personal_advice/"))}
    assert measured <= set(FLOORS["recall"])
    assert Counter(one.route for one in held_out())["crisis"] >= 100
