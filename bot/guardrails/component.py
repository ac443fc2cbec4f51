"""The guardrail as a Rasa component: last in the pipeline, it sees every message before any policy.

When the guard finds something it sets the intent itself, with full confidence, so that RulePolicy gives the fixed reply
from the domain without the action server. It fails closed: whatever goes wrong inside becomes the intent `guard_fault`,
whose reply is safe and carries the crisis lines.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.guardrails import Guard, PastTurn, Verdict
from bot.guardrails.verdict import VERDICT
from bot.turns import past_replies, past_turns

logger = logging.getLogger(__name__)

FAULT = "guard_fault"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class GuardrailComponent(GraphComponent):
    """Checks every message with the guard and overrides the intent where it must."""

    def __init__(self, guard: Guard | None) -> None:
        """Take a guard, or None when none could be loaded: then every message is answered with the safe reply."""
        self._guard = guard

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GuardrailComponent:
        """Load the guard once, when the model is loaded."""
        try:
            return cls(Guard.load())
        except Exception as error:  # fail closed: a service without its guard must still point to people
            logger.critical("The guardrail could not be loaded (%s): %s", type(error).__name__, error)
            return cls(None)

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        """Check each message; `tracker` is handed in by Rasa because of this parameter's name."""
        for message in messages:
            verdict = self._check(message.get(TEXT) or "", tracker)
            message.set(VERDICT, dataclasses.asdict(verdict), add_to_output=True)
            intent = intent_of(verdict)
            if intent is not None:
                message.set(INTENT, {"name": intent, "confidence": 1.0}, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [], add_to_output=True)
        return messages

    def _check(self, utterance: str, tracker: DialogueStateTracker | None) -> Verdict:
        try:
            if self._guard is None:
                raise RuntimeError("no guard was loaded")
            return self._guard.check(utterance, previous=_previous(tracker))
        except Exception as error:  # fail closed; the message may hold the patient's words, so only the kind is logged
            logger.error("The guardrail failed: %s", type(error).__name__)
            return fault_verdict()


def fault_verdict() -> Verdict:
    """Return the verdict for a guard that could not do its work."""
    return Verdict(route=FAULT, category=None, layer="fault", rule=None, score=None, education=False)


def intent_of(verdict: Verdict) -> str | None:
    """Return the intent that a verdict forces, or None if NLU's own intent stands."""
    match verdict.route:
        case "crisis":
            return f"crisis_{verdict.category}"
        case "dosing" | "misuse":
            return verdict.route
        case "language":
            return "other_language"
        case "personal_advice":
            return "question"
        case "pass":
            return None
        case _:
            return FAULT


def _previous(tracker: DialogueStateTracker | None) -> tuple[PastTurn, ...]:
    if tracker is None:
        return ()
    return past_turns(past_replies(event.as_dict() for event in tracker.applied_events()))
