"""Sentences and their citations, by offsets: the smallest piece of a document that an answer may quote."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

CITATION = re.compile(r"\s*\[(@[^\]\[]+)\]")
_KEY = re.compile(r"@([A-Za-z0-9][\w:.#$%&+?<>~/-]*)")
# A sentence ends at . ! or ? (and closing quotes or brackets), before white space and something that can begin one.
_END = re.compile(r"[.!?]+[\"')\]\u201d\u2019]*(?=\s+[\"'(\u201c\u2018\u00bf\u00a1]*[A-Z0-9\u00c0-\u00de]|\s*\[@|\s*$)")
_ABBREVIATION = re.compile(r"(?:(?<![\w-])(?:e\.g|i\.e|etc|vs|Dr|Mr|Mrs|Ms|St|No|Fig|al|approx|ca|U\.S|U\.K|[A-Z]))\.$")


@dataclasses.dataclass(frozen=True, slots=True)
class SentenceSpan:
    """Offsets of a sentence without its citation marks, and the keys it cites in order."""

    start: int
    end: int
    references: tuple[str, ...]


def split_sentences(text: str, start: int, end: int) -> Iterator[SentenceSpan]:
    """Split text[start:end], one paragraph or list item, into sentences.

    A citation belongs to the sentence before it, whether it stands before or behind the full stop. A citation in the
    middle of a sentence ends that sentence's quotable part only if nothing but punctuation follows.
    """
    position = start
    while position < end:
        position = _skip_space(text, position, end)
        if position >= end:
            return
        stop = _sentence_end(text, position, end)
        after, keys = _citations_at(text, stop, end)
        quote_end, inner = _without_closing_citation(text, position, stop)
        while quote_end > position and text[quote_end - 1].isspace():
            quote_end -= 1
        if quote_end > position:
            yield SentenceSpan(position, quote_end, tuple(dict.fromkeys([*inner, *keys])))
        position = max(after, stop, position + 1)


def citation_keys(text: str) -> tuple[str, ...]:
    """Return every citation key of a text, in order, with repeats."""
    return tuple(key for mark in CITATION.finditer(text) for key in _KEY.findall(mark.group(1)))


def _skip_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position


def _sentence_end(text: str, start: int, end: int) -> int:
    for match in _END.finditer(text, start, end):
        is_cited = CITATION.match(text, match.end(), end) is not None
        if is_cited or not _ABBREVIATION.search(text, start, match.end()):
            return match.end()
    return end


def _citations_at(text: str, position: int, end: int) -> tuple[int, list[str]]:
    """Read the citation marks that follow `position`; return where they end and their keys."""
    keys: list[str] = []
    while match := CITATION.match(text, position, end):
        keys += _KEY.findall(match.group(1))
        position = match.end()
    return position, keys


def _without_closing_citation(text: str, start: int, stop: int) -> tuple[int, list[str]]:
    """Cut a citation that closes the sentence ("… effect [@key].") from the quotable part."""
    keys: list[str] = []
    end = stop
    for match in CITATION.finditer(text, start, stop):
        keys += _KEY.findall(match.group(1))
        if not text[match.end() : stop].strip(" .!?;,\"')"):
            end = min(end, match.start())
    return end, keys
