"""The Rasa actions. Thin: they read the tracker, call `answer_turn`, and hand the reply to the dispatcher.

The last `except` of the action server stands here: an exception that left `run` would be answered by rasa-sdk with a body
that repeats the patient's words, and by Rasa with silence.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.means import means_now
from actions.render import render_sources
from actions.turn import Message, Turn, answer_turn
from bot.fixed_replies import with_reminder
from bot.guardrails.verdict import verdict_of
from bot.receipt import receipt_for
from bot.reply import Reply, reply_from_json
from bot.turns import crisis_categories, past_replies, utterances
from knowledge.followup import Previous
from knowledge.settings import today

logger = logging.getLogger(__name__)


class SafeAction(Action, ABC):
    """An action that always says something: when it fails, the fixed reply that points to people."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Run the action; never raises."""
        events: list[dict[str, Any]] = []
        try:
            said, events = self.say(tracker)
        except Exception as error:  # the patient's words may be in the message and in the trace: log neither
            logger.error("%s failed: %s", self.name(), type(error).__name__)
            said = "utter_error"
        if isinstance(said, Reply):
            reply = said.replace(receipt=receipt_for(utterances(tracker.events), said))
            dispatcher.utter_message(text=reply.text, json_message=reply.to_json())
        else:
            dispatcher.utter_message(response=said)
        return events

    @abstractmethod
    def say(self, tracker: Tracker) -> tuple[Reply | str, list[dict[str, Any]]]:
        """Return a composed reply, or the name of a fixed response of the domain; and the slots that change."""


class AnswerQuestion(SafeAction):
    """Answers from the documents."""

    def name(self) -> str:
        """See rasa_sdk.Action."""
        return "action_answer_question"

    def say(self, tracker: Tracker) -> tuple[Reply | str, list[dict[str, Any]]]:
        """See SafeAction."""
        message = Message(
            text=tracker.latest_message.get("text") or "",
            past=past_replies(tracker.events),
            previous=_previous(tracker),
            verdict=verdict_of(tracker.latest_message),
        )
        turn = answer_turn(message, means=means_now(), today=today())
        return turn.reply or turn.response or "utter_error", _remembered(turn)


def _previous(tracker: Tracker) -> Previous | None:
    query = tracker.get_slot("last_question")
    return Previous(query=query, shown=tuple(tracker.get_slot("last_passages") or ())) if query else None


def _remembered(turn: Turn) -> list[dict[str, Any]]:
    """Return the slots for the next follow-up; a turn without answer leaves them as they are."""
    if turn.answer is None:
        return []
    return [SlotSet("last_question", turn.question), SlotSet("last_passages", list(turn.shown))]


class ShowSources(SafeAction):
    """Lists the sources of the last answer."""

    def name(self) -> str:
        """See rasa_sdk.Action."""
        return "action_show_sources"

    def say(self, tracker: Tracker) -> tuple[Reply | str, list[dict[str, Any]]]:
        """See SafeAction."""
        past = past_replies(tracker.events)
        cited = next((one.reply for one in reversed(past) if one.reply.get("citations")), None)
        if cited is None:
            return "utter_no_sources", []
        means = means_now()
        reply = render_sources(reply_from_json(dict(cited)).citations, means.phrases)
        return with_reminder(reply, means.helplines) if crisis_categories(past) else reply, []
