"""The two ways to the actions: over HTTP to the action server, and in this process. Both run the same rasa-sdk actions."""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aiohttp
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.reply import Reply
from knowledge.helplines import Helplines

if TYPE_CHECKING:
    from knowledge.retriever import Search

logger = logging.getLogger(__name__)
# Under the channel's own limit, so that a slow action server ends in the safe reply and not in a cancelled turn.
TIMEOUT_SECONDS = 2.0
# A module, not the package: rasa-sdk would import every module under actions/ by its bare name.
ACTIONS = "actions.ask"
_ANSWER = RemoteAction.action_response_format_spec()
_ANSWER_VALIDATOR = validator_for(_ANSWER)(_ANSWER)


def _validate_answer(action: RemoteAction, answer: dict[str, Any]) -> bool:
    """Hold what an action answered to Rasa's own schema.

    Raises:
        jsonschema.ValidationError: it is something else.
    """
    _ANSWER_VALIDATOR.validate(answer)
    return True


# Rasa's own check is this one, but it also checks the schema itself anew at every turn, which takes as long as searching.
RemoteAction._validate_action_result = _validate_answer


class ActionServer(EndpointConfig):
    """The action server, over one kept-open connection and with a short limit; Rasa's own waits five minutes."""

    def __init__(self, url: str) -> None:
        """Take the address of the webhook; the domain is not sent along, no action needs it."""
        super().__init__(url=url, enable_selective_domain=True)
        self._open_session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Run an action.

        Raises:
            ClientResponseError: the server answered with an error; its body is left out, it repeats the patient's words.
            aiohttp.ClientError: it did not answer.
        """
        if self._open_session is None or self._open_session.closed:
            self._open_session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        async with self._open_session.post(self.url, json=kwargs["json"]) as response:
            if response.status >= 400:
                raise ClientResponseError(response.status, response.reason, "{}")
            return await response.json()

    async def close(self) -> None:
        """Close the connection."""
        if self._open_session is not None:
            await self._open_session.close()


class LocalActions(EndpointConfig):
    """The actions in this process: what `ask`, `chat` and `test` use, so that they load once and need no port.

    Attributes:
        stubs: by conversation, what its actions answer instead of running, by action; for tests.
    """

    def __init__(self) -> None:
        """Import the actions through rasa-sdk, as the action server does."""
        super().__init__(url=None, enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(ACTIONS)
        self.stubs: dict[str, Mapping[str, Any]] = {}

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Run an action on what would have gone over the wire."""
        call = json.loads(json.dumps(kwargs["json"]))
        if (stubs := self.stubs.get(call["sender_id"])) is not None:
            return _stubbed(stubs, call["next_action"])
        return await self._executor.run(call)

    def explain(self, utterance: str, slots: Mapping[str, Any]) -> Search:
        """Search as the action would for a message, given the slots before it; for people who ask why."""
        # By name, as rasa-sdk reaches them: nothing here depends on the actions.
        search: Search = importlib.import_module("actions.means").explain(utterance, slots)
        return search

    def use_helplines(self, helplines: Helplines) -> None:
        """Show another country's help lines from now on; for tests."""
        importlib.import_module("actions.means").use_helplines(helplines)


def _stubbed(stubs: Mapping[str, Any], action: str) -> dict[str, Any]:
    """Return what a stub answers; a plain text is made a reply, which is all that the channel lets through.

    Raises:
        KeyError: no stub for the action; where one action is stubbed, all that run must be.
    """
    if action not in stubs:
        logger.error("stub_custom_actions has no stub for %s", action)
        raise KeyError(action)
    stub = stubs[action]
    responses = [
        {"custom": Reply(route="answer", category="stub", text=one["text"]).to_json(), **one}
        if "text" in one
        else dict(one)
        for one in stub["responses"]
    ]
    return {"events": list(stub["events"]), "responses": responses}
