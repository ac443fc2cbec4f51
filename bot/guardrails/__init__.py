"""The guard: reads every utterance, in its conversation, before anything else does."""

from bot.guardrails.errors import GuardUnavailableError
from bot.guardrails.guard import Guard
from bot.guardrails.verdict import PastTurn, Verdict

__all__ = ["Guard", "GuardUnavailableError", "PastTurn", "Verdict"]
