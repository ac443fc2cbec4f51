"""The Askwell channel: HTTP in front of the dialogue, the widget's files, health, feedback and deletion.

Never answers 200 without a reply, never shares a conversation between senders, never logs or echoes a patient's words.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from bot.channel.conversation import HandleMessage, load_safe_reply, reply_to
from bot.channel.health import health_of
from bot.channel.limits import RateLimit
from bot.channel.pages import add_pages
from bot.channel.payload import BadRequestError, Utterance, read_feedback, read_sender, read_utterance
from bot.feedback import FeedbackStore
from bot.reply import Reply
from bot.settings import ServiceSettings, load_settings
from knowledge.helplines import read_helplines
from knowledge.settings import state_folder

logger = logging.getLogger(__name__)
REPEATS_REMEMBERED = 5_000
Handler = Callable[[Request], Awaitable[HTTPResponse]]


class AskwellInput(InputChannel):
    """The channel that bot/credentials.yml names."""

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        """Take settings, or read them."""
        self._settings = settings or load_settings()
        self._safe_reply = load_safe_reply(read_helplines(self._settings.country))
        self._per_sender = RateLimit(self._settings.messages_per_minute)
        self._per_address = RateLimit(self._settings.messages_per_minute_per_address)
        self._sent: OrderedDict[tuple[str, str], asyncio.Future[Reply]] = OrderedDict()
        self._feedback = FeedbackStore(state_folder() / "feedback.sqlite")

    @classmethod
    def name(cls) -> str:
        """Part of the address, /webhooks/askwell."""
        return "askwell"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> AskwellInput:
        """Rasa's factory; there are no credentials."""
        return cls()

    def blueprint(self, on_new_message: HandleMessage) -> Blueprint:
        """Return the routes under /webhooks/askwell."""
        routes = Blueprint("askwell")

        @routes.post("/webhook")
        async def webhook(request: Request) -> HTTPResponse:
            utterance = read_utterance(request.body, most_characters=self._settings.message_characters)
            self._check_rate(utterance.sender, request)
            reply = await self._reply_once(utterance, on_new_message)
            return json([{"recipient_id": utterance.sender, "text": reply.text, "custom": reply.to_json()}])

        @routes.delete("/conversations/<sender:str>")
        async def forget(request: Request, sender: str) -> HTTPResponse:
            await delete_conversation(request.app.ctx.agent, read_sender(sender))
            for key in [key for key in self._sent if key[0] == sender]:
                del self._sent[key]
            return empty()

        @routes.post("/feedback")
        async def feedback(request: Request) -> HTTPResponse:
            given = read_feedback(request.body)
            self._check_rate("feedback", request)
            self._feedback.add(given, datetime.datetime.now(datetime.timezone.utc))
            return empty()

        @routes.exception(BadRequestError)
        async def bad_request(request: Request, error: BadRequestError) -> HTTPResponse:
            headers = {"Retry-After": "5"} if error.status == 429 else {}
            return json({"error": error.error, "detail": error.detail}, status=error.status, headers=headers)

        return routes

    def add_pages(self, app: Any) -> None:
        """Add the pages that live at the root: the widget, the demo page and /health."""
        add_pages(app, self._settings)

        @app.get("/health")
        async def health(request: Request) -> HTTPResponse:
            status = await health_of(request.app.ctx.agent)
            return json(status, status=200 if status["can_answer"] else 503)

    async def _reply_once(self, utterance: Utterance, handle_message: HandleMessage) -> Reply:
        """Reply to a message; a message that the client sends again gets the reply it already got."""
        key = (utterance.sender, utterance.message_id)
        if utterance.message_id and key in self._sent:
            return await asyncio.shield(self._sent[key])
        future: asyncio.Future[Reply] = asyncio.ensure_future(
            reply_to(
                utterance,
                handle_message,
                safe_reply=self._safe_reply,
                timeout_seconds=self._settings.answer_timeout_seconds,
            )
        )
        if utterance.message_id:
            self._sent[key] = future
            while len(self._sent) > REPEATS_REMEMBERED:
                self._sent.popitem(last=False)
        return await asyncio.shield(future)

    def _check_rate(self, sender: str, request: Request) -> None:
        waits = (self._per_sender.wait(sender), self._per_address.wait(request.remote_addr or request.ip))
        if any(waits):
            raise BadRequestError(429, "too_many", f"too many messages; try again in {max(waits):.0f} seconds")


async def delete_conversation(agent: Any, sender: str) -> None:
    """Forget a conversation. Rasa's stores have no deletion of their own in common, so each kind is told in its way."""
    async with agent.lock_store.lock(sender):
        store = agent.tracker_store
        store = getattr(store, "_tracker_store", store)  # inside Rasa's fail-safe wrapper
        if hasattr(store, "store"):  # in memory
            store.store.pop(sender, None)
        elif hasattr(store, "session_scope"):  # SQL
            with store.session_scope() as session:
                session.query(store.SQLEvent).filter_by(sender_id=sender).delete()
                session.commit()
        elif hasattr(store, "conversations"):  # MongoDB
            store.conversations.delete_one({"sender_id": sender})
        elif hasattr(store, "red"):  # Redis
            store.red.delete(store.key_prefix + sender)
