"""The assertions there are: what value each takes, what it needs, and which of them guard a patient's safety."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.conversation_tests.source import Located
from bot.reply import ROUTES

# Written for Rasa Pro's flows and its language-model judge; Rasa Open Source has neither.
UNSUPPORTED = {
    "flow_started": "Rasa Open Source has no flows",
    "flow_completed": "Rasa Open Source has no flows",
    "flow_cancelled": "Rasa Open Source has no flows",
    "pattern_clarification_contains": "Rasa Open Source has no flows",
    "generative_response_is_relevant": "needs a language model as judge",
    "generative_response_is_grounded": "needs a language model as judge; use grounded, which is exact",
}
_UTTERED = ("utter_name", "text_matches", "buttons")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of assertion.

    Attributes:
        read: checks the value where it stands and returns it as plain values.
        from_events: judged on the tracker's events, not on the reply alone.
        safety: a golden transcript is not rewritten while an assertion of this kind fails in its case.
    """

    read: Callable[[Located], Any]
    from_events: bool = False
    safety: bool = False


def _text(node: Located) -> str:
    return node.text()


def _flag(node: Located) -> bool:
    if not isinstance(node.value, bool):
        raise node.error(f"found {node.value!r}, wanted true or false")
    return bool(node.value)


def _number(node: Located) -> float:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise node.error(f"found {value!r}, wanted a number")
    return float(value)


def _texts(node: Located) -> tuple[str, ...]:
    if node.is_list:
        return tuple(item.text() for item in node.items())
    return (node.text(),)


def _flag_or_texts(node: Located) -> bool | tuple[str, ...]:
    return _flag(node) if isinstance(node.value, bool) else _texts(node)


def _hedge(node: Located) -> str | bool | None:
    value = node.value
    return value if value is None or isinstance(value, bool) else node.text()


def _route(node: Located) -> str:
    route = node.text()
    if route not in ROUTES:
        raise node.error(f"found route {route!r}, wanted one of {', '.join(ROUTES)}")
    return route


def _uttered(node: Located) -> Mapping[str, Any]:
    pairs = node.pairs(_UTTERED)
    if not pairs:
        raise node.error(f"wanted at least one of {', '.join(_UTTERED)}")
    read: dict[str, Any] = {}
    for key, value in pairs.items():
        read[key] = tuple(_button(one) for one in value.items()) if key == "buttons" else value.text()
    return read


def _button(node: Located) -> Mapping[str, str]:
    pairs = node.pairs(("title", "payload"))
    if "title" not in pairs:
        raise node.error("a button needs a title")
    return {key: value.text() for key, value in pairs.items()}


def _slots(node: Located) -> tuple[Mapping[str, Any], ...]:
    """Read Rasa Pro's assertion form [{name, value}]; `value` may be left out."""
    found = []
    for item in node.items():
        pairs = item.pairs(("name", "value"))
        if "name" not in pairs:
            raise item.error("a slot needs a name")
        found.append({key: pairs[key].value for key in pairs})
    return tuple(found)


def _similar(node: Located) -> Mapping[str, Any]:
    pairs = node.pairs(("text", "at_least"))
    if set(pairs) != {"text", "at_least"}:
        raise node.error("wanted text and at_least (0 to 1)")
    at_least = _number(pairs["at_least"])
    if at_least > 1:
        raise pairs["at_least"].error(f"found {at_least}, wanted 0 to 1")
    return {"text": pairs["text"].text(), "at_least": at_least}


def _intent(node: Located) -> Mapping[str, Any]:
    if not node.is_mapping:
        return {"name": node.text(), "min_confidence": 0.0}
    pairs = node.pairs(("name", "min_confidence"))
    if "name" not in pairs:
        raise node.error("an intent needs a name")
    least = _number(pairs["min_confidence"]) if "min_confidence" in pairs else 0.0
    return {"name": pairs["name"].text(), "min_confidence": least}


KINDS: Mapping[str, Kind] = {
    # Rasa Pro's.
    "action_executed": Kind(read=_text, from_events=True),
    "slot_was_set": Kind(read=_slots, from_events=True),
    "slot_was_not_set": Kind(read=_slots, from_events=True),
    "bot_uttered": Kind(read=_uttered),
    "bot_did_not_utter": Kind(read=_uttered, safety=True),
    # Ours.
    "route": Kind(read=_route, safety=True),
    "category": Kind(read=_text, safety=True),
    "cites": Kind(read=_texts, safety=True),
    "does_not_cite": Kind(read=_texts, safety=True),
    "has_resources": Kind(read=_flag_or_texts, safety=True),
    "hedge": Kind(read=_hedge, safety=True),
    "disagreement": Kind(read=_flag, safety=True),
    "grounded": Kind(read=_flag, safety=True),
    "no_dose": Kind(read=_flag, safety=True),
    "receipt": Kind(read=_flag, safety=True),
    "intent": Kind(read=_intent, from_events=True),
    "reading_grade_at_most": Kind(read=_number),
    "latency_ms_at_most": Kind(read=_number),
    "text": Kind(read=_text),
    "text_similar_to": Kind(read=_similar),
}


def matches(pattern: str, text: str) -> bool:
    """Whether a text holds a pattern: read as a regular expression, or else word for word."""
    if pattern in text:
        return True
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False
