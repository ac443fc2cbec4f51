"""One turn, from the patient's words to what will be said: guard, retrieve, compose, check, reply."""

from __future__ import annotations

import dataclasses
import datetime
import logging
from collections.abc import Sequence

from actions.checks import findings
from actions.compose import Answer, compose
from actions.phrases import Phrases
from actions.render import render_advice_only, render_answer, render_did_you_mean, render_no_more
from bot.fixed_replies import with_reminder
from bot.guardrails import Guard, Verdict
from bot.guardrails.verdict import DISTRESS
from bot.reply import Reply
from bot.turns import PastReply, crisis_categories, past_turns
from knowledge.followup import Asked, Previous, read_follow_up
from knowledge.helplines import Helplines
from knowledge.retriever import Retriever, Search

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What answering needs, loaded once."""

    guard: Guard
    retriever: Retriever
    phrases: Phrases
    helplines: Helplines


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Everything one turn produced. Exactly one of `reply` and `response` is set.

    Attributes:
        reply: a composed reply.
        response: the name of a fixed response of the domain.
        question: what this turn answered, for the next follow-up.
        shown: ids of the passages shown for this question, earlier turns included; "tell me more" leaves them out.
    """

    verdict: Verdict
    search: Search | None = None
    answer: Answer | None = None
    reply: Reply | None = None
    response: str | None = None
    shown: tuple[str, ...] = ()
    question: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a patient wrote, with what the tracker holds of the conversation.

    Attributes:
        past: the replies so far.
        previous: the question that this one may lean on.
        verdict: what the dialogue server's guard found in it; None where there is no dialogue server before us.
    """

    text: str
    past: Sequence[PastReply] = ()
    previous: Previous | None = None
    verdict: Verdict | None = None


def answer_turn(message: Message, *, means: Means, today: datetime.date) -> Turn:
    """Answer one message."""
    verdict = message.verdict or means.guard.check(message.text, previous=past_turns(message.past))
    if response := _fixed_response(verdict):
        return Turn(verdict=verdict, response=response)
    asked, search = find(message.text, message.previous, means.retriever, today)
    answer = compose(search, means.retriever.corpus, means.retriever.vocabulary, evidence_first=asked.wants_evidence)
    if answer is None and verdict.route != "personal_advice":
        return _no_answer(verdict, asked, search, means)
    reply = _reply(answer, verdict, message.past, means)
    if found := findings(reply, (line.contact for line in means.helplines.lines)):
        logger.error("A reply was blocked by the output check: %s", ", ".join(found))
        return Turn(verdict=verdict, search=search, answer=answer, response="utter_error")
    previous = message.previous
    before = previous.shown if previous and asked.wants_more else ()
    shown = tuple(one.passage.id for one in answer.statements) if answer else ()
    return Turn(
        verdict=verdict,
        search=search,
        answer=answer,
        reply=reply,
        question=previous.query if previous and asked.stays else search.query.text,
        shown=tuple(dict.fromkeys(before + shown)),
    )


def find(utterance: str, previous: Previous | None, retriever: Retriever, today: datetime.date) -> tuple[Asked, Search]:
    """Search for what a message asks; of several readings, the one that finds most."""
    groups = (retriever.settings.substances, retriever.settings.treatments)
    asked = read_follow_up(utterance, previous, retriever.vocabulary, groups)
    shown = previous.shown if previous and asked.wants_more else ()
    searches = [retriever.search(text, today=today, without=shown) for text in asked.texts]
    found = max(searches, key=lambda search: (search.outcome == "found", search.score))
    if found.outcome != "found" and asked.otherwise:
        leaning = retriever.search(asked.otherwise, today=today)
        found = leaning if leaning.outcome == "found" else found
    return asked, found


def _no_answer(verdict: Verdict, asked: Asked, search: Search, means: Means) -> Turn:
    if asked.wants_more:
        return Turn(verdict=verdict, search=search, reply=render_no_more(means.phrases))
    if verdict.category == DISTRESS:
        return Turn(verdict=verdict, search=search, response="utter_distress")
    if search.outcome == "unclear" and search.nearest:
        return Turn(verdict=verdict, search=search, reply=render_did_you_mean(search, means.phrases))
    outcome = search.outcome if search.outcome != "found" else "nothing_found"
    return Turn(verdict=verdict, search=search, response=f"utter_{outcome}")


def _reply(answer: Answer | None, verdict: Verdict, past: Sequence[PastReply], means: Means) -> Reply:
    advice = verdict.route == "personal_advice"
    if answer is None:
        reply = render_advice_only(means.phrases)
    else:
        reply = render_answer(answer, means.retriever.corpus, means.phrases, advice=advice)
    with_lines = verdict.education or verdict.category == DISTRESS or crisis_categories(past)
    return with_reminder(reply, means.helplines) if with_lines else reply


def _fixed_response(verdict: Verdict) -> str | None:
    """The dialogue server has routed guarded messages already; this holds should one ever come this far."""
    match verdict.route:
        case "crisis":
            return f"utter_crisis_{verdict.category}"
        case "dosing" | "misuse" | "language":
            return f"utter_{verdict.route}"
        case "pass" | "personal_advice":
            return None
        case _:
            return "utter_error"
