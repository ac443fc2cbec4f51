"""Reads the rule files and finds which rules fire on normalised text; the guard's first layer.

One YAML file per category, in rules/, that a clinician can read and change: phrases that must fire, turns of phrase that
are struck out before (look-alikes such as "dying to know"), and examples of both, which the tests run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.guardrails.errors import RuleFormatError
from bot.guardrails.normalise import canonical_word
from bot.guardrails.patterns import Pattern, compile_pattern

RULES = Path(__file__).resolve().parent / "rules"
# What the rules that only mark a question for knowledge say; it guards nothing.
EDUCATION = "education"
# A message of so many words, full stops counted, may leave its topic unsaid: "can I take two?"
SHORT = 14
_FILE_KEYS = {"about", "route", "category", "after", "topic", "struck_out", "rules", "must_fire", "look_alikes"}
_RULE_KEYS = {"id", "about", "category", "phrases", "unless"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Phrases that mean the same to the guard; `unless` holds phrases that take one back in the sentence where it stands."""

    id: str
    category: str | None
    phrases: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A rule that fired, and where in the normalised text."""

    route: str
    category: str | None
    rule: str
    span: tuple[int, int]


class PatternIndex:
    """Patterns by a word they need, so that a message is only held against those that could match."""

    def __init__(self, patterns: Iterable[tuple[Pattern, Rule | None]]) -> None:
        """Index patterns together with the rule each belongs to."""
        self._patterns = tuple(patterns)
        self._by_word: dict[str, list[int]] = {}
        self._by_beginning: dict[str, list[int]] = {}
        self._always: list[int] = []
        for number, (pattern, _) in enumerate(self._patterns):
            if pattern.needed is None:
                self._always.append(number)
            for word in pattern.needed or ():
                table = self._by_beginning if word.endswith("*") else self._by_word
                table.setdefault(word.rstrip("*"), []).append(number)
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})

    def candidates(self, words: Iterable[str]) -> Iterator[tuple[Pattern, Rule | None]]:
        """Yield every pattern that could match a text of these words, each once, in the order in which they were given."""
        found = set(self._always)
        for word in words:
            found.update(self._by_word.get(word, ()))
            for length in self._lengths:
                found.update(self._by_beginning.get(word[:length], ()) if len(word) >= length else ())
        return (self._patterns[number] for number in sorted(found))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """The rules of one file, with the examples that test them.

    Attributes:
        after: routes or responses of the turn before; if there are any, the rules are read only after one of them.
        topic: if there are any, then in a message of more than SHORT words one of these must stand in the same sentence or
            in the one before; "how often should I" alone says nothing about medicines.
    """

    name: str
    route: str
    category: str | None
    after: tuple[str, ...]
    topic: tuple[Pattern, ...]
    struck_out: PatternIndex
    phrases: PatternIndex
    rules: tuple[Rule, ...]
    must_fire: tuple[str, ...]
    look_alikes: tuple[str, ...]

    def find(self, text: str) -> Iterator[Firing]:
        """Yield the rules of this file that fire on normalised text, each once, in the order of their phrases in the file."""
        remaining = self.strike_out(text)
        fired: set[str] = set()
        for pattern, rule in self.phrases.candidates(set(remaining.split())):
            assert rule is not None
            if rule.id in fired:
                continue
            for span in pattern.matches(remaining):
                if self._counts(remaining, span, rule):
                    fired.add(rule.id)
                    yield Firing(route=self.route, category=rule.category or self.category, rule=rule.id, span=span)
                    break

    def _counts(self, text: str, span: tuple[int, int], rule: Rule) -> bool:
        """Tell whether nothing in the sentence takes the phrase back and, in a long message, the topic is named near it."""
        begin, end = max(text.rfind(" . ", 0, span[0] + 1), 0), text.find(" . ", span[1] - 1)
        end = end + 3 if end >= 0 else len(text)
        if any(exception.search(text[begin:end]) for exception in rule.unless):
            return False
        if not self.topic or len(text.split()) <= SHORT:
            return True
        before = max(text.rfind(" . ", 0, begin + 1), 0)
        return any(pattern.search(text[before:end]) for pattern in self.topic)

    def strike_out(self, text: str) -> str:
        """Replace harmless turns of phrase by a dash of the same length, so that the rest keeps its place."""
        for pattern, _ in self.struck_out.candidates(set(text.split())):
            while (span := pattern.search(text)) is not None:
                start, end = span
                text = text[:start] + "-" * max(end - start - 1, 1) + text[end - 1 :]
        return text


def load_rules(folder: Path = RULES) -> tuple[RuleFile, ...]:
    """Read every rule file of a folder, sorted by name, so that what fires first never depends on the disk.

    Raises:
        RuleFormatError: there are no rules, or a file is unreadable, has unknown keys, a bad phrase, or an id twice.
    """
    lists = {name: " | ".join(entries) for name, entries in _read(folder / "words.yml").items()}
    paths = sorted(path for path in folder.glob("*.yml") if path.name != "words.yml")
    files = tuple(_rule_file(path, lists) for path in paths)
    if not files:
        raise RuleFormatError(f"no rules in {folder}; restore them with: git checkout {folder}")
    seen: set[str] = set()
    for rule in (rule for file in files for rule in file.rules):
        if rule.id in seen:
            raise RuleFormatError(f"the rule id {rule.id} stands twice in {folder}; give one of them another id")
        seen.add(rule.id)
    return files


def _rule_file(path: Path, lists: Mapping[str, str]) -> RuleFile:
    data = _read(path)
    if unknown := set(data) - _FILE_KEYS:
        raise RuleFormatError(f"unknown key {min(unknown)!r} in {path}; known keys: {', '.join(sorted(_FILE_KEYS))}")

    def patterns(sources: Iterable[str] | None) -> tuple[Pattern, ...]:
        return tuple(compile_pattern(str(source), lists=lists, canonical=canonical_word) for source in sources or ())

    rules: list[Rule] = []
    for entry in data["rules"]:
        if unknown := set(entry) - _RULE_KEYS:
            raise RuleFormatError(f"unknown key {min(unknown)!r} in a rule of {path}")
        rules.append(
            Rule(
                id=entry["id"],
                category=entry.get("category"),
                phrases=patterns(entry["phrases"]),
                unless=patterns(entry.get("unless")),
            )
        )
    return RuleFile(
        name=path.stem,
        route=data["route"],
        category=data.get("category"),
        after=tuple(data.get("after") or ()),
        topic=patterns(data.get("topic")),
        struck_out=PatternIndex((pattern, None) for pattern in patterns(data.get("struck_out"))),
        phrases=PatternIndex((pattern, rule) for rule in rules for pattern in rule.phrases),
        rules=tuple(rules),
        must_fire=tuple(data.get("must_fire") or ()),
        look_alikes=tuple(data.get("look_alikes") or ()),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleFormatError(f"{path} cannot be read; restore it with: git checkout {path}") from error
    except yaml.YAMLError as error:
        raise RuleFormatError(f"{path} is not valid YAML: {error}; or restore it with: git checkout {path}") from error
    if not isinstance(data, dict):
        raise RuleFormatError(f"{path} holds a {type(data).__name__}, wanted keys with values")
    return data
