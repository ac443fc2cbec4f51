"""The one door to patients: the Askwell channel."""

from bot.channel.webhook import AskwellInput

__all__ = ["AskwellInput"]
