"""Breaks of replies: a citation shifted, a hedge dropped, a paragraph gone. Held against turns that were already taken."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.conversation_tests.turns import Turn
from bot.reply import Citation, Hedge, Reply

_DOSE = "Take 10 mg three times a day."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReplyBreak:
    """Changes a reply; `change` returns None for a turn that it does not touch."""

    kind: str
    name: str
    change: Callable[[Turn], Reply | None]


def reply_breaks(turns: Sequence[Turn], responses: Mapping[str, Any]) -> Iterator[ReplyBreak]:
    """Yield the breaks of replies that turns like these can suffer."""
    for name, variations in responses.items():
        yield from _of_response(name, variations)
    for document in _sorted(all_documents(turns)):
        yield from _of_document(document)
    for level in _sorted(turn.reply.hedge.level for turn in turns if turn.reply.hedge):
        yield from _of_hedge(level)
    for route in _sorted(turn.reply.route for turn in turns):
        yield from _of_route(route)
    for route, category in sorted({(turn.reply.route, turn.reply.category) for turn in turns}):
        yield _of_category(route, category)
    yield from _of_answers()


def _on(kind: str, name: str, touches: Callable[[Turn], bool], change: Callable[[Reply], Reply | None]) -> ReplyBreak:
    return ReplyBreak(kind=kind, name=name, change=lambda turn: change(turn.reply) if touches(turn) else None)


def _of_response(name: str, variations: Sequence[Mapping[str, Any]]) -> Iterator[ReplyBreak]:
    """Drop each paragraph of each wording, and the first help line and the buttons of the reply."""
    for number, variation in enumerate(variations, start=1):
        paragraphs = [part for part in re.split(r"\n\n+", variation["text"].strip()) if not part.startswith("{")]
        for place, paragraph in enumerate(paragraphs, start=1):
            yield _paragraph_dropped(name, f"wording {number}: paragraph {place}", _pattern(paragraph))
    if any((one.get("custom") or {}).get("needs") for one in variations):
        yield _on(
            "help line dropped",
            f"{name}: its first help line dropped",
            lambda turn: name in turn.responses,
            _without_first_resource,
        )
    if any((one.get("custom") or {}).get("suggestions") for one in variations):
        yield _on(
            "buttons dropped",
            f"{name}: its buttons dropped",
            lambda turn: name in turn.responses and bool(turn.reply.suggestions),
            lambda reply: reply.replace(suggestions=()),
        )


def _paragraph_dropped(name: str, where: str, pattern: re.Pattern[str]) -> ReplyBreak:
    return _on(
        "fixed reply altered",
        f"{name}, {where} dropped",
        lambda turn: name in turn.responses,
        lambda reply: _without(reply, pattern),
    )


def _pattern(paragraph: str) -> re.Pattern[str]:
    """Return what finds a paragraph in a rendered reply; {emergency} and the like stand for any words."""
    return re.compile(re.sub(r"\\\{\w+\\\}", ".+?", re.escape(paragraph)))


def _without(reply: Reply, pattern: re.Pattern[str]) -> Reply | None:
    text = re.sub(r"\n{3,}", "\n\n", pattern.sub("", reply.text, count=1)).strip()
    if text == reply.text.strip():
        return None
    return reply.replace(text=text or "…")


def _without_first_resource(reply: Reply) -> Reply | None:
    if len(reply.resources) < 2:
        return None
    first = reply.resources[0]
    lines = [line for line in reply.text.splitlines() if not line.startswith(f"- {first.name}: ")]
    return reply.replace(resources=reply.resources[1:], text="\n".join(lines))


def _of_document(document: str) -> Iterator[ReplyBreak]:
    def on(kind: str, name: str, change: Callable[[Citation], Citation]) -> ReplyBreak:
        return _on(kind, name, lambda turn: document in documents_of(turn.reply), lambda reply: _recited(reply, change))

    def changed(one: Citation, **changes: Any) -> Citation:
        return dataclasses.replace(one, **changes) if one.document_id == document else one

    yield on(
        "citation shifted",
        f"citations of {document} shifted by one character",
        lambda one: changed(one, start=one.start + 1, end=one.end + 1),
    )
    yield on(
        "citation of another document",
        f"citations of {document} name another document",
        lambda one: changed(one, document_id="another"),
    )
    yield on("reference dropped", f"references of {document} dropped", lambda one: changed(one, references=()))


def _recited(reply: Reply, change: Callable[[Citation], Citation]) -> Reply:
    return reply.replace(citations=tuple(change(one) for one in reply.citations))


def _of_hedge(level: str) -> Iterator[ReplyBreak]:
    def touches(turn: Turn) -> bool:
        return turn.reply.hedge is not None and turn.reply.hedge.level == level

    def hedge_of(reply: Reply) -> Hedge:
        assert reply.hedge is not None
        return reply.hedge

    yield _on(
        "hedge dropped",
        f"hedge {level} dropped",
        touches,
        lambda reply: reply.replace(hedge=None, text=reply.text.replace(hedge_of(reply).text, "").strip()),
    )
    yield _on(
        "hedge changed",
        f"hedge {level} called another",
        touches,
        lambda reply: reply.replace(hedge=Hedge(level="another", text=hedge_of(reply).text)),
    )


def _of_category(route: str, category: str) -> ReplyBreak:
    return _on(
        "category changed",
        f"category {category} of {route} called another",
        lambda turn: (turn.reply.route, turn.reply.category) == (route, category),
        lambda reply: reply.replace(category="another"),
    )


def _of_route(route: str) -> Iterator[ReplyBreak]:
    def touches(turn: Turn) -> bool:
        return turn.reply.route == route

    other = "smalltalk" if route != "smalltalk" else "answer"
    yield _on("route changed", f"route {route} called {other}", touches, lambda reply: reply.replace(route=other))
    yield _on(
        "dose slipped in",
        f"an amount in a reply of route {route}",
        touches,
        lambda reply: reply.replace(text=f"{reply.text}\n\n{_DOSE}"),
    )
    yield _on("receipt altered", f"receipt of route {route} altered", touches, _with_another_receipt)


def _with_another_receipt(reply: Reply) -> Reply:
    end = "AA" if not reply.receipt.endswith("AA") else "BB"
    return reply.replace(receipt=reply.receipt[:-2] + end)


def _of_answers() -> Iterator[ReplyBreak]:
    def on(name: str, pattern: str, *routes: str) -> ReplyBreak:
        compiled = re.compile(pattern, re.DOTALL)
        return _on(
            "answer altered",
            name,
            lambda turn: turn.reply.route in routes and bool(turn.reply.statements or turn.reply.route != "answer"),
            lambda reply: _without(reply, compiled),
        )

    yield on("an answer without its safety line", r"\n\nImportant: .+?(?=\n\n)", "answer", "personal_advice")
    yield on("an answer without its list of sources", r"\n\nSources\n.+", "answer", "personal_advice")
    yield on("an answer without whom to ask", r"\n\n[^\n]+(?=\n\nSources\n)", "answer")
    yield on("personal advice that does not lead with whom to ask", r"^[^\n]+", "personal_advice")
    yield _on(
        "answer altered",
        "an answer with one word of a statement changed",
        lambda turn: bool(turn.reply.statements),
        _with_a_word_changed,
    )
    yield _on(
        "disagreement dropped",
        "disagreement no longer told",
        lambda turn: turn.reply.disagreement,
        lambda reply: reply.replace(disagreement=False),
    )
    yield _on(
        "help line dropped",
        "the crisis lines no longer stay in sight after a crisis",
        lambda turn: len(turn.said) > 1 and turn.reply.route in ("answer", "smalltalk") and bool(turn.reply.resources),
        lambda reply: reply.replace(resources=()),
    )


def _with_a_word_changed(reply: Reply) -> Reply:
    first = reply.statements[0]
    changed = re.sub(r"\w+", "word", first.text, count=1)
    return reply.replace(
        statements=(dataclasses.replace(first, text=changed), *reply.statements[1:]),
        text=reply.text.replace(first.text, changed),
    )


def documents_of(reply: Reply) -> set[str]:
    """Return the ids of the documents that a reply cites."""
    return {one.document_id for one in reply.citations}


def all_documents(turns: Sequence[Turn]) -> set[str]:
    """Return the ids of the documents that turns cite."""
    return {name for turn in turns for name in documents_of(turn.reply)}


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(set(names))
