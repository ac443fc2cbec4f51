"""The real bot in this process: trained model, policies, guard and actions, loaded once, without a port."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.build import is_up_to_date, model_path
from bot.channel.payload import Utterance, plain_text
from bot.errors import BuildError
from bot.rasa_environment import prepare_rasa
from bot.reply import Reply
from bot.settings import load_settings
from knowledge.helplines import read_helplines

if TYPE_CHECKING:
    from bot.endpoints import LocalActions
    from knowledge.retriever import Search

# A terminal waits longer than a web page: the first turn of a process also loads the encoder.
TIMEOUT_SECONDS = 120.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LocalTurn:
    """A reply, the tracker's events of its turn, and the slots before it."""

    reply: Reply
    events: tuple[dict[str, Any], ...]
    slots: Mapping[str, Any]


class LocalBot:
    """Talks to the bot. Each sender is a conversation of its own."""

    def __init__(self, agent: Any, actions: LocalActions, safe_reply: Reply) -> None:
        """Take a loaded Rasa agent and its actions; use `load`."""
        self.agent = agent
        self._actions = actions
        self._safe_reply = safe_reply
        self._numbers = itertools.count(1)

    @classmethod
    def load(cls) -> LocalBot:
        """Build what changed and load the bot; takes some seconds.

        Raises:
            BuildError: building failed; the reason went to standard error.
            KnowledgeError: a setting is not usable.
        """
        ensure_built()
        prepare_rasa()
        from rasa.core.agent import Agent
        from rasa.utils.endpoints import EndpointConfig

        from bot.channel.conversation import load_safe_reply
        from bot.endpoints import LocalActions

        actions = LocalActions()
        agent = Agent.load(
            model_path(), generator=EndpointConfig(type="bot.responses.FixedReplies"), action_endpoint=actions
        )
        return cls(agent, actions, load_safe_reply(read_helplines(load_settings().country)))

    async def say(self, sender: str, text: str, metadata: dict[str, Any] | None = None) -> Reply:
        """Return the reply to one message of a conversation."""
        from bot.channel.conversation import reply_to

        utterance = Utterance(sender=sender, text=plain_text(text), message_id="", metadata=metadata or {})
        return await reply_to(
            utterance, self.agent.handle_message, safe_reply=self._safe_reply, timeout_seconds=TIMEOUT_SECONDS
        )

    async def converse(self, texts: Sequence[str]) -> list[Reply]:
        """Return the replies to a fresh conversation, then forget it."""
        sender = await self.begin()
        replies = [await self.say(sender, text) for text in texts]
        await self.forget(sender)
        return replies

    async def begin(self, slots: Mapping[str, Any] | None = None, stubs: Mapping[str, Any] | None = None) -> str:
        """Begin a conversation with some slots set and, for tests, some actions stubbed; return its sender.

        Raises:
            ValueError: the domain has no such slot.
        """
        sender = f"local-{next(self._numbers)}"
        if stubs is not None:
            self._actions.stubs[sender] = stubs
        if slots:
            from rasa.shared.core.events import SlotSet

            tracker = await self.agent.processor.fetch_tracker_with_initial_session(sender)
            if unknown := sorted(set(slots) - set(tracker.slots)):
                raise ValueError(f"the domain has no slot {', '.join(unknown)}")
            for name, value in slots.items():
                tracker.update(SlotSet(name, value))
            await self.agent.processor.save_tracker(tracker)
        return sender

    async def forget(self, sender: str) -> None:
        """Forget a conversation."""
        from bot.channel.webhook import delete_conversation

        self._actions.stubs.pop(sender, None)
        await delete_conversation(self.agent, sender)

    async def take_turn(self, sender: str, text: str, metadata: dict[str, Any] | None = None) -> LocalTurn:
        """Return the reply to one message together with what Rasa wrote down on the way."""
        before, slots = await self._tracked(sender)
        reply = await self.say(sender, text, metadata)
        events, _ = await self._tracked(sender)
        return LocalTurn(reply=reply, events=tuple(events[len(before) :]), slots=slots)

    async def slots(self, sender: str) -> Mapping[str, Any]:
        """Return the slots of a conversation as they are now."""
        return (await self._tracked(sender))[1]

    def explain(self, text: str, slots: Mapping[str, Any]) -> Search:
        """Return what retrieval finds for a message, given the slots before it."""
        return self._actions.explain(text, slots)

    def use_country(self, country: str) -> None:
        """Show another country's help lines from now on.

        Raises:
            SettingsError: the country has no help lines.
        """
        from bot.channel.conversation import load_safe_reply

        helplines = read_helplines(country)
        self.agent.processor.nlg.helplines = helplines
        self._actions.use_helplines(helplines)
        self._safe_reply = load_safe_reply(helplines)

    async def _tracked(self, sender: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        tracker = await self.agent.tracker_store.retrieve_full_tracker(sender)
        if tracker is None:
            return [], {}
        return [event.as_dict() for event in tracker.events], tracker.current_slot_values()


def ensure_built() -> None:
    """Build what changed, in a process of its own, so that what building needs is gone afterwards.

    Raises:
        BuildError: building failed; the reason went to standard error.
    """
    from knowledge.build import is_current

    if is_up_to_date() and is_current() and model_path().exists():
        return
    finished = subprocess.run([sys.executable, "-m", "bot.build"], stdout=subprocess.DEVNULL, check=False)
    if finished.returncode != 0:
        raise BuildError("building failed, see the line above")
