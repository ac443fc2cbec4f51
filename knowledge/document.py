"""Documents: Markdown with front matter, read into passages and sentences with exact offsets.

A document's *normalised text* is the whole file, front matter included, as Unicode NFC with LF line ends, without a byte
order mark, and with the lines of a wrapped paragraph joined by one space. Every offset counts characters of that text.
Documents that keep one paragraph a line, as ours do, are their own normalised text.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.errors import DocumentError
from knowledge.sentences import CITATION, split_sentences

# The same safe loader in C where it is built in; documents are read by the thousand.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STATUSES = ("draft", "reviewed", "retired")
FIELDS = ("id", "title", "status", "reviewed_by", "reviewed_on", "review_due", "audience", "language", "topics")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a passage: `text` is the normalised text from `start` to `end`; `references` are the keys it cites."""

    text: str
    start: int
    end: int
    references: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The retrievable unit: one paragraph or one list under a heading.

    Attributes:
        id: document id and position, for instance "side-effects#3"; stable while the document keeps its order.
        section: the heading above, "" before the first one.
        line: 1-based line of the file where the passage begins.
        start: offset of its first character.
        end: offset behind its last character.
        sentences: in order, at least one.
        is_safety_line: a block quote; shown together with any sentence of its section.
    """

    id: str
    document_id: str
    section: str
    line: int
    start: int
    end: int
    sentences: tuple[Sentence, ...]
    is_safety_line: bool = False

    @property
    def text(self) -> str:
        """The sentences as a patient reads them, without citation marks."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An admitted source text with its review data and its passages."""

    id: str
    title: str
    status: str
    reviewed_by: str
    reviewed_on: datetime.date | None
    review_due: datetime.date | None
    audience: str
    language: str
    topics: tuple[str, ...]
    text: str
    passages: tuple[Passage, ...]
    path: Path

    def is_served(self, today: datetime.date) -> bool:
        """Only reviewed documents whose review has not run out are shown to patients."""
        return self.status == "reviewed" and not self.is_overdue(today)

    def is_overdue(self, today: datetime.date) -> bool:
        """Whether the next review should have taken place before `today`."""
        return self.status == "reviewed" and (self.review_due is None or self.review_due < today)


def read_document(path: Path) -> Document:
    """Read one document.

    Raises:
        DocumentError: not UTF-8, no front matter, or a field missing or of the wrong kind.
    """
    try:
        raw = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from error
    return parse_document(raw, path)


def parse_document(raw: str, path: Path) -> Document:
    """Parse a document's text; `path` is only for messages and for `Document.path`.

    Raises:
        DocumentError: see `read_document`.
    """
    text = normalise(raw)
    header, body_start = _front_matter(text, path)
    fields = _checked_fields(header, path)
    passages = tuple(_passages(text, body_start, fields["id"]))
    return Document(text=text, passages=passages, path=path, **fields)


def read_corpus(folder: Path) -> tuple[Document, ...]:
    """Read every document of a folder (its *.md files), in order of id.

    Raises:
        DocumentError: a document cannot be read, or two have the same id.
    """
    documents = sorted((read_document(path) for path in folder.glob("*.md")), key=lambda document: document.id)
    for one, other in itertools.pairwise(documents):
        if one.id == other.id:
            raise DocumentError(f"{one.path} and {other.path} both have the id {one.id!r}; rename one")
    return tuple(documents)


