"""The whole check on one screen: normalise, rules, learned layer, context; the most urgent finding is the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.guardrails.normalise import normalise
from bot.guardrails.rules import Firing, RuleFile, load_rules
from bot.guardrails.verdict import PRECEDENCE, PastTurn, Verdict

EDUCATION = "education"


class Guard:
    """Reads an utterance in its conversation and returns a verdict. Has no state; the tracker keeps the conversation."""

    def __init__(self, *, rules: Sequence[RuleFile]) -> None:
        """Take the layers; `load` reads them from where they are kept."""
        self._rules = rules

    @classmethod
    def load(cls, folder: Path | None = None) -> Guard:
        """Read the rules of the package and the learned layer of a folder.

        Raises:
            RuleFormatError: a rule file does not read as one.
            GuardUnavailableError: the learned layer is missing or damaged.
        """
        return cls(rules=load_rules())

    def check(self, utterance: str, *, previous: Sequence[PastTurn] = ()) -> Verdict:
        """Return the most urgent finding of all layers."""
        text = normalise(utterance)
        firings = list(self._firings(text))
        education = any(firing.route == EDUCATION for firing in firings)
        found = [firing for firing in firings if firing.route != EDUCATION]
        if not found:
            return Verdict(route="pass", education=education)
        first = min(found, key=lambda firing: PRECEDENCE.index(firing.route))
        return Verdict(
            route=first.route,
            category=first.category,
            layer="rules",
            rule=first.rule,
            education=education and first.route == "personal_advice",
        )

    def _firings(self, text: str) -> Iterator[Firing]:
        for file in self._rules:
            yield from file.find(text)
