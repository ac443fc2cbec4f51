"""Running, reporting, coverage, breaks and golden texts, with a bot that answers from a script."""

from __future__ import annotations

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation_tests import golden
from bot.conversation_tests.assertions import judge
from bot.conversation_tests.cases import Case, read_suite
from bot.conversation_tests.coverage import Coverage, below
from bot.conversation_tests.mutate import run_mutations
from bot.conversation_tests.reply_breaks import reply_breaks
from bot.conversation_tests.report import Report, as_json
from bot.conversation_tests.reports import junit, markdown, page, terminal
from bot.conversation_tests.runner import CaseResult, Options, StepResult, run_cases
from bot.reply import Reply
from tests.unit.conversation_test_values import DOCUMENTS, ScriptedDriver, answer, suite, turn

GOOD = """\
test_cases:
  - test_case: it helps
    steps:
      - user: does it help
        assertions:
          - route: answer
          - grounded: true
"""
BAD = GOOD.replace("route: answer", "route: crisis").replace("it helps", "<it> & fails")
SMALLTALK = Reply(route="smalltalk", category="greeting", text="Hello.")


async def run(cases: Sequence[Case], *conversations: Sequence[Reply], **options: object) -> list[CaseResult]:
    return await run_cases(cases, ScriptedDriver(*conversations), DOCUMENTS, Options(**options))


async def test_a_case_passes_fails_or_is_skipped(tmp_path: Path):
    cases = suite(tmp_path, GOOD) + suite(tmp_path, BAD, "bad.yml")
    assert [one.outcome for one in await run(cases, [answer()])] == ["passed", "failed"]
    refused = await run_cases(cases, ScriptedDriver([answer()], refuses="not here"), DOCUMENTS)
    assert [(one.outcome, one.reason) for one in refused] == [("skipped", "not here")] * 2


async def test_a_case_of_which_nothing_can_be_told_is_skipped_and_not_passed(tmp_path: Path):
    cases = suite(
        tmp_path, GOOD.replace("route: answer", "flow_started: x").replace("grounded: true", "flow_started: y")
    )
    (result,) = await run(cases, [answer()])
    assert result.outcome == "skipped"
    summary = as_json(Report(results=(result,)), None)["summary"]
    assert summary["unsupported"] == {"flow_started: Rasa Open Source has no flows": 2}


async def test_fail_fast_stops_behind_the_first_failure(tmp_path: Path):
    cases = suite(tmp_path, BAD) + suite(tmp_path, GOOD, "good.yml")
    assert len(await run(cases, [answer()], fail_fast=True)) == 1


async def test_a_repetition_that_gives_other_bytes_fails(tmp_path: Path):
    cases = suite(tmp_path, GOOD)
    other = answer(suggestions=("Is it dangerous?",))
    assert (await run(cases, [answer()], [other], repeat=2))[0].outcome == "failed"
    assert (await run(cases, [answer()], repeat=3))[0].outcome == "passed"


async def test_results_keep_the_order_of_the_files_whatever_the_country(tmp_path: Path):
    text = "fixtures:\n  - a: {country: GB}\ntest_cases:\n"
    text += "  - {test_case: one, fixtures: [a], steps: [{user: hi}]}\n  - {test_case: two, steps: [{user: hi}]}\n"
    driver = ScriptedDriver([answer()])
    results = await run_cases(suite(tmp_path, text), driver, DOCUMENTS)
    assert [one.case.name for one in results] == ["one", "two"]
    assert driver.scenes == [(None, None), ("GB", None), (None, None)]


async def report(tmp_path: Path) -> dict[str, object]:
    cases = suite(tmp_path, GOOD) + suite(tmp_path, BAD, "bad.yml")
    results = tuple(await run(cases, [answer()]))
    coverage = (Coverage(kind="documents", reached=("a",), missing=("b",)),)
    mutations = await run_mutations(results, ScriptedDriver([answer()]), DOCUMENTS)
    return as_json(Report(results=results, coverage=coverage, mutations=mutations), None)


async def test_two_runs_report_the_same_bytes_but_for_times(tmp_path: Path):
    first, second = [
        re.sub(r'"(seconds|milliseconds)": [\d.]+', "", json.dumps(await report(tmp_path))) for _ in range(2)
    ]
    assert first == second


async def test_the_terminal_shows_step_transcript_difference_and_why(tmp_path: Path):
    text = terminal.render(await report(tmp_path))
    assert "bad.yml:2" in text
    assert "> you  does it help" in text
    assert "wanted route crisis, found answer (evidence)" in text
    assert "why  guard: pass, layer none" in text
    assert "not reached: b" in text
    assert "2 conversations, 2 turns, 1 passed, 1 failed" in text


async def test_junit_counts_failures_and_holds_no_character_that_xml_forbids(tmp_path: Path):
    data = await report(tmp_path)
    data["cases"][1]["steps"][0]["user"] = "a\x00b"
    root = ET.fromstring(junit.render(data))
    assert root.attrib["failures"] == "1"
    assert [case.attrib["name"] for case in root.iter("testcase")] == ["it helps", "<it> & fails"]


async def test_markdown_and_page_show_the_failure_and_escape_what_was_said(tmp_path: Path):
    data = await report(tmp_path)
    assert "&lt;it> &amp; fails" in markdown.render(data)
    html = page.render(data)
    assert "&lt;it&gt; &amp; fails" in html
    assert "<it>" not in html


