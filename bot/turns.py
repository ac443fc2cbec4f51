"""What was said so far, read from Rasa's tracker events; the tracker is the only place that remembers a conversation.

Works on the events as plain dictionaries, so that the dialogue server and the action server see the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from bot.guardrails import PastTurn


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PastReply:
    """A reply that was given: the patient's words before it, its JSON object, and the domain response it came from."""

    utterance: str
    reply: Mapping[str, Any]
    response: str | None


def past_replies(events: Iterable[Mapping[str, Any]]) -> tuple[PastReply, ...]:
    """Return the replies of the current session, oldest first. The turn under way is not among them."""
    replies: list[PastReply] = []
    utterance = ""
    for event in events:
        if event.get("event") in ("session_started", "restart"):
            replies.clear()
        elif event.get("event") == "user":
            utterance = event.get("text") or ""
        elif event.get("event") == "bot":
            reply = (event.get("data") or {}).get("custom")
            if isinstance(reply, dict) and "route" in reply:
                response = (event.get("metadata") or {}).get("utter_action")
                replies.append(PastReply(utterance=utterance, reply=reply, response=response))
    return tuple(replies)


def utterances(events: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what the patient wrote in the current session, oldest first, the message under way included."""
    written: list[str] = []
    for event in events:
        if event.get("event") in ("session_started", "restart"):
            written.clear()
        elif event.get("event") == "user":
            written.append(event.get("text") or "")
    return tuple(written)


def past_turns(replies: Iterable[PastReply]) -> tuple[PastTurn, ...]:
    """Return past replies as the guard wants them."""
    return tuple(
        PastTurn(
            utterance=past.utterance,
            route=past.reply["route"],
            category=past.reply["category"],
            response=past.response,
        )
        for past in replies
    )


def crisis_categories(replies: Iterable[PastReply]) -> tuple[str, ...]:
    """Return the crisis categories of a conversation, oldest first, each once."""
    return tuple(dict.fromkeys(past.reply["category"] for past in replies if past.reply["route"] == "crisis"))
