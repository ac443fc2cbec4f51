"""The real bot in this process: trained model, policies, guard and actions, loaded once, without a port."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from bot.build import is_up_to_date, model_path
from bot.channel.payload import Utterance, plain_text
from bot.errors import BuildError
from bot.rasa_environment import prepare_rasa
from bot.reply import Reply
from bot.settings import load_settings
from knowledge.helplines import read_helplines

# A terminal waits longer than a web page: the first turn of a process also loads the encoder.
TIMEOUT_SECONDS = 120.0


class LocalBot:
    """Talks to the bot. Each sender is a conversation of its own."""

    def __init__(self, agent: Any, safe_reply: Reply) -> None:
        """Take a loaded Rasa agent; use `load`."""
        self.agent = agent
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

        agent = Agent.load(
            model_path(), generator=EndpointConfig(type="bot.responses.FixedReplies"), action_endpoint=LocalActions()
        )
        return cls(agent, load_safe_reply(read_helplines(load_settings().country)))

    async def say(self, sender: str, text: str, metadata: dict[str, Any] | None = None) -> Reply:
        """Return the reply to one message of a conversation."""
        from bot.channel.conversation import reply_to

        utterance = Utterance(sender=sender, text=plain_text(text), message_id="", metadata=metadata or {})
        return await reply_to(
            utterance, self.agent.handle_message, safe_reply=self._safe_reply, timeout_seconds=TIMEOUT_SECONDS
        )

    async def converse(self, texts: Sequence[str]) -> list[Reply]:
        """Return the replies to a fresh conversation, then forget it."""
        from bot.channel.webhook import delete_conversation

        sender = f"local-{next(self._numbers)}"
        replies = [await self.say(sender, text) for text in texts]
        await delete_conversation(self.agent, sender)
        return replies


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
