"""Receipts: one line with which an answer can be run again and compared.

A receipt holds what the patient wrote in the conversation so far and a digest of the reply, nothing else: nobody has to
store conversations for an answer to be replayed, and whoever holds a receipt can read the words in it. It is made of the
reply without its receipt.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import json
from collections.abc import Sequence

from bot.reply import Reply

PREFIX = "aw1."


class ReceiptError(ValueError):
    """A receipt cannot be read."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt says: the patient's messages of the conversation, oldest first, and the digest of the last reply."""

    utterances: tuple[str, ...]
    digest: str


def receipt_for(utterances: Sequence[str], reply: Reply) -> str:
    """Return the receipt of a reply that was given to the last of these messages."""
    data = json.dumps([digest_of(reply), *utterances], ensure_ascii=False, separators=(",", ":"))
    return PREFIX + base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def read_receipt(code: str) -> Receipt:
    """Read a receipt.

    Raises:
        ReceiptError: the code is cut off, mistyped or none of ours.
    """
    code = code.strip()
    if not code.startswith(PREFIX):
        raise ReceiptError(f"this is not a receipt: it should begin with {PREFIX!r}")
    body = code.removeprefix(PREFIX)
    try:
        data = json.loads(base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ReceiptError("the receipt is cut off or mistyped; copy the whole line") from error
    if not isinstance(data, list) or len(data) < 2 or not all(isinstance(item, str) for item in data):
        raise ReceiptError("the receipt is cut off or mistyped; copy the whole line")
    return Receipt(utterances=tuple(data[1:]), digest=data[0])


def digest_of(reply: Reply) -> str:
    """Return 12 characters that change when any part of the reply but its receipt changes."""
    data = json.dumps(reply.replace(receipt="").to_json(), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()[:12]
