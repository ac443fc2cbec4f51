"""Tells other languages from English, and catches the crisis words of other languages; a light part of the first layer.

Scripts decide where they can, everyday words elsewhere. Meant to be sure rather than complete: a message it cannot place
is treated as English, and then finds nothing in the knowledge base. The words are data: languages.yml.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import yaml

from bot.guardrails.errors import RuleFormatError
from bot.guardrails.normalise import plain, to_letters

_FILE = Path(__file__).resolve().parent / "languages.yml"
# First word of a letter's Unicode name to the language it speaks for when no other of that script fits better.
_SCRIPTS = {
    "CYRILLIC": "ru", "ARABIC": "ar", "DEVANAGARI": "hi", "BENGALI": "bn", "CJK": "zh", "HIRAGANA": "ja",
    "KATAKANA": "ja", "HANGUL": "ko", "GREEK": "el", "HEBREW": "he", "THAI": "th", "GURMUKHI": "pa", "GUJARATI": "gu",
    "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si", "ARMENIAN": "hy",
    "GEORGIAN": "ka", "ETHIOPIC": "am", "KHMER": "km", "LAO": "lo", "MYANMAR": "my", "TIBETAN": "bo",
}  # fmt: skip
_WRITTEN_WITHOUT_SPACES = frozenset({"zh", "ja", "th", "km", "lo", "my"})
# The one language besides English that has rules, training utterances and fixed replies of its own, and the marks that no other
# language opens a sentence with.
SPANISH = "es"
_SPANISH_MARKS = frozenset("¿¡")
_ACCENTS = frozenset("áéíóúñ")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language of languages.yml; `crisis` maps a category to its turns of phrase, `help` is its name and word for help."""

    code: str
    help: str
    words: frozenset[str]
    letters: frozenset[str]
    crisis: Mapping[str, tuple[str, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class LanguageDetector:
    """Knows the languages of languages.yml."""

    languages: tuple[Language, ...]

    @classmethod
    def load(cls) -> LanguageDetector:
        """Read languages.yml.

        Raises:
            RuleFormatError: the file is missing or damaged.
        """
        try:
            data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
            return cls(tuple(_language(code, entry) for code, entry in data.items()))
        except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise RuleFormatError(f"{_FILE} is missing or damaged; restore it with: git checkout {_FILE}") from error

    def help_in(self, code: str | None) -> str:
        """Return the name of a language and its word for help; nothing for a language that is not in the file."""
        return next((language.help for language in self.languages if language.code == code), "")

    def detect(self, utterance: str) -> str | None:
        """Return the ISO 639-1 code of the language, or None for English and for what cannot be told."""
        text = plain(to_letters(utterance))
        letters = [char for char in text if char.isalpha()]
        if not letters:
            return None
        foreign = [char for char in letters if not unicodedata.name(char, "").startswith("LATIN")]
        if 2 * len(foreign) > len(letters):
            return self._by_script(utterance, foreign)
        return SPANISH if _SPANISH_MARKS & set(utterance) else self._by_words(_WORD.findall(text), utterance)

    def crisis(self, utterance: str) -> tuple[str, str] | None:
        """Return the language and category of the first crisis phrase of another language, or None."""
        text = f" {plain(utterance)}"
        for language in self.languages:
            before = "" if language.code in _WRITTEN_WITHOUT_SPACES else " "
            for category, phrases in language.crisis.items():
                if any(before + phrase in text for phrase in phrases):
                    return language.code, category
        return None

    def has_more_words_of(self, one: str, other: str, utterance: str) -> bool:
        """Whether more everyday words of the utterance are of one language than of another; both by their codes."""
        hits = self._hits(_WORD.findall(plain(to_letters(utterance))))
        return hits[one] > hits[other]

    def _by_script(self, utterance: str, letters: list[str]) -> str | None:
        counts = Counter(unicodedata.name(char, "?").split()[0] for char in letters)
        scripts = [script for script, _ in counts.most_common() if script in _SCRIPTS]
        if not scripts:
            return None
        if {"HIRAGANA", "KATAKANA"} & set(scripts):
            return "ja"
        marked = self._by_letters(utterance)
        return marked if marked is not None and scripts[0] in ("CYRILLIC", "ARABIC") else _SCRIPTS[scripts[0]]

    def _by_letters(self, utterance: str) -> str | None:
        """The language whose own letters occur most often."""
        letters = Counter(utterance.casefold())
        found = {language.code: sum(letters[letter] for letter in language.letters) for language in self.languages}
        best = max(found, key=lambda code: found[code])
        return best if found[best] else None

    def _hits(self, words: list[str]) -> Counter[str]:
        return Counter({language.code: sum(word in language.words for word in words) for language in self.languages})

    def _by_words(self, words: list[str], utterance: str) -> str | None:
        """The language with the most everyday words, if they are many and English has fewer."""
        if len(words) < 2:
            return None
        hits = self._hits(words)
        hits.update([code] if (code := self._by_letters(utterance)) else [])
        english = hits.pop("en")
        best, count = hits.most_common(1)[0]
        # Our own second language needs less proof: who is taken for a Spanish speaker is still understood.
        if (
            best == SPANISH
            and not english
            and count + bool(_ACCENTS & set(utterance)) >= 2
            and count >= 0.2 * len(words)
        ):
            return SPANISH
        return best if count >= 2 and count > english and count >= 0.34 * len(words) else None


def _language(code: str, entry: Mapping[str, object]) -> Language:
    crisis = entry["crisis"]
    assert isinstance(crisis, dict)
    return Language(
        code=code,
        help=str(entry["help"]),
        words=frozenset(plain(str(entry["words"])).split()),
        letters=frozenset(str(entry["letters"])),
        crisis={category: tuple(plain(phrase) for phrase in phrases) for category, phrases in crisis.items()},
    )
