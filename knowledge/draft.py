"""Drafts: a converted file as a document for review, without boilerplate, every claim marked as unreferenced."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from pathlib import Path

import yaml

from knowledge.check import Finding, check_document
from knowledge.convert import Converted
from knowledge.document import parse_document
from knowledge.errors import ConversionError
from knowledge.sentences import split_sentences
from knowledge.settings import PACKAGE, read_mapping, today

UNREFERENCED = "unreferenced"
_TELEPHONE_LINE = re.compile(r"\+?\d?[-\s.]?\(?\d{3}\)?[-\s.]\d{3}[-\s.]\d{4}")
_NUMBERING = re.compile(r"^(?:\d+\.)*\d+\.?\s+(?=\D)")
_BULLET = re.compile(r"^\s*[\u2022\u25cf\u25aa*\u2013-]\s+")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document to be reviewed: its id, the file's text, and what a reviewer must look at."""

    id: str
    text: str
    findings: tuple[Finding, ...]


def make_draft(converted: Converted, source: Path, target_folder: Path) -> Draft:
    """Make the draft of a converted file, to be written into `target_folder` as <id>.md.

    Raises:
        ConversionError: nothing is left when boilerplate is taken away.
    """
    lines = _without_boilerplate(_plain(converted.text).split("\n"))
    title, lines = _title(converted.title, lines)
    body = _body(lines)
    if not body.strip():
        raise ConversionError(f"{source}: nothing but boilerplate was found in it")
    identifier = slug(title or source.stem)
    text = _header(identifier, title or source.stem, converted, source) + body
    path = target_folder / f"{identifier}.md"
    findings = check_document(parse_document(text, path), {}, today())
    wanted = [one for one in findings if one.code not in ("unreferenced", "unknown-reference")]
    return Draft(id=identifier, text=text, findings=tuple(sorted(wanted, key=lambda one: one.line)))


def slug(title: str) -> str:
    """Return a title as an id: small ASCII letters, digits and hyphens, at most 60 characters."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-") or "document"


def _plain(text: str) -> str:
    """Return text in NFC with straight quotes, plain spaces and no control characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for found, wanted in (
        ("\u2019", "'"),
        ("\u2018", "'"),
        ("\u201c", '"'),
        ("\u201d", '"'),
        ("\u00a0", " "),
        ("\ufeff", ""),
    ):
        text = text.replace(found, wanted)
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one)[0] != "C")


def _without_boilerplate(lines: list[str]) -> list[str]:
    patterns = read_mapping(PACKAGE / "boilerplate.yml")
    drop = re.compile("|".join(f"(?:{one})" for one in patterns["lines"]), re.IGNORECASE)
    end = re.compile("|".join(f"(?:{one})" for one in patterns["endings"]), re.IGNORECASE)
    kept: list[str] = []
    said: set[str] = set()
    for line in lines:
        bare = line.strip().lstrip("# ")
        if end.match(bare):
            break
        is_repeated = len(bare) > 40 and bare in said
        if drop.match(bare) or _TELEPHONE_LINE.search(bare) or is_repeated:
            continue
        said.add(bare)
        kept.append(line)
    return kept


def _title(known: str, lines: list[str]) -> tuple[str, list[str]]:
    """Return the title and the lines without it: what the file says of itself, or else its first line."""
    if known.strip():
        title = known.strip()
    else:
        title = next((line.strip().lstrip("# ").strip() for line in lines if line.strip()), "")
        if len(title) > 120:
            return "", lines
    rest = [line for line in lines if line.strip().lstrip("# ").strip() != title]
    return re.sub(r"\s+New$", "", title), rest


def _body(lines: list[str]) -> str:
    blocks: list[str] = []
    for number, line in enumerate(lines):
        text = line.strip()
        if not text:
            continue
        if _is_heading(lines, number):
            heading = _NUMBERING.sub("", text.lstrip("# ")).strip()
            blocks.append(f"## {heading}")
        elif _BULLET.match(line):
            item = f"- {_marked(_BULLET.sub('', line).strip())}"
            if blocks and blocks[-1].startswith("- "):
                blocks[-1] = f"{blocks[-1]}\n{item}"
            else:
                blocks.append(item)
        else:
            blocks.append(_marked(text))
    return "\n\n".join(blocks) + "\n"


def _is_heading(lines: list[str], number: int) -> bool:
    """A Markdown heading, or a short line that is no sentence and stands by itself (or first over a paragraph)."""
    text = lines[number].strip()
    if re.match(r"#{1,6}\s", text):
        return True
    before = number == 0 or not lines[number - 1].strip()
    is_short = len(text) <= 90 and len(text.split()) <= 14
    is_sentence = text.endswith((".", "!", ";", ",", ":"))
    after = next((line.strip() for line in lines[number + 1 :] if line.strip()), "")
    return before and is_short and not is_sentence and not _BULLET.match(lines[number]) and bool(after)


def _marked(paragraph: str) -> str:
    """Put the mark of a missing reference behind every sentence."""
    pieces = [paragraph[one.start : one.end] for one in split_sentences(paragraph, 0, len(paragraph))]
    return " ".join(f"{piece} [@{UNREFERENCED}]" for piece in pieces)


def _header(identifier: str, title: str, converted: Converted, source: Path) -> str:
    fields: dict[str, object] = {
        "id": identifier,
        "title": title,
        "status": "draft",
        "reviewed_by": None,
        "reviewed_on": None,
        "review_due": None,
        "audience": "patients",
        "language": (converted.language or "en")[:2],
        "topics": [],
    }
    about = [f"from {source.name}"]
    about += [f"author {converted.author}"] if converted.author else ["author unknown"]
    about += [f"dated {converted.date}"] if converted.date else ["date unknown"]
    header = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n# Draft {', '.join(about)}\n{header}---\n\n"
