"""The guard's third layer: what an utterance means after the ones before it.

A hint spread over turns, a yes to the question whether somebody thinks of hurting themselves, "and how much?" after an
answer about a medicine. What is short and open by itself is read by rules of its own (rules/after_*.yml), and only there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.guardrails.normalise import normalise
from bot.guardrails.rules import Firing, RuleFile
from bot.guardrails.verdict import PastTurn

# How many earlier utterances are read together with the present one.
_MEMORY = 2
HINT = "hint"
# Kinds of hints that are common in distress without danger; these two together say no more than one.
_LOW_MOOD = frozenset({"hopeless", "isolation"})


def find_in_context(text: str, previous: Sequence[PastTurn], rules: Iterable[RuleFile]) -> list[Firing]:
    """Return what the rules for answers find, given the turn before, and hints that add up.

    Args:
        text: the present utterance, normalised.
        previous: the turns before, oldest first.
        rules: all rule files.
    """
    if not previous:
        return []
    files, last = tuple(rules), previous[-1]
    found = _hints_across(text, previous, files)
    for file in _following(files, last):
        found += [_after(firing, last) for firing in file.find(text)]
    found += _across(text, earlier_texts(previous)[-1:], [file for file in files if file.route == "crisis"])
    return found


def find_hints(text: str, rules: Iterable[RuleFile]) -> list[Firing]:
    """Return what hints within one normalised utterance amount to: two of different kinds are a finding."""
    return _together(_hints(text, rules), set())


def earlier_texts(previous: Sequence[PastTurn]) -> list[str]:
    """Return the last utterances that were let pass, normalised, oldest first; a crisis already answered is not among them."""
    return [normalise(turn.utterance) for turn in previous[-_MEMORY:] if turn.route != "crisis"]


def joined(earlier: str, text: str) -> str:
    """Return two normalised utterances as one, without the full stop between them."""
    return earlier.removesuffix(". ") + text.removeprefix(" . ")


def _following(files: Sequence[RuleFile], last: PastTurn) -> list[RuleFile]:
    """The files for what may follow a turn; those that name its very response come instead of those for its route."""
    by_response = [file for file in files if last.response in file.after]
    return by_response or [file for file in files if last.route in file.after]


def _after(firing: Firing, last: PastTurn) -> Firing:
    category = firing.category or (last.category if last.route == firing.route else None) or "suicide"
    return Firing(route=firing.route, category=category, rule=firing.rule, span=firing.span)


def _hints_across(text: str, previous: Sequence[PastTurn], rules: Iterable[RuleFile]) -> list[Firing]:
    """A hint, and one of another kind in the turns before."""
    now = _hints(text, rules)
    before = {firing.category for earlier in earlier_texts(previous) for firing in _hints(earlier, rules)}
    return _together(now, before) if before - {firing.category for firing in now} else []


def _hints(text: str, rules: Iterable[RuleFile]) -> list[Firing]:
    return [firing for file in rules if file.route == HINT for firing in file.find(text)]


def _together(now: Sequence[Firing], before: set[str | None]) -> list[Firing]:
    """Hints are a finding if they are of two kinds, low mood and loneliness aside."""
    kinds = {firing.category for firing in now} | before
    if not now or len(kinds) < 2 or kinds <= _LOW_MOOD:
        return []
    return [Firing(route="crisis", category="suicide", rule=now[0].rule, span=now[0].span)]


def _across(text: str, earlier: Sequence[str], files: Sequence[RuleFile]) -> list[Firing]:
    """A phrase begun in one message and ended in the next: "i want to" / "die"."""
    found: list[Firing] = []
    for before in earlier:
        both, border = joined(before, text), len(before) - len(". ")
        for file in files:
            if not file.after:
                found += [firing for firing in file.find(both) if firing.span[0] < border < firing.span[1] - 1]
    return found
