"""Coverage: what of the bot the conversations reached, and what none of them did."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.conversation_tests.runner import CaseResult
from bot.conversation_tests.turns import Turn
from bot.guardrails.verdict import CRISIS_CATEGORIES
from knowledge.document import read_corpus
from knowledge.helplines import read_helplines
from knowledge.settings import PACKAGE as KNOWLEDGE
from knowledge.settings import documents_folder, read_mapping, today

DOMAIN = Path(__file__).resolve().parent.parent / "domain"
# What the guard can find; "pass" is the message that it lets go on.
GUARDRAILS = (*(f"crisis/{name}" for name in CRISIS_CATEGORIES), "dosing", "misuse", "personal_advice", "language")
KINDS = ("intents", "responses", "actions", "guardrails", "documents", "passages", "help lines")
# Intents that no message can bring about: the guard sets this one when it is itself out of order.
UNREACHABLE_INTENTS = frozenset({"guard_fault"})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of one kind of thing was reached."""

    kind: str
    reached: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Share in percent, rounded down to one place; 100 if there is nothing to reach."""
        total = len(self.reached) + len(self.missing)
        return 100.0 if not total else int(1000 * len(self.reached) / total) / 10


def domain_of(folder: Path = DOMAIN) -> Mapping[str, Any]:
    """Return the domain's files as one mapping: intents, actions, responses."""
    domain: dict[str, Any] = {"intents": [], "actions": [], "responses": {}}
    for path in sorted(folder.glob("*.yml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        domain["intents"] += data.get("intents", [])
        domain["actions"] += data.get("actions", [])
        domain["responses"] |= data.get("responses", {})
    return domain


def coverage_of(results: Sequence[CaseResult]) -> tuple[Coverage, ...]:
    """Return the coverage of every kind: intents, responses, actions, guardrails, documents, passages, help lines."""
    turns = [(result, step.turn) for result in results for step in result.steps]
    domain = domain_of()
    documents = [document for document in read_corpus(documents_folder() / "documents") if document.is_served(today())]
    passages = [passage.id for document in documents for passage in document.passages]
    cited = [citation for _, turn in turns for citation in turn.reply.citations]
    reached = {
        "intents": (turn.intent[0] for _, turn in turns),
        "responses": (name for _, turn in turns for name in turn.responses),
        "actions": (name for _, turn in turns for name in turn.actions),
        "guardrails": (_guardrail(turn) for _, turn in turns),
        "documents": (citation.document_id for citation in cited),
        "passages": (citation.passage_id for citation in cited),
        "help lines": _helplines_shown(turns),
    }
    wanted: dict[str, Iterable[str]] = {
        "intents": set(domain["intents"]) - UNREACHABLE_INTENTS,
        "responses": domain["responses"],
        "actions": domain["actions"],
        "guardrails": GUARDRAILS,
        "documents": [document.id for document in documents],
        "passages": passages,
        "help lines": _helplines(domain["responses"]),
    }
    return tuple(_coverage(kind, wanted[kind], set(reached[kind])) for kind in wanted)


def below(coverages: Iterable[Coverage], floors: Mapping[str, float]) -> list[str]:
    """Return what lies under its floor; the floor "" holds for every kind that has none of its own."""
    found = []
    for one in coverages:
        floor = floors.get(one.kind, floors.get(""))
        if floor is not None and one.percent < floor:
            found.append(f"coverage of {one.kind} is {one.percent:g} %, wanted at least {floor:g} %")
    return found


def _coverage(kind: str, wanted: Iterable[str], reached: set[Any]) -> Coverage:
    names = list(dict.fromkeys(wanted))
    return Coverage(
        kind=kind,
        reached=tuple(sorted(name for name in names if name in reached)),
        missing=tuple(sorted(name for name in names if name not in reached)),
    )


def _guardrail(turn: Turn) -> str:
    """Name what the guard found; where events are not told, what the reply shows of it."""
    route = turn.guard.get("route") or turn.reply.route
    category = turn.guard.get("category") or turn.reply.category
    return f"crisis/{category}" if route == "crisis" else str(route)


def _helplines_shown(turns: Iterable[tuple[CaseResult, Turn]]) -> Iterable[str]:
    countries = read_mapping(KNOWLEDGE / "helplines.yml")["countries"]
    lines = {country: read_helplines(country).lines for country in countries}
    for result, turn in turns:
        country = result.case.country or _configured_country()
        for resource in turn.reply.resources:
            yield from (
                line.id for line in lines[country] if (line.name, line.contact) == (resource.name, resource.contact)
            )


def _helplines(responses: Mapping[str, Any]) -> Iterable[str]:
    """Yield the help lines that some response can show: the first of each need, in every country."""
    needs = [
        need
        for variations in responses.values()
        for one in variations
        for need in (one.get("custom") or {}).get("needs", ())
    ]
    for country in read_mapping(KNOWLEDGE / "helplines.yml")["countries"]:
        yield from (line.id for line in read_helplines(country).of(list(dict.fromkeys(needs))))


def _configured_country() -> str:
    from bot.settings import load_settings

    return load_settings().country
