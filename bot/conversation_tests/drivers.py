"""Ways to the bot: in this process, or over HTTP to a service that runs already. Both hold the same conversation."""

from __future__ import annotations

import asyncio
import datetime
import os
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp

from bot.conversation_tests.cases import Case, Step
from bot.conversation_tests.turns import Event, Turn
from bot.errors import ServiceError
from bot.reply import Reply, reply_from_json
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.local import LocalBot

TIMEOUT_SECONDS = 30.0


class UnsupportedCaseError(Exception):
    """A case needs what this way to the bot cannot give; it is skipped, with the reason."""


class DriverError(ServiceError):
    """The service cannot be reached or does not answer as agreed."""


class Driver(Protocol):
    """A way to the bot."""

    async def begin(self, case: Case) -> str:
        """Begin a conversation and return its sender.

        Raises:
            UnsupportedCaseError: the case needs what this driver cannot give.
        """

    async def say(self, sender: str, step: Step, said: tuple[str, ...]) -> Turn:
        """Say a step's message; `said` are the messages before it."""

    async def end(self, sender: str) -> None:
        """Forget a conversation."""

    def set_scene(self, country: str | None, day: str | None) -> None:
        """Take the conversations that follow to a country and a day; None is the configured one and today."""


class InProcess:
    """The bot loaded in this process, with its events, fixtures and stubs."""

    def __init__(self, bot: LocalBot) -> None:
        """Take a loaded bot."""
        self.bot = bot
        self._country, self._today = load_settings().country, os.environ.get("ASKWELL_TODAY")
        self._scene: tuple[str | None, str | None] = (None, None)

    async def begin(self, case: Case) -> str:
        """See Driver."""
        try:
            return await self.bot.begin(case.slots, case.stubs)
        except ValueError as error:
            raise UnsupportedCaseError(f"fixtures: {error}") from error

    async def say(self, sender: str, step: Step, said: tuple[str, ...]) -> Turn:
        """See Driver."""
        begin = time.perf_counter()
        turn = await self.bot.take_turn(sender, step.user, dict(step.metadata))
        seconds = time.perf_counter() - begin
        return Turn(said=(*said, step.user), reply=turn.reply, events=turn.events, slots=turn.slots, seconds=seconds)

    async def end(self, sender: str) -> None:
        """See Driver."""
        await self.bot.forget(sender)

    def set_scene(self, country: str | None, day: str | None) -> None:
        """See Driver."""
        if (country, day) == self._scene:
            return
        self._scene = (country, day)
        self.bot.use_country(country or self._country)
        fixed = day or self._today
        if fixed is None:
            os.environ.pop("ASKWELL_TODAY", None)
        else:
            os.environ["ASKWELL_TODAY"] = datetime.date.fromisoformat(fixed).isoformat()


class OverHttp:
    """A running service; its events only if it was started with --api-token and the token is given."""

    def __init__(self, url: str, session: aiohttp.ClientSession, api_token: str | None = None) -> None:
        """Take the service's address, for instance http://localhost:5005."""
        self._url, self._session, self._token = url.rstrip("/"), session, api_token

    async def begin(self, case: Case) -> str:
        """See Driver."""
        if case.stubs is not None:
            raise UnsupportedCaseError("stub_custom_actions works in this process only, not with --url")
        if case.country is not None or case.day is not None:
            raise UnsupportedCaseError("country and mocked_datetime work in this process only, not with --url")
        sender = f"test-{secrets.token_hex(16)}"
        if case.slots:
            if self._token is None:
                raise UnsupportedCaseError("fixtures need the service's events; see --api-token")
            for name, value in case.slots.items():
                await self._api("POST", sender, "/events", {"event": "slot", "name": name, "value": value})
        return sender

    async def say(self, sender: str, step: Step, said: tuple[str, ...]) -> Turn:
        """See Driver."""
        before, slots = await self._tracked(sender)
        begin = time.perf_counter()
        reply = await self._ask(sender, step)
        seconds = time.perf_counter() - begin
        after, _ = await self._tracked(sender)
        events = None if after is None else tuple(after[len(before or ()) :])
        return Turn(said=(*said, step.user), reply=reply, events=events, slots=slots, seconds=seconds)

    async def end(self, sender: str) -> None:
        """See Driver."""
        await self._send("DELETE", f"/webhooks/askwell/conversations/{sender}")

    def set_scene(self, country: str | None, day: str | None) -> None:
        """See Driver; a running service stays where it is."""

    async def _ask(self, sender: str, step: Step) -> Reply:
        body = {"sender": sender, "message": step.user, "metadata": dict(step.metadata)}
        data = await self._send("POST", "/webhooks/askwell/webhook", body)
        try:
            return reply_from_json(data[0]["custom"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise DriverError(f"{self._url} did not answer with a reply of schema askwell.reply/1: {error}") from error

    async def _tracked(self, sender: str) -> tuple[list[Event] | None, Mapping[str, Any]]:
        if self._token is None:
            return None, {}
        data = await self._api("GET", sender, "")
        return list(data["events"]), data["slots"]

    async def _api(self, method: str, sender: str, path: str, body: Any = None) -> Any:
        address = f"/conversations/{sender}/tracker{path}?token={self._token}&include_events=ALL"
        return await self._send(method, address, body)

    async def _send(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request; where the service asks us to wait, wait.

        Raises:
            DriverError: no answer, or an answer that is an error.
        """
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            while True:
                async with self._session.request(method, self._url + path, json=body, timeout=timeout) as response:
                    if response.status == 429:
                        await asyncio.sleep(float(response.headers.get("Retry-After", "1")))
                        continue
                    if response.status >= 400:
                        where = path.partition("?")[0]
                        raise DriverError(f"{self._url}{where} answered with HTTP {response.status}")
                    return await response.json() if response.status != 204 else None
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise DriverError(f"no answer from {self._url}; start it with: askwell serve") from error
