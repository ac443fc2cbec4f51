"""Brings an utterance into the one form that the rules read; the first step of every check.

Lower-case words with one space between, a full stop as a word of its own where a sentence ends, look-alike letters,
zero-width characters, digits for letters, spaced-out and repeated letters undone, contractions and text-speak written
out, common misspellings mended. The words themselves are data: spellings.yml. Never shown to anyone.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from rapidfuzz.distance import OSA

from bot.guardrails.errors import GuardUnavailableError, RuleFormatError
from knowledge.encoder import model_source
from knowledge.errors import EncoderUnavailableError

_PACKAGE = Path(__file__).resolve().parent
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cs"})
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`\u055a\uff07"), "'")
_TAG = re.compile(r"<[^<>]{0,80}>")
_SENTENCE_END = re.compile(r"(?<![.!?])[.](?![.])(?=\s|$|[\"')])|[!?;]+(?=\W|$)|\n\s*\n")
_STOP = "\u00b6"
_SPACED_OUT = re.compile(r"(?<!\S)(?:[a-z][ .\-_*/]{1,3}){3,}[a-z](?!\S)")
_TOKEN = re.compile(r"[^\W_](?:[^\W_]|['*@$!|+](?=[^\W_])|(?<=\d)[.,](?=\d))*|[@$][^\W\d_](?:[^\W_])*|\u00b6")
_BETWEEN = re.compile(r"[\W_]+")
_NUMBER_UNIT = re.compile(r"(\d+(?:[.,]\d+)?)([a-z]+)")
_ORDINALS = frozenset("st nd rd th".split())
_LONG_RUN = re.compile(r"([a-z])\1{2,}")
_LEET = {
    "0": "o",
    "1": "il",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "il",
    "+": "t",
}
_CLITICS = ("'ll", " will"), ("'m", " am"), ("'re", " are"), ("'ve", " have"), ("'d", " would"), ("'s", "")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """The words of spellings.yml.

    Attributes:
        letters: look-alike character to the letter it stands for.
        emoji: emoji that say something to the guard, to words.
        words: one word to what it means, which may be several words; misspellings, contractions, text-speak.
        phrases: the same for several words together.
        known: every word on the right-hand side of anything; what is mended, joined or disguised may only become these.
        by_letter: the known words of four letters or more, by their first letter.
    """

    letters: Mapping[int, str]
    emoji: Mapping[str, str]
    words: Mapping[str, str]
    phrases: Mapping[str, str]
    known: frozenset[str]
    by_letter: Mapping[str, tuple[str, ...]]


@functools.lru_cache(maxsize=1)
def load_spellings() -> Spellings:
    """Read spellings.yml.

    Raises:
        RuleFormatError: the file is missing or does not read as a mapping with the keys above.
    """
    path = _PACKAGE / "spellings.yml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        words = {str(wrong): str(right) for right, wrongs in data["misspelt"].items() for wrong in str(wrongs).split()}
        words |= {str(short): str(full) for short, full in data["means"].items() if " " not in str(short)}
        phrases = {str(short): str(full) for short, full in data["means"].items() if " " in str(short)}
        meant = itertools.chain.from_iterable(map(_written_out, data["dose_for_does"]))
        phrases |= {phrase: phrase.replace("dose", "does") for phrase in meant}
        letters = {ord(char): right for right, chars in data["letters"].items() for char in chars if not char.isspace()}
        known = set(itertools.chain.from_iterable(value.split() for value in [*words.values(), *phrases.values()]))
        known.update(data["known"].split())
        return Spellings(
            letters=letters,
            emoji={str(char): f" {words} " for char, words in data["emoji"].items()},
            words=words,
            phrases=phrases,
            known=frozenset(known),
            by_letter={
                letter: tuple(sorted(word for word in known if word[0] == letter and len(word) >= 4))
                for letter in {word[0] for word in known}
            },
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise RuleFormatError(f"{path} is missing or damaged; restore it with: git checkout {path}") from error


def _written_out(phrase: str) -> Iterator[str]:
    """Return every phrase that a phrase with choices stands for: of "why (now|then)", "why now" and "why then"."""
    parts = [part.strip("()").split("|") for part in re.split(r"(\(.*?\))", phrase)]
    return map("".join, itertools.product(*parts))


def normalise(text: str) -> str:
    """Return the text as the rules read it, beginning and ending with a full stop between spaces.

    "I can’t go on…  K1LL me" becomes " . i can not go on kill me . ".
    """
    words = _canonical(text)
    return f" . {words} . " if words else " . "


def canonical_word(word: str) -> str:
    """Return what a literal word of a rule looks like in normalised text; it may be several words."""
    return _canonical(word)


def plain(text: str) -> str:
    """Return the text in lower case without accents or invisible characters, in its own script; for other languages."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES))
    return " ".join("".join(char for char in folded if unicodedata.category(char) not in ("Cf", "Mn")).split())


def _canonical(text: str) -> str:
    spellings = load_spellings()
    letters = _TAG.sub(" ", to_letters(text))
    words = " ".join(_words(_SENTENCE_END.sub(f" {_STOP} ", letters), spellings))
    return _phrase_pattern().sub(lambda match: f" {spellings.phrases[match[1]]} ", f" {words} ").strip()


@functools.lru_cache(maxsize=1)
def _phrase_pattern() -> re.Pattern[str]:
    phrases = sorted(load_spellings().phrases, key=len, reverse=True)
    return re.compile(rf" ({'|'.join(map(re.escape, phrases))}) (?=\S|$)")


