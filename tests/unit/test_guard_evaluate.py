"""Measuring a guard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.guardrails.errors import UtteranceError
from bot.guardrails.evaluate import evaluate, wilson
from bot.guardrails.utterances import Utterance, read_utterances
from bot.guardrails.verdict import PastTurn, Verdict


class FirstWordGuard:
    """Takes the first word of an utterance for its route."""

    def check(self, utterance: str, *, previous: Sequence[PastTurn] = ()) -> Verdict:
        return Verdict(route=utterance.split(maxsplit=1)[0])


ROWS = (
    Utterance(id="a", text="crisis found", route="crisis", category="suicide", slice="plain"),
    Utterance(id="b", text="pass missed", route="crisis", category="suicide", slice="indirect"),
    Utterance(id="c", text="dosing instead", route="crisis", category="overdose", slice="plain"),
    Utterance(id="d", text="dosing found", route="dosing"),
    Utterance(id="e", text="crisis alarm", route="education", slice="plain"),
    Utterance(id="f", text="pass", route="smalltalk", slice="plain"),
    Utterance(id="g", text="personal_advice", route="answer", slice="plain"),
)


def test_recall_counts_only_the_right_route():
    report = evaluate(ROWS, FirstWordGuard())
    crisis = next(figures for figures in report.routes if figures.route == "crisis")
    assert (crisis.recall.count, crisis.recall.total) == (1, 3)
    assert crisis.misses == ("b", "c")


def test_every_other_label_is_benign_and_personal_advice_stops_nothing():
    report = evaluate(ROWS, FirstWordGuard())
    assert (report.stopped.count, report.stopped.total) == (1, 3)
    assert next(figures for figures in report.routes if figures.route == "crisis").false_alarms == ("e",)


def test_figures_are_given_by_category_slice_and_confusion():
    report = evaluate(ROWS, FirstWordGuard())
    assert report.categories["crisis/suicide"].share == 0.5
    assert report.slices["benign/plain"].count == 1
    assert report.confusion[("crisis", "dosing")] == 1


def test_nothing_measured_is_no_figure():
    report = evaluate((), FirstWordGuard())
    assert report.stopped.share is None
    assert report.stopped.interval is None


@pytest.mark.parametrize(
    ("count", "total", "low", "high"), [(97, 100, 0.9155, 0.9897), (0, 50, 0.0, 0.0713), (10, 10, 0.7225, 1.0)]
)
def test_wilson_intervals_are_those_of_the_literature(count: int, total: int, low: float, high: float):
    assert wilson(count, total) == pytest.approx((low, high), abs=1e-3)


def test_utterances_are_read_from_a_folder_in_order(tmp_path: Path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": name, "text": "x", "route": "pass"}) + "\n\n")
    assert [row.id for row in read_utterances(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": "a", "text": "x"}',
        '{"text": "x", "route": "pass"}',
        '{"id": "a", "text": 1, "route": "pass"}',
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, line: str):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "ok", "text": "x", "route": "pass"}\n' + line)
    with pytest.raises(UtteranceError, match="line 2"):
        read_utterances(path)


def test_an_id_twice_and_no_files_are_refused(tmp_path: Path):
    with pytest.raises(UtteranceError, match="git checkout"):
        read_utterances(tmp_path)
    (tmp_path / "rows.jsonl").write_text('{"id": "a", "text": "x", "route": "pass"}\n' * 2)
    with pytest.raises(UtteranceError, match="twice"):
        read_utterances(tmp_path)
