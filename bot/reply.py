"""The reply: what one turn sends to the patient, as values and as JSON (schema askwell.reply/1).

Everything that answers builds one of these: fixed replies (bot/responses.py), composed answers (actions/) and the
channel's own safe reply. Pure: no Rasa, no models, no files.
"""

from __future__ import annotations

import dataclasses
from typing import Any

SCHEMA = "askwell.reply/1"
ROUTES = ("answer", "no_answer", "crisis", "dosing", "misuse", "personal_advice", "smalltalk", "error")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """How sure the sources are: a level from actions/phrases.yml and its fixed sentence."""

    level: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One or more sentences taken verbatim from a document, with the numbers of their citations."""

    text: str
    citations: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CitedReference:
    """The publication behind a statement, as shown to the patient."""

    id: str
    text: str
    url: str | None
    kind: str
    year: int | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a statement stands: `start` and `end` are character offsets into the document's normalised text."""

    number: int
    document_id: str
    passage_id: str
    title: str
    section: str
    quote: str
    start: int
    end: int
    url: str | None
    reviewed: str
    references: tuple[CitedReference, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A help line: name, what to dial or text, a link that a phone can open, and its hours."""

    name: str
    contact: str
    href: str
    hours: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One turn's reply.

    `text` is all that the patient reads, complete without the other fields.
    """

    route: str
    category: str
    text: str
    hedge: Hedge | None = None
    disagreement: bool = False
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    resources: tuple[Resource, ...] = ()
    suggestions: tuple[str, ...] = ()
    receipt: str = ""

    def __post_init__(self) -> None:
        """Refuse a reply that the contract forbids.

        Raises:
            ValueError: unknown route, empty text, citations not numbered 1 to n, a statement without citation, or
                statements on a route that must not carry any.
        """
        if self.route not in ROUTES:
            raise ValueError(f"route {self.route!r} is not one of {', '.join(ROUTES)}")
        if not self.text.strip():
            raise ValueError(f"a reply on route {self.route!r} has no text")
        numbers = [citation.number for citation in self.citations]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"citations must be numbered 1 to {len(numbers)}, found {numbers}")
        if self.route not in ("answer", "personal_advice", "smalltalk") and (self.statements or self.citations):
            raise ValueError(f"route {self.route!r} must not carry statements")
        for statement in self.statements:
            if not statement.citations or not set(statement.citations) <= set(numbers):
                raise ValueError("every statement needs citations that exist")
        if self.route == "crisis" and not self.resources:
            raise ValueError("a crisis reply must carry resources")

    def to_json(self) -> dict[str, Any]:
        """Return the contract's JSON object, keys always in the same order."""
        return {"schema": SCHEMA, **_plain(dataclasses.asdict(self))}

    def replace(self, **changes: Any) -> Reply:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)


def reply_from_json(data: dict[str, Any]) -> Reply:
    """Read a reply back from its JSON object.

    Raises:
        ValueError: the schema is another one, or the reply breaks the contract.
        KeyError: a field is missing.
    """
    if data.get("schema") != SCHEMA:
        raise ValueError(f"found schema {data.get('schema')!r}, wanted {SCHEMA!r}")
    return Reply(
        route=data["route"],
        category=data["category"],
        text=data["text"],
        hedge=Hedge(**data["hedge"]) if data["hedge"] else None,
        disagreement=data["disagreement"],
        statements=tuple(
            Statement(text=item["text"], citations=tuple(item["citations"])) for item in data["statements"]
        ),
        citations=tuple(
            Citation(**{**item, "references": tuple(CitedReference(**entry) for entry in item["references"])})
            for item in data["citations"]
        ),
        resources=tuple(Resource(**item) for item in data["resources"]),
        suggestions=tuple(data["suggestions"]),
        receipt=data["receipt"],
    )


def _plain(value: Any) -> Any:
    """Turn tuples into lists, so that the value equals what JSON gives back."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
