"""Retrieval is out of reach on a guarded turn, whatever was said before."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from actions.means import load_means
from actions.phrases import load_phrases
from actions.turn import Means, Message, answer_turn
from bot.guardrails import Guard
from bot.guardrails.rules import load_rules
from bot.local import ensure_built
from bot.settings import load_settings
from bot.turns import PastReply
from knowledge.helplines import read_helplines

TODAY = datetime.date(2026, 11, 20)


class Tripwire:
    """A retriever that nobody may touch."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"retrieval was reached: {name}")


@pytest.fixture(scope="module")
def guard() -> Guard:
    ensure_built()
    return Guard.load()


def past(route: str, category: str | None, utterance: str = "hello") -> PastReply:
    reply = {"route": route, "category": category, "statements": [], "citations": []}
    return PastReply(utterance=utterance, reply=reply, response=None)


STATES = {
    "fresh": (),
    "after an answer": (past("answer", "evidence", "does baclofen help with cocaine"),),
    "after a crisis": (past("crisis", "suicide", "i want to die"),),
    "after a dosing reply": (past("dosing", "dosing", "how many mg should i take"),),
    "after nothing was found": (past("no_answer", "off_topic", "who won the cup"),),
}
GUARDED = [
    phrase
    for file in load_rules()
    if file.route in ("crisis", "dosing", "misuse") and not file.after
    for phrase in file.must_fire
]


@pytest.mark.parametrize("state", STATES)
def test_no_guarded_phrase_reaches_retrieval(guard: Guard, state: str):
    means = Means(
        guard=guard,
        retriever=Tripwire(),
        phrases=load_phrases(),
        helplines=read_helplines(load_settings().country),
    )
    assert len(GUARDED) > 100
    for phrase in GUARDED:
        turn = answer_turn(Message(text=phrase, past=STATES[state]), means=means, today=TODAY)
        assert turn.response is not None
        assert turn.response.startswith(("utter_crisis_", "utter_dosing", "utter_misuse"))


def test_the_tripwire_trips():
    means = Means(
        guard=load_means().guard,
        retriever=Tripwire(),
        phrases=load_phrases(),
        helplines=read_helplines(load_settings().country),
    )
    with pytest.raises(AssertionError, match="retrieval was reached"):
        answer_turn(Message(text="what is baclofen"), means=means, today=TODAY)