def to_letters(text: str) -> str:
    """Return the text in lower case with everything undone that changes how letters look, not what is read."""
    spellings = load_spellings()
    for char, words in spellings.emoji.items():
        if char in text:
            text = text.replace(char, words)
    text = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    visible = "".join(char for char in decomposed if char.isspace() or unicodedata.category(char) not in _INVISIBLE)
    return " ".join(_latin(word, spellings) if not word.isascii() else word for word in visible.split(" "))


def _latin(word: str, spellings: Spellings) -> str:
    """Replace look-alikes of Latin letters, unless the word really is of another script."""
    latin = word.translate(spellings.letters)
    return latin if latin.isascii() or any(char.isascii() and char.isalpha() for char in word) else word


def _words(text: str, spellings: Spellings) -> Iterator[str]:
    for token in _TOKEN.findall(_SPACED_OUT.sub(lambda match: re.sub(r"[^a-z]", "", match[0]), text)):
        yield from _mend(token, spellings)


def _mend(token: str, spellings: Spellings) -> Iterator[str]:
    """Yield what one token means, as one or more words."""
    if token == _STOP:
        yield "."
    elif token in spellings.words:
        yield from spellings.words[token].split()
    elif token in spellings.known:
        yield token
    elif "'" in token:
        yield from _contraction(token, spellings)
    elif match := _NUMBER_UNIT.fullmatch(token):
        yield from _number_unit(token, match[1], match[2], spellings)
    elif token.isalpha():
        yield from _mend_letters(token, spellings)
    else:
        yield from _disguised(token, spellings) or _BETWEEN.sub(" ", token.replace("*", "")).split()


def _contraction(token: str, spellings: Spellings) -> Iterator[str]:
    bare = token.replace("'", "")
    if token.endswith("n't"):
        yield from _mend(token[:-3], spellings)
        yield "not"
        return
    for clitic, words in _CLITICS:
        if token.endswith(clitic):
            yield from _mend(token[: -len(clitic)], spellings)
            yield from words.split()
            return
    yield from _mend(bare, spellings)


def _number_unit(token: str, number: str, unit: str, spellings: Spellings) -> Iterator[str]:
    """Split 10mg into two words; 2nd stays one, and b4-like disguises are tried first."""
    if hidden := _disguised(token, spellings):
        yield from hidden
    elif unit in _ORDINALS:
        yield token
    else:
        yield number
        yield from _mend(unit, spellings)


def _mend_letters(token: str, spellings: Spellings) -> Iterator[str]:
    short = _LONG_RUN.sub(r"\1\1", token)
    if short != token:
        single = _LONG_RUN.sub(r"\1", token)
        for candidate in (short, single):
            if candidate in spellings.words or candidate in spellings.known:
                yield from _mend(candidate, spellings)
                return
    if short in _words_as_they_are():
        yield short
        return
    if len(short) >= 5 and (near := _near(short, spellings)) is not None:
        yield near
        return
    for part in (_segments(short, spellings) if len(short) >= 8 else None) or [short]:
        yield from spellings.words.get(part, part).split()


def _near(word: str, spellings: Spellings) -> str | None:
    """Return the known word one typing error away (two in long words), the first letter being right."""
    errors = 2 if len(word) >= 9 else 1
    alike = [other for other in spellings.by_letter.get(word[0], ()) if abs(len(other) - len(word)) <= errors]
    ranked = sorted((OSA.distance(word, other, score_cutoff=errors), other) for other in alike)
    return ranked[0][1] if ranked and ranked[0][0] <= errors else None


@functools.lru_cache(maxsize=1)
def _words_as_they_are() -> frozenset[str]:
    """Words that are never mended: those of the rules, and the whole words among the packaged model's word pieces.

    Raises:
        GuardUnavailableError: the model is not installed.
    """
    try:
        pieces = (Path(model_source("minilm")) / "vocab.txt").read_text(encoding="utf-8").split("\n")
    except (EncoderUnavailableError, OSError) as error:
        raise GuardUnavailableError("the packaged MiniLM model is missing or damaged; run: make install") from error
    rules = " ".join(path.read_text(encoding="utf-8") for path in sorted((_PACKAGE / "rules").glob("*.yml")))
    return frozenset(piece for piece in pieces if piece.isalpha()) | frozenset(re.findall(r"[^\W\d_]+", rules))


def _disguised(token: str, spellings: Spellings) -> list[str]:
    """Read digits and signs as the letters they stand for, and * as any letter, where that yields a known word."""
    if "*" in token:
        pattern = re.compile(token.replace("*", "[a-z]").replace("$", r"\$").replace("+", r"\+").replace("|", r"\|"))
        return next(([word] for word in sorted(spellings.known) if pattern.fullmatch(word)), [])
    options = [_LEET.get(char, char) for char in token]
    if sum(len(option) > 1 for option in options) > 4:
        return []
    for letters in itertools.product(*options):
        word = "".join(letters)
        if word in spellings.words or (word in spellings.known and len(word) >= 3):
            return list(_mend(word, spellings))
    return []


def _segments(token: str, spellings: Spellings) -> list[str] | None:
    """Split words that were written without spaces, if every part is a known word; fewest parts win."""
    best: list[list[str] | None] = [[]] + [None] * len(token)
    for end in range(1, len(token) + 1):
        for start in range(max(0, end - 14), end):
            head, part = best[start], token[start:end]
            if head is not None and (
                part in _SHORT or (len(part) > 2 and (part in spellings.known or part in spellings.words))
            ):
                current = best[end]
                if current is None or len(head) + 1 < len(current):
                    best[end] = [*head, part]
    return best[-1]


_SHORT = frozenset("i a to my me in on it is am be go do no so he we of".split())