async def test_the_page_needs_nothing_else_and_can_be_read_aloud(tmp_path: Path):
    html = page.render(await report(tmp_path))
    assert '<html lang="en">' in html
    assert "<title>Conversation tests: 1 failed of 2</title>" in html
    assert not re.search(r"<script|src=|href=|@import|url\(", html)
    assert html.count("<table>") == html.count("<caption>")
    assert "<th>" not in html  # each has its scope


def test_a_floor_of_its_own_goes_before_the_general_one():
    coverages = (
        Coverage(kind="documents", reached=("a",), missing=("b",)),
        Coverage(kind="passages", reached=("a",), missing=("b", "c")),
    )
    assert below(coverages, {"": 50, "passages": 20}) == []
    assert below(coverages, {"": 60, "passages": 20}) == ["coverage of documents is 50 %, wanted at least 60 %"]


async def test_a_break_that_a_test_looks_at_is_noticed_and_others_are_named(tmp_path: Path):
    results = await run(suite(tmp_path, GOOD), [answer()])
    mutations = await run_mutations(results, ScriptedDriver([answer()]), DOCUMENTS)
    noticed = {one.name for one in mutations if one.noticed_by}
    unnoticed = {one.name for one in mutations if not one.noticed_by and one.cases}
    assert {"citations of cocaine shifted by one character", "route answer called smalltalk"} <= noticed
    assert {"hedge mixed dropped", "an amount in a reply of route answer"} <= unnoticed


def test_a_break_of_a_fixed_reply_drops_one_paragraph():
    reply = Reply(route="smalltalk", category="greeting", text="Hello.\n\nIn danger call 911.")
    responses = {"utter_greet": [{"text": "Hello.\n\nIn danger call {emergency}.", "custom": {}}]}
    broken = [
        one.change(turn(reply)) for one in reply_breaks([turn(reply)], responses) if one.kind == "fixed reply altered"
    ]
    assert [one.text for one in broken if one] == ["In danger call 911.", "Hello."]


def test_a_recorded_talk_is_a_case_that_holds_its_replies(tmp_path: Path):
    path = tmp_path / "talk.yml"
    golden.write_case(path, golden.record("first", [("does it help", answer())]))
    golden.write_case(path, golden.record("second", [("hi", SMALLTALK)]))
    first, second = read_suite(path)
    values = {one.kind: one.value for one in first.steps[0].assertions}
    assert values["text"] == answer().text
    assert values["cites"] == ("cocaine",)
    assert [one.kind for one in second.steps[0].assertions] == ["route", "category", "no_dose", "text"]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip() == text))
def test_any_text_that_is_recorded_or_rewritten_is_read_back(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.mktemp("golden") / "talk.yml"
    golden.write_case(path, golden.record("any", [("hi", SMALLTALK.replace(text=text))]))
    assert texts(path) == [text]
    (case,) = read_suite(path)
    step = StepResult(step=case.steps[0], turn=turn(SMALLTALK.replace(text=text + "\nmore")), findings=())
    step = dataclasses.replace(step, findings=judge(step.step, step.turn, DOCUMENTS))
    changes, _ = golden.updates([CaseResult(case=case, steps=(step,))])
    path.write_text(changes[path], encoding="utf-8")
    assert texts(path) == [text + "\nmore"]


def texts(path: Path) -> list[str]:
    return [one.value for case in read_suite(path) for one in case.steps[0].assertions if one.kind == "text"]


def test_a_suite_that_does_not_end_with_its_cases_is_not_recorded_into(tmp_path: Path):
    path = tmp_path / "talk.yml"
    path.write_text("test_cases: []\nfixtures: []\n")
    with pytest.raises(golden.GoldenError):
        golden.write_case(path, golden.record("first", [("hi", SMALLTALK)]))
    assert path.read_text() == "test_cases: []\nfixtures: []\n"


GOLDEN = """\
# A remark that stays.
test_cases:
  - test_case: golden
    steps:
      - user: does it help
        assertions:
          - route: {route}
          - text: |-
              Old words.

              More old words.
          - category: evidence   # stays too
      - user: again
      - bot: "old"
"""


async def test_golden_texts_are_rewritten_and_nothing_else(tmp_path: Path):
    new = answer(text="New words.\n\n  More: new words.")
    results = await run(suite(tmp_path, GOLDEN.replace("{route}", "answer")), [new, new.replace(text="new")])
    changes, refused = golden.updates(results)
    ((path, content),) = changes.items()
    assert refused == []
    assert content == GOLDEN.replace("{route}", "answer").replace("Old words.", "New words.", 1).replace(
        "More old words.", "  More: new words."
    ).replace('"old"', '"new"')
    path.write_text(content)
    assert (await run(read_suite(path), [new, new.replace(text="new")]))[0].outcome == "passed"
    assert yaml.safe_load(content)["test_cases"][0]["steps"][2] == {"bot": "new"}


async def test_a_text_is_not_rewritten_where_safety_fails_too(tmp_path: Path):
    new = answer(text="New words.")
    results = await run(suite(tmp_path, GOLDEN.replace("{route}", "crisis")), [new, new])
    changes, refused = golden.updates(results)
    assert changes == {}
    assert refused == [results[0].case.id]