def normalise(raw: str) -> str:
    """Return the normalised text that all offsets refer to. Normalising twice changes nothing."""
    text = unicodedata.normalize("NFC", raw.removeprefix("\ufeff"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    body_line = _front_matter_lines(lines)
    if not _may_be_wrapped(lines[body_line:]):
        return text
    joined = set(_continuation_lines("\n".join(lines[body_line:]), body_line))
    out = lines[0]
    for number, line in enumerate(lines[1:], start=1):
        out = f"{out.rstrip()} {_strip_marker(line)}" if number in joined else f"{out}\n{line}"
    return out


def _may_be_wrapped(lines: list[str]) -> bool:
    """Whether any line follows directly on another and is no list item: only then can a paragraph go on over lines."""
    return any(
        one.strip() and other.strip() and not re.match(r"\s*(?:[-*+]|\d+[.)])\s", other)
        for one, other in itertools.pairwise(lines)
    )


def _strip_marker(line: str) -> str:
    """Drop the indentation or quote mark that a wrapped line carries inside a list or block quote."""
    return re.sub(r"^[\s>]*", "", line)


def _continuation_lines(body: str, first_line: int) -> Iterator[int]:
    """Yield the numbers of lines that continue a paragraph begun on an earlier line."""
    for token in _markdown().parse(body):
        if token.type == "inline" and token.map:
            begin, end = token.map
            yield from range(first_line + begin + 1, first_line + end)


def _front_matter_lines(lines: list[str]) -> int:
    """Return the number of lines that the front matter takes, 0 if there is none."""
    if not lines or lines[0].strip() != "---":
        return 0
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return number + 1
    return 0


def _front_matter(text: str, path: Path) -> tuple[dict[str, Any], int]:
    lines = text.split("\n")
    count = _front_matter_lines(lines)
    if count == 0:
        raise DocumentError(f"{path}:1: no front matter; begin the file with '---' and the fields {', '.join(FIELDS)}")
    try:
        header = yaml.load("\n".join(lines[1 : count - 1]), Loader=_YAML)
    except yaml.YAMLError as error:
        raise DocumentError(f"{path}: the front matter is not valid YAML: {error}") from error
    if not isinstance(header, dict):
        raise DocumentError(f"{path}:2: the front matter holds no fields; wanted {', '.join(FIELDS)}")
    return header, sum(len(line) + 1 for line in lines[:count])


def _checked_fields(header: dict[str, Any], path: Path) -> dict[str, Any]:
    unknown = sorted(set(header) - set(FIELDS))
    if unknown:
        raise DocumentError(f"{path}: unknown field {unknown[0]!r} in the front matter; known: {', '.join(FIELDS)}")
    for name in ("id", "title", "status", "language"):
        if not isinstance(header.get(name), str) or not header[name].strip():
            raise DocumentError(f"{path}: the front matter needs {name!r} as text")
    if header["status"] not in STATUSES:
        raise DocumentError(f"{path}: status is {header['status']!r}, wanted one of {', '.join(STATUSES)}")
    for name in ("reviewed_on", "review_due"):
        if header.get(name) is not None and not isinstance(header[name], datetime.date):
            raise DocumentError(f"{path}: {name} is {header[name]!r}, wanted a date like 2027-01-31")
    topics = header.get("topics") or []
    if not isinstance(topics, list):
        raise DocumentError(f"{path}: topics is {topics!r}, wanted a list like [alcohol, safety]")
    return {
        "id": header["id"],
        "title": header["title"],
        "status": header["status"],
        "reviewed_by": str(header.get("reviewed_by") or ""),
        "reviewed_on": header.get("reviewed_on"),
        "review_due": header.get("review_due"),
        "audience": str(header.get("audience") or "patients"),
        "language": header["language"],
        "topics": tuple(str(topic) for topic in topics),
    }


@functools.cache
def _markdown() -> MarkdownIt:
    """Blocks are enough: no words inside a paragraph are parsed."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable(["inline"])
    return parser


@dataclasses.dataclass(frozen=True, slots=True)
class _Block:
    first_line: int
    last_line: int
    section: str
    is_quote: bool


def _blocks(body: str) -> Iterator[_Block]:
    """Yield the top-level blocks that hold prose: paragraphs, lists, tables and block quotes."""
    section = ""
    tokens = _markdown().parse(body)
    for position, token in enumerate(tokens):
        if token.level != 0 or token.map is None or token.nesting == -1:
            continue
        if token.type == "heading_open":
            section = CITATION.sub("", tokens[position + 1].content).strip()
        elif token.type in ("paragraph_open", "bullet_list_open", "ordered_list_open", "table_open", "blockquote_open"):
            yield _block(token, section)


def _block(token: Token, section: str) -> _Block:
    assert token.map is not None  # narrowed by the caller; markdown-it types it as optional
    return _Block(token.map[0], token.map[1], section, token.type == "blockquote_open")


_LINE_MARK = re.compile(r"^\s*(?:>\s?)*\s*(?:[-*+]\s+|\d+[.)]\s+)?")
_TABLE_RULE = re.compile(r"^[\s|:-]+$")


def _passages(text: str, body_start: int, document_id: str) -> Iterator[Passage]:
    body = text[body_start:]
    first_line = text.count("\n", 0, body_start)
    offsets = [body_start]
    for line in body.split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    number = 0
    for block in _blocks(body):
        sentences: list[Sentence] = []
        for line_number in range(block.first_line, block.last_line):
            begin, end = offsets[line_number], offsets[line_number + 1] - 1
            line = text[begin:end]
            if not line.strip() or _TABLE_RULE.match(line):
                continue
            mark = _LINE_MARK.match(line)
            begin += mark.end() if mark else 0
            sentences += [
                Sentence(text=text[one.start : one.end], start=one.start, end=one.end, references=one.references)
                for one in split_sentences(text, begin, end)
            ]
        if sentences:
            number += 1
            yield Passage(
                id=f"{document_id}#{number}",
                document_id=document_id,
                section=block.section,
                line=first_line + block.first_line + 1,
                start=sentences[0].start,
                end=sentences[-1].end,
                sentences=tuple(sentences),
                is_safety_line=block.is_quote,
            )
