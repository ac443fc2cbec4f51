"""Reading suites: Rasa Pro's form unchanged, and faults named where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation_tests.cases import read_cases
from bot.conversation_tests.schema import UNSUPPORTED
from bot.conversation_tests.source import SuiteError
from tests.unit.conversation_test_values import suite

# A suite as teams with Rasa Pro write them, of our own making: every documented key.
RASA_PRO = """\
fixtures:
  - premium:
      - membership: premium
      - logged_in: true
  - abroad:
      country: GB
      mocked_datetime: "2027-01-31T10:00:00+00:00"
metadata:
  - person:
      language: English
  - second:
      turn_idx: 2
stub_custom_actions:
  check_balance:
    events:
      - event: slot
        name: balance
        value: 1000
    responses:
      - text: You have 1000.
  pays a bill::check_balance:
    events: []
    responses: []
test_cases:
  - test_case: pays a bill
    fixtures: [premium, abroad]
    metadata: person
    steps:
      - user: I want to pay
        metadata: second
        assertion_order_enabled: true
        assertions:
          - flow_started: pay_bill
          - flow_started: {operator: all, flow_ids: [pay_bill]}
          - flow_completed: {flow_id: pay_bill, flow_step_id: confirm}
          - flow_cancelled: {flow_id: pay_bill}
          - pattern_clarification_contains: [pay_bill, top_up]
          - slot_was_set:
              - name: payee
              - name: amount
                value: 20
          - slot_was_not_set:
              - name: refund
          - action_executed: check_balance
          - bot_uttered:
              utter_name: utter_ask_amount
              text_matches: How much
              buttons:
                - title: All of it
                  payload: /all
          - bot_did_not_utter: {text_matches: sorry}
          - generative_response_is_relevant: {threshold: 0.9, utter_name: utter_x}
          - generative_response_is_grounded: {threshold: 0.9, ground_truth: It is so.}
  - test_case: older style
    steps:
      - user: hello
      - utter: utter_greet
      - user: pay
      - bot: How much?
      - slot_was_set:
          - payee
          - amount: 20
      - slot_was_not_set:
          - refund
"""


def test_a_suite_in_rasa_pros_form_is_read_unchanged(tmp_path: Path):
    new, old = suite(tmp_path, RASA_PRO)
    assert new.slots == {"membership": "premium", "logged_in": True}
    assert (new.country, new.day) == ("GB", "2027-01-31")
    assert new.stubs == {"check_balance": {"events": [], "responses": []}}
    assert new.steps[0].metadata == {"language": "English", "turn_idx": 2}
    assert new.steps[0].in_order
    kinds = [one.kind for one in new.steps[0].assertions]
    assert {kind for kind in kinds if kind in UNSUPPORTED} == set(UNSUPPORTED)
    assert len(kinds) == 12
    assert [one.kind for step in old.steps for one in step.assertions] == [
        "bot_uttered",
        "text",
        "slot_was_set",
        "slot_was_not_set",
    ]
    assert old.steps[1].assertions[1].value == ({"name": "payee"}, {"name": "amount", "value": 20})
    assert old.stubs == {
        "check_balance": {
            "events": [{"event": "slot", "name": "balance", "value": 1000}],
            "responses": [{"text": "You have 1000."}],
        }
    }


def test_steps_of_the_older_style_count_for_nothing_behind_assertions(tmp_path: Path):
    text = """\
test_cases:
  - test_case: one
    steps:
      - user: hello
        assertions:
          - route: smalltalk
      - bot: exactly this
"""
    assert [one.kind for one in suite(tmp_path, text)[0].steps[0].assertions] == ["route"]


HEAD = "test_cases:\n  - test_case: one\n    steps:\n      - user: hello\n        assertions:\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("test_case:\n  - a\n", ":1:1: unknown key 'test_case'; did you mean 'test_cases'?"),
        ("fixtures: []\n", ":1:1: key 'test_cases' is missing"),
        ("", ":1:1: the file is empty"),
        ("test_cases:\n  - steps: []\n", ":2:5: key 'test_case' is missing"),
        ("test_cases:\n  - test_case: a\n    step: []\n", ":3:5: unknown key 'step'; did you mean 'steps'?"),
        ("test_cases:\n  - test_case: a\n    steps: []\n", ":3:12: a test case needs at least one user step"),
        ("test_cases:\n  - test_case: a\n    steps:\n      - bot: hi\n", ":4:9: the first step must be a user step"),
        ("test_cases:\n  - {test_case: a, fixtures: [prem], steps: []}\n", ":2:31: no fixture is called 'prem'"),
        ("test_cases:\n  - test_case: [a\n", ":3:1: not valid YAML"),
        ("test_cases: {}\n", ":1:13: found keys with values, wanted a list"),
        (HEAD + "          - rout: answer\n", ":6:13: unknown key 'rout'; did you mean 'route'?"),
        (HEAD + "          - route: answers\n", ":6:20: found route 'answers', wanted one of answer,"),
        (HEAD + "          - grounded: maybe\n", ":6:23: found 'maybe', wanted true or false"),
        (HEAD + "          - latency_ms_at_most: fast\n", ":6:33: found 'fast', wanted a number"),
        (HEAD + "          - slot_was_set: [{nam: a}]\n", ":6:29: unknown key 'nam'; did you mean 'name'?"),
        (HEAD + "          - bot_uttered: {}\n", ":6:26: wanted at least one of utter_name"),
        (HEAD + "          - text_similar_to: {text: a}\n", ":6:30: wanted text and at_least"),
        (HEAD + "          - route: answer\n            route: crisis\n", ":7:13: key 'route' stands twice"),
    ],
)
def test_a_fault_is_named_by_line_column_and_key(tmp_path: Path, text: str, wanted: str):
    with pytest.raises(SuiteError) as caught:
        suite(tmp_path, text)
    assert f"{tmp_path / 'suite.yml'}{wanted}" in str(caught.value)


def test_two_cases_of_one_name_are_refused(tmp_path: Path):
    case = "  - test_case: a\n    steps:\n      - user: hi\n"
    with pytest.raises(SuiteError, match=r":5:5: test case 'a' stands twice"):
        suite(tmp_path, "test_cases:\n" + case + case)


def test_folders_files_and_single_cases_can_be_given(tmp_path: Path):
    case = "test_cases:\n  - test_case: {}\n    steps:\n      - user: hi\n"
    (tmp_path / "a.yml").write_text(case.format("first") + case.format("second").removeprefix("test_cases:\n"))
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.yaml").write_text(case.format("third"))
    assert [one.name for one in read_cases([str(tmp_path)])] == ["first", "second", "third"]
    assert [one.name for one in read_cases([f"{tmp_path / 'a.yml'}::second"])] == ["second"]
    with pytest.raises(SuiteError, match="does not exist"):
        read_cases([str(tmp_path / "missing.yml")])


def test_fixtures_of_a_conftest_hold_for_the_folder_below(tmp_path: Path):
    (tmp_path / "conftest.yml").write_text("fixtures:\n  - britain: {country: GB}\n  - day: {country: IE}\n")
    text = "fixtures:\n  - day: {country: NZ}\ntest_cases:\n"
    text += "".join(
        f"  - test_case: {name}\n    fixtures: [{name}]\n    steps:\n      - user: hi\n" for name in ("britain", "day")
    )
    assert [case.country for case in suite(tmp_path, text)] == ["GB", "NZ"]
