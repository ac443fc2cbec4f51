"""The learned layer's files: what is written comes back, and what is damaged is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from bot.guardrails import Guard, GuardUnavailableError
from bot.guardrails.guard import read_thresholds
from bot.guardrails.learned import DESCRIPTION, WEIGHTS, LearnedLayer, windows
from tests.guard_values import ZeroEncoder, make_layer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_layer(suicide="the lamp is out").save(tmp_path)
    return tmp_path


def test_a_saved_layer_says_the_same(folder: Path):
    layer, expected = LearnedLayer.load(folder, load_encoder=ZeroEncoder), make_layer(suicide="the lamp is out")
    for text in ("the lamp is out", "hello"):
        np.testing.assert_allclose(layer.probabilities(text), expected.probabilities(text), atol=1e-3)


@pytest.mark.parametrize("text", ["a", "", "x " * 500])
def test_probabilities_add_up_to_one(text: str):
    np.testing.assert_allclose(make_layer().probabilities(text).sum(axis=1), 1)


def test_one_sentence_is_not_drowned_by_a_long_message():
    layer = make_layer(suicide="the lamp at the lighthouse is out")
    text = "we had soup and bread and it rained . " * 30 + "the lamp at the lighthouse is out . "
    assert layer.probabilities(text)[:, layer.labels.index("suicide")].max() > 0.9


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
def test_a_missing_file_makes_the_guard_unavailable(folder: Path, name: str):
    (folder / name).unlink()
    with pytest.raises(GuardUnavailableError, match="run: python"):
        Guard.load(folder)


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
@pytest.mark.parametrize("content", [b"", b"rubbish", b"{}", b"\x00" * 100])
def test_a_damaged_file_makes_the_guard_unavailable(folder: Path, name: str, content: bytes):
    (folder / name).write_bytes(content)
    with pytest.raises(GuardUnavailableError, match="run: python"):
        Guard.load(folder)


def test_a_layer_of_another_format_is_refused(folder: Path):
    description = json.loads((folder / DESCRIPTION).read_text())
    (folder / DESCRIPTION).write_text(json.dumps(description | {"format": 0}))
    with pytest.raises(GuardUnavailableError):
        LearnedLayer.load(folder, load_encoder=ZeroEncoder)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "crisis: 0.5",
        "- 1",
        "crisis: [",
        "{crisis: 2.0, crisis_of_body: 0.5, window: 0.5, dosing: 0.5, misuse: 0.5, personal_advice: 0.5, harmless: 0.9, harmless_crisis: 0.9, crisis_hint: 0.5, distress: 0.5}",
    ],
)
def test_corrupt_thresholds_make_the_guard_unavailable(tmp_path: Path, content: str):
    (tmp_path / "thresholds.yml").write_text(content)
    with pytest.raises(GuardUnavailableError, match="git checkout"):
        read_thresholds(tmp_path / "thresholds.yml")


def test_a_long_text_is_read_in_windows_that_cover_it():
    words = [str(number) for number in range(100)]
    whole, *parts = windows(" ".join(words))
    assert whole.split() == words
    assert {word for part in parts for word in part.split()} == set(words)


def test_harmless_is_the_sum_of_its_kinds():
    layer = dataclasses.replace(
        make_layer(), labels=("distress", "dosing", "education", "everyday", "suicide", "violence")
    )
    assert layer.harmless(np.array([[0.1, 0.2, 0.3, 0.25, 0.1, 0.05]])) == pytest.approx([0.65])
