"""The output channel: collects the one reply of a turn."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import OutputChannel

from bot.reply import Reply, reply_from_json


class ReplyCollector(OutputChannel):
    """Takes what Rasa utters in one turn; what is not one of our replies is not shown to anybody."""

    def __init__(self) -> None:
        """Start empty; one collector serves one turn."""
        self.replies: list[Reply] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name in the tracker."""
        return "askwell"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep the reply of an utterance.

        Raises:
            ValueError: the utterance carries no valid reply; the turn then ends in the safe one.
        """
        self.replies.append(reply_from_json(message.get("custom") or {}))
