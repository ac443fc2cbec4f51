"""Shapes of a request, checked at the door."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

_SENDER = re.compile(r"[\w.:@-]{1,128}")


class BadRequestError(ValueError):
    """A request that can't be served: HTTP status, a short code for programs, and a sentence for people."""

    def __init__(self, status: int, error: str, detail: str) -> None:
        """Keep what the answer will say; never the patient's words."""
        super().__init__(detail)
        self.status, self.error, self.detail = status, error, detail


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One message of a patient. `message_id` is the client's own, "" if it gave none: a repeated one is not sent twice."""

    sender: str
    text: str
    message_id: str
    metadata: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Whether an answer helped, and why not; kept apart from the conversation."""

    receipt: str
    helpful: bool
    reason: str


def read_utterance(body: bytes, *, most_characters: int) -> Utterance:
    """Read the body of a message request.

    Raises:
        BadRequestError: 400 if it is not {"sender", "message", "metadata"}, 413 if the message is too long.
    """
    data = _object(body)
    text = data.get("message")
    if not isinstance(text, str):
        raise BadRequestError(400, "bad_message", "message must be text")
    if len(text) > most_characters:
        raise BadRequestError(413, "too_long", f"message must have at most {most_characters} characters")
    metadata = data.get("metadata", {})
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise BadRequestError(400, "bad_metadata", "metadata must be an object")
    message_id = metadata.get("message_id", "")
    if not isinstance(message_id, str) or len(message_id) > 128:
        raise BadRequestError(400, "bad_metadata", "metadata.message_id must be text of at most 128 characters")
    return Utterance(
        sender=read_sender(data.get("sender")), text=plain_text(text), message_id=message_id, metadata=metadata
    )


def read_feedback(body: bytes) -> Feedback:
    """Read the body of a feedback request.

    Raises:
        BadRequestError: 400 if it is not {"sender", "receipt", "helpful", "reason"}.
    """
    data = _object(body)
    read_sender(data.get("sender"))
    receipt, helpful, reason = data.get("receipt"), data.get("helpful"), data.get("reason") or ""
    if not isinstance(receipt, str) or not receipt or len(receipt) > 20_000:
        raise BadRequestError(400, "bad_receipt", "receipt must be the receipt of a reply")
    if not isinstance(helpful, bool):
        raise BadRequestError(400, "bad_helpful", "helpful must be true or false")
    if not isinstance(reason, str) or len(reason) > 1000:
        raise BadRequestError(400, "bad_reason", "reason must be text of at most 1000 characters")
    return Feedback(receipt=receipt, helpful=helpful, reason=reason)


def read_sender(sender: Any) -> str:
    """Check a conversation id. A missing one is refused: a shared default would mix patients' conversations.

    Raises:
        BadRequestError: 400.
    """
    if not isinstance(sender, str) or not _SENDER.fullmatch(sender):
        raise BadRequestError(400, "bad_sender", "sender must be an id of 1 to 128 letters, digits or . : @ _ -")
    return sender


def plain_text(message: str) -> str:
    """Return a message that Rasa can't take for a command: "/intent{…}" typed by a patient is only text.

    Control characters go too, surrogates that can't be encoded as well; what the patient meant stays.
    """
    text = message.encode("utf-8", "ignore").decode("utf-8")
    text = "".join(
        character if character.isprintable() or character in "\n\t" or ord(character) > 0x7F else " "
        for character in text
    )
    return re.sub(r"^[\s/\u2044\u2215\uff0f\ufeff\u200b-\u200f]+", "", text).strip()


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(400, "bad_json", "the body must be a JSON object in UTF-8") from error
    if not isinstance(data, dict):
        raise BadRequestError(400, "bad_json", "the body must be a JSON object")
    return data
