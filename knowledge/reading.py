"""Reading grade: how many years of school a text asks for (Flesch and Kincaid, US Navy, 1975).

Syllables are counted from spelling. The libraries that count them from a dictionary fetch it from the network when first used,
or carry one under a licence that this project cannot take; against a dictionary the count is right for about nine words in ten,
and its errors fall on both sides.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][a-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")
# Endings whose e is silent, and pairs of vowels that are two syllables.
_SILENT = re.compile(r"(?:[^laeiouysxzcgh]es|[^taeiouyd]ed|[^aeiouyl]e)$")
_APART = re.compile(r"i[aou]|[aeo]ing|eo|ua(?!r)|uou|iet|ue[lt]|scie|uici|(?<=[rd])ea$")
_TOGETHER = re.compile(r"[cstx]i(?:on|an|ous|al)|gi(?:on|ous)|people")


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of English text, 0 for text without words. Lists count as sentences, line by line."""
    sentences = [part for part in re.split(r"[.!?]+(?:\s|$)|\n+", text) if _WORD.search(part)]
    words = _WORD.findall(text)
    if not words:
        return 0.0
    syllables = sum(syllables_of(word) for word in words)
    grade = 0.39 * len(words) / max(1, len(sentences)) + 11.8 * syllables / len(words) - 15.59
    return round(max(0.0, grade), 1)


def syllables_of(word: str) -> int:
    """Return the number of syllables of an English word, at least 1. Capitals alone are spelt letter by letter."""
    if word.isupper() and 1 < len(word) <= 5:
        return len(word)
    word = word.lower().replace("\u2019", "'").split("'")[0]
    count = len(_VOWELS.findall(word)) + len(_APART.findall(word)) - len(_TOGETHER.findall(word))
    return max(1, count - (1 if _SILENT.search(word) else 0))
