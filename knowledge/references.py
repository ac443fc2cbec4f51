"""References: the publications behind the documents, kept as CSL-JSON (what Zotero exports) in references.json."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from knowledge.errors import BibliographyError

KINDS = (
    "guideline",
    "meta-analysis",
    "randomised trial",
    "non-randomised trial",
    "laboratory study",
    "cohort study",
    "case series",
    "survey",
    "animal study",
    "drug label",
    "agency page",
    "review article",
    "registry entry",
    "patient leaflet",
    "press report",
)
DIRECTIONS = ("supports", "against", "mixed", "none")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A publication.

    Attributes:
        id: the citation key.
        text: the reference as a patient reads it, one line.
        url: link to the publisher, DOI or agency; None if there is no such page.
        kind: kind of evidence, one of KINDS.
        direction: whether it speaks for baclofen on its topic, one of DIRECTIONS; "none" for facts and safety.
        topic: what it is about, for instance "cocaine"; references disagree only within a topic.
        population: who was studied, in plain words; "" if nobody was.
        year: year of publication; None if undated.
        is_small: fewer than 100 people.
    """

    id: str
    text: str
    url: str | None
    kind: str
    direction: str
    topic: str
    population: str
    year: int | None
    is_small: bool


def read_references(path: Path) -> Mapping[str, Reference]:
    """Read references.json.

    Raises:
        BibliographyError: no such file, not a CSL-JSON list, an id twice, or an entry without kind or direction.
    """
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BibliographyError(
            f"{path} cannot be read ({error.strerror}); export it from Zotero as CSL JSON"
        ) from error
    except json.JSONDecodeError as error:
        raise BibliographyError(
            f"{path}:{error.lineno}: not JSON ({error.msg}); export it from Zotero as CSL JSON"
        ) from error
    if not isinstance(items, list):
        raise BibliographyError(f"{path} holds a {type(items).__name__}, wanted a list of CSL-JSON items")
    references: dict[str, Reference] = {}
    for item in items:
        reference = _reference(item, path)
        if reference.id in references:
            raise BibliographyError(f"{path}: the id {reference.id!r} is used twice; rename one")
        references[reference.id] = reference
    return references


def _reference(item: Any, path: Path) -> Reference:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        raise BibliographyError(f"{path}: an item has no id; every CSL-JSON item needs one")
    custom = item.get("custom") or {}
    kind, direction = custom.get("kind"), custom.get("direction")
    if kind not in KINDS:
        raise BibliographyError(f"{path}: {item['id']}: custom.kind is {kind!r}, wanted one of {', '.join(KINDS)}")
    if direction not in DIRECTIONS:
        raise BibliographyError(
            f"{path}: {item['id']}: custom.direction is {direction!r}, wanted one of {', '.join(DIRECTIONS)}"
        )
    year = _year(item)
    return Reference(
        id=item["id"],
        text=_one_line(item, year),
        url=item.get("URL") or (f"https://doi.org/{item['DOI']}" if item.get("DOI") else None),
        kind=kind,
        direction=direction,
        topic=str(custom.get("topic") or ""),
        population=str(custom.get("population") or ""),
        year=year,
        is_small=bool(custom.get("small")),
    )


def _year(item: dict[str, Any]) -> int | None:
    try:
        return int(item["issued"]["date-parts"][0][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _one_line(item: dict[str, Any], year: int | None) -> str:
    names = [author.get("family") or author.get("literal") or "" for author in item.get("author", [])]
    names = [name for name in names if name]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    head = " ".join(part for part in (who, f"{year}" if year else "") if part)
    title = str(item.get("title") or "").rstrip(".")
    where = str(item.get("container-title") or item.get("publisher") or "")
    parts = [part for part in (head, title, where) if part]
    if where and where == who:
        parts.remove(where)
    return ", ".join(parts) if parts else item["id"]
