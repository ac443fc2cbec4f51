"""Our own conversations in tests/conversations: all hold, they reach everything, and they notice what breaks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.conversation_tests.cases import read_cases
from bot.conversation_tests.coverage import coverage_of
from bot.conversation_tests.drivers import InProcess
from bot.conversation_tests.mutate import run_mutations
from bot.conversation_tests.report import Report, as_json
from bot.conversation_tests.reports.terminal import render
from bot.conversation_tests.runner import CaseResult, read_documents, run_cases
from tests.conversation.conftest import Talk

SUITE = Path(__file__).parents[1] / "conversations"
PRO = """\
fixtures:
  - known: [{last_question: does baclofen help with cocaine cravings}]
stub_custom_actions:
  stubbed::action_answer_question:
    events: [{event: slot, name: last_question, value: stubbed}]
    responses: [{text: I am a stub.}]
test_cases:
  - test_case: stubbed
    steps:
      - user: does baclofen help with drinking?
        assertions:
          - bot_uttered: {text_matches: I am a stub}
          - slot_was_set: [{name: last_question, value: stubbed}]
          - action_executed: action_answer_question
"""


@pytest.fixture(scope="module")
def results(talk: Talk) -> list[CaseResult]:
    return talk.run(run_cases(read_cases([str(SUITE)]), InProcess(talk.bot), read_documents()), 600)


def test_every_conversation_holds(talk: Talk, results: list[CaseResult]):
    assert len(results) >= 150
    assert [one.case.id for one in results if one.outcome != "passed"] == [], render(shown(talk, results))


@pytest.mark.parametrize("kind", ["intents", "responses", "actions", "guardrails", "documents", "help lines"])
def test_the_conversations_reach_every_one_of(results: list[CaseResult], kind: str):
    (coverage,) = (one for one in coverage_of(results) if one.kind == kind)
    assert coverage.missing == ()


def test_a_second_run_reports_the_same_bytes_but_for_times(talk: Talk, results: list[CaseResult]):
    cases = [case for case in read_cases([str(SUITE)]) if case.path.stem in ("crisis", "follow_ups")]
    again = talk.run(run_cases(cases, InProcess(talk.bot), read_documents()), 600)
    first = [one for one in results if one.case.path.stem in ("crisis", "follow_ups")]
    assert without_times(talk, again) == without_times(talk, first)


def test_most_breaks_are_noticed(talk: Talk, results: list[CaseResult]):
    mutations = talk.run(run_mutations(results, InProcess(talk.bot), read_documents()), 600)
    unnoticed = [one.name for one in mutations if not one.noticed_by]
    assert len(mutations) > 200
    assert len(unnoticed) <= 0.05 * len(mutations), "\n".join(unnoticed)


def test_actions_can_be_stubbed_and_slots_set_as_in_rasa_pro(talk: Talk, tmp_path: Path):
    path = tmp_path / "pro.yml"
    path.write_text(PRO)
    (result,) = talk.run(run_cases(read_cases([str(path)]), InProcess(talk.bot), read_documents()), 600)
    assert result.outcome == "passed"


def test_the_first_test_of_the_readme_passes(talk: Talk, tmp_path: Path):
    readme = (SUITE.parents[1] / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "mine.yml"
    path.write_text(re.findall(r"```yaml\n(test_cases:.+?)```", readme, re.DOTALL)[0])
    (result,) = talk.run(run_cases(read_cases([str(path)]), InProcess(talk.bot), read_documents()))
    assert result.outcome == "passed", render(shown(talk, [result]))


def test_a_fixture_sets_a_slot_before_the_first_message(talk: Talk, tmp_path: Path):
    path = tmp_path / "fixture.yml"
    path.write_text(
        "fixtures:\n  - known: [{last_question: does baclofen help with cocaine cravings}]\n  - odd: [{unheard_of: 1}]\n"
        "test_cases:\n"
        "  - {test_case: known, fixtures: [known], steps: [{user: what about alcohol, assertions: "
        "[{cites: [baclofen-and-alcohol]}]}]}\n"
        "  - {test_case: odd, fixtures: [odd], steps: [{user: hi, assertions: [{route: smalltalk}]}]}\n"
    )
    known, odd = talk.run(run_cases(read_cases([str(path)]), InProcess(talk.bot), read_documents()), 600)
    assert known.outcome == "passed"
    assert (odd.outcome, odd.reason) == ("skipped", "fixtures: the domain has no slot unheard_of")


def test_a_day_after_the_review_ran_out_nothing_is_cited(talk: Talk, tmp_path: Path):
    path = tmp_path / "day.yml"
    path.write_text(
        'fixtures:\n  - far_off: [{mocked_datetime: "2099-01-01"}]\ntest_cases:\n'
        "  - {test_case: overdue, fixtures: [far_off], steps: [{user: what is baclofen, assertions: [{route: no_answer}]}]}\n"
    )
    (result,) = talk.run(run_cases(read_cases([str(path)]), InProcess(talk.bot), read_documents()), 600)
    assert result.outcome == "passed"
    assert talk.ask("what is baclofen").route == "answer"


def shown(talk: Talk, results: list[CaseResult]) -> dict[str, Any]:
    return as_json(Report(results=tuple(results)), talk.bot)


def without_times(talk: Talk, results: list[CaseResult]) -> str:
    data = json.dumps(shown(talk, results)["cases"], ensure_ascii=False)
    return re.sub(r'"(seconds|milliseconds)": [\d.]+', "", data)
