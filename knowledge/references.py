"""References: the publications behind the documents, kept as CSL-JSON (what Zotero exports) in references.json.

Fields of our own stand under `custom`, which CSL-JSON leaves to its users: kind, direction, topic, population, size, small
and et_al.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from knowledge.errors import BibliographyError
from knowledge.settings import PACKAGE

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

    @property
    def short_name(self) -> str:
        """Authors and year, "Kahn et al. 2009"; the title and year where no author is known."""
        who, _, rest = self.text.partition(", ")
        return f"{rest.split(', ')[0]} {who}" if who.isdigit() else who


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
    ids = [item.get("id") if isinstance(item, dict) else None for item in items]
    for identifier in ids:
        if not isinstance(identifier, str):
            raise BibliographyError(f"{path}: an item has no id; every CSL-JSON item needs one")
        if ids.count(identifier) > 1:
            raise BibliographyError(f"{path}: the id {identifier!r} is used twice; rename one")
    texts = _rendered(items)
    return {item["id"]: _reference(item, text, path) for item, text in zip(items, texts, strict=True)}


def _reference(item: Any, text: str, path: Path) -> Reference:
    custom = item.get("custom") or {}
    kind, direction = custom.get("kind"), custom.get("direction")
    if kind not in KINDS:
        raise BibliographyError(f"{path}: {item['id']}: custom.kind is {kind!r}, wanted one of {', '.join(KINDS)}")
    if direction not in DIRECTIONS:
        raise BibliographyError(
            f"{path}: {item['id']}: custom.direction is {direction!r}, wanted one of {', '.join(DIRECTIONS)}"
        )
    return Reference(
        id=item["id"],
        text=text,
        url=item.get("URL") or (f"https://doi.org/{item['DOI']}" if item.get("DOI") else None),
        kind=kind,
        direction=direction,
        topic=str(custom.get("topic") or ""),
        population=str(custom.get("population") or ""),
        year=_year(item),
        is_small=bool(custom.get("small")),
    )


def _rendered(items: list[dict[str, Any]]) -> list[str]:
    """Return each reference as one line, by the style askwell.csl."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of fields that the style does not use
        from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
        from citeproc.source.json import CiteProcJSON

        source = CiteProcJSON([_for_rendering(item) for item in items])
        style = CitationStylesStyle(str(PACKAGE / "askwell.csl"), validate=False)
        bibliography = CitationStylesBibliography(style, source, formatter.plain)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"])]))
        return [" ".join(str(line).split()) for line in bibliography.bibliography()]


def _for_rendering(item: dict[str, Any]) -> dict[str, Any]:
    """Keep the fields that the style uses; `custom.et_al` says that there are more authors than are known to us."""
    kept = {key: item[key] for key in ("id", "type", "title", "author", "issued", "container-title") if key in item}
    if (item.get("custom") or {}).get("et_al"):
        kept["author"] = [*kept["author"], *({"family": "others"} for _ in range(2))]
    return kept


def _year(item: dict[str, Any]) -> int | None:
    try:
        return int(item["issued"]["date-parts"][0][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
