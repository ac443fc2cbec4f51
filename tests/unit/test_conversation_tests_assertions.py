"""Each assertion passes where it should and fails for the right reason."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bot.conversation_tests.assertions import judge
from bot.conversation_tests.schema import KINDS, UNSUPPORTED
from tests.unit.conversation_test_values import DOCUMENTS, EVENTS, answer, step_of, turn

# kind, a value that holds, one that fails, and words of what was found then.
TABLE = [
    ("action_executed", "action_answer_question", "action_other", "action_answer_question"),
    (
        "slot_was_set",
        "[{name: last_question, value: does it help}]",
        "[{name: last_question, value: x}]",
        "does it help",
    ),
    ("slot_was_not_set", "[{name: other}]", "[{name: last_question}]", "last_question="),
    ("bot_uttered", "{utter_name: utter_greet}", "{utter_name: utter_bye}", "utter_greet"),
    ("bot_uttered", "{text_matches: 'evidence .+ mixed'}", "{text_matches: 'is strong'}", "The evidence is mixed."),
    ("bot_uttered", "{buttons: [{title: 'Is it safe?'}]}", "{buttons: [{title: 'Is it?'}]}", "Is it safe?"),
    ("bot_did_not_utter", "{utter_name: utter_bye}", "{utter_name: utter_greet}", "utter_greet"),
    ("bot_did_not_utter", "{text_matches: strong}", "{text_matches: mixed}", "The evidence is mixed."),
    ("route", "answer", "crisis", "answer"),
    ("category", "evidence", "information", "evidence"),
    ("cites", "[cocaine, kahn2009, 'cocaine#1']", "[shoptaw2003]", "kahn2009"),
    ("does_not_cite", "[alcohol]", "[kahn2009]", "kahn2009"),
    ("has_resources", "true", "false", "Call 988"),
    ("has_resources", "[Call 988]", "[Call 911]", "Call 988"),
    ("hedge", "mixed", "weak", "mixed"),
    ("hedge", "true", "null", "mixed"),
    ("disagreement", "true", "false", "True"),
    ("grounded", "true", "false", "it is"),
    ("no_dose", "true", "false", "none"),
    ("receipt", "true", "false", "one of this reply"),
    ("intent", "question", "greet", "question at 0.9"),
    ("intent", "{name: question, min_confidence: 0.8}", "{name: question, min_confidence: 0.95}", "question at 0.9"),
    ("reading_grade_at_most", "12", "1", ""),
    ("latency_ms_at_most", "100", "99", "100 ms"),
    ("text_similar_to", "{text: The evidence is mixed, at_least: 0.3}", "{text: no, at_least: 0.5}", "0."),
]


@pytest.mark.parametrize(("kind", "holds", "fails", "found"), TABLE)
def test_an_assertion_passes_and_fails(tmp_path: Path, kind: str, holds: str, fails: str, found: str):
    (good,) = judge(step_of(tmp_path, f"- {kind}: {holds}"), turn(), DOCUMENTS)
    (bad,) = judge(step_of(tmp_path, f"- {kind}: {fails}"), turn(), DOCUMENTS)
    assert (good.outcome, bad.outcome) == ("passed", "failed")
    assert found in bad.found
    assert bad.wanted


def test_every_kind_of_assertion_is_in_the_table():
    assert {row[0] for row in TABLE} | {"text"} == set(KINDS)


def test_a_text_is_compared_whole(tmp_path: Path):
    step = step_of(tmp_path, "- text: The evidence is mixed.")
    assert judge(step, turn(), DOCUMENTS)[0].outcome == "failed"
    assert judge(step, turn(answer(text="The evidence is mixed.")), DOCUMENTS)[0].outcome == "passed"


GROUNDING = [
    ("shifted", {"start": 1, "end": 36}, "is not what cocaine says at 1 to 36"),
    ("of another document", {"document_id": "other"}, "is not what other says"),
    ("without reference", {"references": ()}, "names no reference"),
]


@pytest.mark.parametrize(("name", "changes", "found"), GROUNDING, ids=[row[0] for row in GROUNDING])
def test_grounded_fails_on_a_citation(tmp_path: Path, name: str, changes: dict[str, object], found: str):
    citation = dataclasses.replace(answer().citations[0], **changes)
    (finding,) = judge(step_of(tmp_path, "- grounded: true"), turn(answer(citations=(citation,))), DOCUMENTS)
    assert finding.outcome == "failed"
    assert found in finding.found


def test_grounded_fails_on_a_statement_that_is_no_slice_of_its_citation(tmp_path: Path):
    statement = dataclasses.replace(answer().statements[0], text="Baclofen is proven for cocaine.")
    (finding,) = judge(step_of(tmp_path, "- grounded: true"), turn(answer(statements=(statement,))), DOCUMENTS)
    assert "statement 1 is not in its citation" in finding.found


def test_grounded_fails_without_any_statement(tmp_path: Path):
    bare = answer(statements=(), citations=())
    assert judge(step_of(tmp_path, "- grounded: true"), turn(bare), DOCUMENTS)[0].found == "no statement"


def test_an_amount_of_a_medicine_is_found(tmp_path: Path):
    (finding,) = judge(step_of(tmp_path, "- no_dose: true"), turn(answer(text="Take 10 mg.")), DOCUMENTS)
    assert (finding.outcome, finding.found) == ("failed", "10 mg")


def test_a_hedge_that_cannot_be_read_does_not_count(tmp_path: Path):
    hidden = answer(text="Baclofen is not proven for cocaine. [1]")
    assert judge(step_of(tmp_path, "- hedge: true"), turn(hidden), DOCUMENTS)[0].outcome == "failed"


def test_a_receipt_of_another_reply_is_found(tmp_path: Path):
    other = turn(answer(receipt=turn().reply.receipt, category="information"))
    assert judge(step_of(tmp_path, "- receipt: true"), other, DOCUMENTS)[0].found == "one of another reply"


@pytest.mark.parametrize("kind", sorted(UNSUPPORTED))
def test_what_rasa_open_source_does_not_have_is_told_and_never_passes(tmp_path: Path, kind: str):
    (finding,) = judge(step_of(tmp_path, f"- {kind}: x"), turn(), DOCUMENTS)
    assert (finding.outcome, finding.found) == ("unsupported", UNSUPPORTED[kind])


@pytest.mark.parametrize("assertion", ["action_executed: x", "intent: x", "bot_uttered: {utter_name: x}"])
def test_without_events_what_needs_them_is_told_and_never_passes(tmp_path: Path, assertion: str):
    (finding,) = judge(step_of(tmp_path, f"- {assertion}"), turn(events=None), DOCUMENTS)
    assert finding.outcome == "unsupported"


def test_order_counts_only_where_it_is_asked_for(tmp_path: Path):
    assertions = "- slot_was_set: [{name: last_question}]\n- action_executed: action_answer_question"
    step = step_of(tmp_path, assertions)
    assert [one.outcome for one in judge(step, turn(), DOCUMENTS)] == ["passed", "passed"]
    ordered = dataclasses.replace(step, in_order=True)
    assert [one.outcome for one in judge(ordered, turn(), DOCUMENTS)] == ["passed", "failed"]
    turned = turn(events=(EVENTS[0], EVENTS[2], EVENTS[1], EVENTS[3]))
    assert [one.outcome for one in judge(ordered, turned, DOCUMENTS)] == ["passed", "passed"]
