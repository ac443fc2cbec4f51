"""One turn through Rasa: an utterance in, a reply out, whatever happens in between.

Shared by every way in (HTTP, terminal, batch, tests), so that all of them talk to the same bot.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage

from bot.channel.output import ReplyCollector
from bot.channel.payload import Utterance
from bot.fixed_replies import render
from bot.receipt import receipt_for
from bot.reply import Reply
from knowledge.helplines import Helplines

logger = logging.getLogger(__name__)
HandleMessage = Callable[[UserMessage], Awaitable[Any]]


async def reply_to(
    utterance: Utterance, handle_message: HandleMessage, *, safe_reply: Reply, timeout_seconds: float
) -> Reply:
    """Return the bot's reply, or `safe_reply` if it fails, says nothing, or takes too long."""
    output = ReplyCollector()
    message = UserMessage(
        text=utterance.text,
        output_channel=output,
        sender_id=utterance.sender,
        input_channel=output.name(),
        metadata=utterance.metadata,
    )
    try:
        await asyncio.wait_for(handle_message(message), timeout_seconds)
    except asyncio.TimeoutError:
        logger.error("A turn took longer than %.1f s", timeout_seconds)
    except Exception as error:  # the last line: the patient gets an answer, the log only the kind of failure
        logger.error("A turn failed: %s", type(error).__name__)
    if len(output.replies) == 1:
        return output.replies[0]
    logger.error("A turn gave %d replies, wanted 1", len(output.replies))
    return (
        output.replies[-1] if output.replies else safe_reply.replace(receipt=receipt_for([utterance.text], safe_reply))
    )


def load_safe_reply(helplines: Helplines) -> Reply:
    """Return the reply for failures, rendered once: when it is needed, nothing else may be working.

    Raises:
        KeyError: the domain has no `utter_error`.
    """
    path = Path(__file__).resolve().parent.parent / "domain" / "responses_general.yml"
    responses = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
    return render(responses["utter_error"][0], helplines)
