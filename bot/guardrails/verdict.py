"""What the guard finds, and what it is told of the conversation so far. Values only; every other module speaks in these."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

# Under which key a message carries its verdict into the tracker, where actions, replies and tests read it.
VERDICT = "guard"
# What a patient is stopped for, most urgent first.
GUARDED = ("crisis", "dosing", "misuse", "personal_advice")
# When several apply, the first one is the verdict.
PRECEDENCE = (*GUARDED, "language", "pass")
CRISIS_CATEGORIES = ("suicide", "self_harm", "overdose", "withdrawal", "medical_emergency", "violence")
# The category of a message that passes and tells of grief, shame or craving without danger.
DISTRESS = "distress"
# What nobody guards, in the three kinds that sound so differently that the learned layer tells them apart.
HARMLESS = (DISTRESS, "education", "everyday")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the guard found in one utterance.

    Attributes:
        route: one of PRECEDENCE; "pass" lets the dialogue go its way.
        category: for crisis one of CRISIS_CATEGORIES, for language an ISO 639-1 code, for pass DISTRESS or None; else free
            or None.
        layer: which layer decided: "rules", "model", "context", or "none" when none had anything to say.
        rule: id of the rule that fired; never the patient's words.
        score: probability of the route from the learned layer, where it was asked.
        language: ISO 639-1 code of the reply; English wherever there is no translation.
        education: a general question near a crisis topic; it passes, and the help line is shown beneath the answer.
    """

    route: str
    category: str | None = None
    layer: str = "none"
    rule: str | None = None
    score: float | None = None
    language: str = "en"
    education: bool = False


def verdict_of(message: Mapping[str, Any]) -> Verdict | None:
    """Return the verdict that the dialogue server's guard came to, or None if the message holds none that reads as one."""
    try:
        verdict = Verdict(**message[VERDICT])
    except (KeyError, TypeError):
        return None
    return verdict if verdict.route in PRECEDENCE else None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PastTurn:
    """One turn that is over: what was said, the route and category of the reply, and the domain response it came from."""

    utterance: str
    route: str
    category: str | None
    response: str | None
