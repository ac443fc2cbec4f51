"""The notation of the rule files, compiled to regular expressions over normalised text.

Normalised text is words with one space between and a full stop as a word of its own where a sentence ends, so that every
element below matches whole words:

    want to die         these words, one after the other
    suicid*             any word that begins so
    (kill|hurt) myself  one of the alternatives; an alternative may have several words
    [really] want       may be there or not; [a|b] too
    <medicine>          any entry of that list in words.yml
    ..                  up to two words between, within the sentence
    ...                 up to five words between, within the sentence
    _                   exactly one word
    ^ how much $        the sentence begins here, the sentence ends here
    stopped & shaking   both, in any order and not far from each other
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping

from bot.guardrails.errors import RuleFormatError

_TOKEN = re.compile(r"\.\.\.|\.\.|[()\[\]|^$]|<[a-z_]+>|[^\s()\[\]|<>^$]+")
_WORD = r"(?!\. )\S+ "
_GAPS = {"..": rf"(?:{_WORD}){{0,2}}?", "...": rf"(?:{_WORD}){{0,5}}?", "_": _WORD, "^": r"(?<=\. )", "$": r"(?=\. )"}

_EVERYDAY = frozenset(
    "i a an the to of in on is it my me am do not can have and for with be this that you he she will".split()
)

# How many characters, some fifty words, may lie between the parts that "&" joins. In a long story everything stands somewhere.
_REACH = 250

# One of these words (or, with a final *, beginnings of words) is in every text that matches; None if nothing is known.
Needed = frozenset[str] | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A compiled phrase: every one of `parts` must be found, and one word of `needed` is in every text that matches."""

    source: str
    parts: tuple[re.Pattern[str], ...]
    needed: Needed

    def search(self, text: str) -> tuple[int, int] | None:
        """Return where in `text` the first match begins and ends, or None."""
        return next(self.matches(text), None)

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where each match begins and ends; with several parts, from the first of them in the text to the last."""
        first, *others = self.parts
        for match in first.finditer(text):
            start, end = match.span()
            found = [part.search(text, max(start - _REACH, 0), end + _REACH) for part in others]
            spans = [(start, end), *(other.span() for other in found if other is not None)]
            if len(spans) == len(self.parts):
                yield min(begin for begin, _ in spans), max(finish for _, finish in spans)


def compile_pattern(source: str, *, lists: Mapping[str, str], canonical: Callable[[str], str]) -> Pattern:
    """Compile a phrase.

    Args:
        source: the phrase in the notation above.
        lists: the word lists, name to alternatives in the same notation.
        canonical: turns a literal word into its normalised form, which may be several words.

    Raises:
        RuleFormatError: brackets do not match, a list is unknown, or an alternative is empty.
    """
    compiled = [_Parser(part, lists, canonical).parse() for part in source.split(" & ")]
    needs = [needed for _, needed in compiled if needed is not None]
    return Pattern(
        source=source,
        parts=tuple(re.compile(rf"(?<= ){expression}") for expression, _ in compiled),
        needed=min(needs, key=_cost) if needs else None,
    )


def _cost(needed: frozenset[str]) -> int:
    """How often a set of words sends us to the expression: everyday words send us there in vain."""
    return len(needed) + 40 * len(needed & _EVERYDAY)


class _Parser:
    """Recursive descent over one phrase; each method returns an expression and the words it needs."""

    def __init__(self, source: str, lists: Mapping[str, str], canonical: Callable[[str], str]) -> None:
        self._source = source
        self._tokens = _TOKEN.findall(source)
        self._lists = lists
        self._canonical = canonical

    def parse(self) -> tuple[str, Needed]:
        parsed = self._alternatives(end=None)
        if self._tokens:
            raise RuleFormatError(f"a bracket is closed that was never opened in the phrase {self._source!r}")
        return parsed

    def _alternatives(self, end: str | None) -> tuple[str, Needed]:
        options = [self._sequence(end)]
        while self._tokens and self._tokens[0] == "|":
            self._tokens.pop(0)
            options.append(self._sequence(end))
        if end is not None:
            if not self._tokens:
                raise RuleFormatError(f"a bracket is not closed in the phrase {self._source!r}")
            self._tokens.pop(0)
        needs = [needed for _, needed in options]
        known = [needed for needed in needs if needed is not None]
        expression = options[0][0] if len(options) == 1 else f"(?:{'|'.join(option for option, _ in options)})"
        return expression, frozenset().union(*known) if len(known) == len(needs) else None

    def _sequence(self, end: str | None) -> tuple[str, Needed]:
        expressions: list[str] = []
        needed: Needed = None
        while self._tokens and self._tokens[0] not in ("|", end):
            expression, needs = self._element(self._tokens.pop(0))
            expressions.append(expression)
            if needs is not None and (needed is None or _cost(needs) < _cost(needed)):
                needed = needs
        if not expressions:
            raise RuleFormatError(f"an alternative is empty in the phrase {self._source!r}")
        return "".join(expressions), needed

    def _element(self, token: str) -> tuple[str, Needed]:
        if token == "(":
            return self._alternatives(end=")")
        if token == "[":
            expression, _ = self._alternatives(end="]")
            return f"(?:{expression})?", None
        if token in _GAPS:
            return _GAPS[token], None
        if token.startswith("<"):
            if token[1:-1] not in self._lists:
                raise RuleFormatError(f"no list {token} in words.yml, wanted by the phrase {self._source!r}")
            return _Parser(self._lists[token[1:-1]], self._lists, self._canonical).parse()
        if token in (")", "]"):
            raise RuleFormatError(f"a bracket is closed that was never opened in the phrase {self._source!r}")
        if token.endswith("*"):
            return rf"{re.escape(token[:-1])}\S* ", frozenset({token})
        words = self._canonical(token).split()
        if not words or "." in words:
            raise RuleFormatError(f"{token!r} is not a word, in the phrase {self._source!r}")
        return "".join(f"{re.escape(word)} " for word in words), frozenset(words[:1])
