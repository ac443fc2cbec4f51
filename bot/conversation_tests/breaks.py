"""Breaks: ways in which a bot can go wrong, one at a time, to see whether any test notices.

A break of a reply changes what was said, and only that, so it is held against the turns that were already taken. A break of
the bot changes how it works, so the cases that touch it run again on the broken bot.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

from bot.conversation_tests.coverage import GUARDRAILS
from bot.conversation_tests.turns import Turn
from bot.reply import Citation, Hedge, Reply

_LAYERS = ("rules", "model", "context")
_DOSE = "Take 10 mg three times a day."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReplyBreak:
    """Changes a reply; `change` returns None for a turn that it does not touch."""

    kind: str
    name: str
    change: Callable[[Turn], Reply | None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BotBreak:
    """Changes the bot while `applied` is open; `touches` tells the turns that may go differently."""

    kind: str
    name: str
    touches: Callable[[Turn], bool]
    applied: Callable[[], contextlib.AbstractContextManager[None]]


def reply_breaks(turns: Sequence[Turn], responses: Mapping[str, Any]) -> Iterator[ReplyBreak]:
    """Yield the breaks of replies that turns like these can suffer."""
    for name, variations in responses.items():
        yield from _of_response(name, variations)
    for document in _sorted(_all_documents(turns)):
        yield from _of_document(document)
    for level in _sorted(turn.reply.hedge.level for turn in turns if turn.reply.hedge):
        yield from _of_hedge(level)
    for route in _sorted(turn.reply.route for turn in turns):
        yield from _of_route(route)
    for route, category in sorted({(turn.reply.route, turn.reply.category) for turn in turns}):
        yield _of_category(route, category)
    yield from _of_answers()


def bot_breaks(turns: Sequence[Turn]) -> Iterator[BotBreak]:
    """Yield the breaks of the bot that turns like these can suffer."""
    yield from (_category_off(name) for name in GUARDRAILS)
    yield from (_layer_off(layer) for layer in _LAYERS)
    yield from (_retirement(document) for document in _sorted(_all_documents(turns)))
    yield BotBreak(
        kind="dialogue",
        name="a repeated fixed reply keeps its first wording",
        touches=lambda turn: len(turn.said) > 1 and bool(turn.responses),
        applied=_first_wording_only,
    )
    yield BotBreak(
        kind="dialogue",
        name="nothing is remembered for a follow-up",
        touches=lambda turn: len(turn.said) > 1 and "action_answer_question" in turn.actions,
        applied=_without_memory,
    )


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
        return _on(kind, name, lambda turn: document in _documents(turn.reply), lambda reply: _recited(reply, change))

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


def _category_off(name: str) -> BotBreak:
    route, _, category = name.partition("/")

    def is_off(found: Mapping[str, Any]) -> bool:
        return found.get("route") == route and (not category or found.get("category") == category)

    return _guard_break("guardrail off", name, is_off)


def _layer_off(layer: str) -> BotBreak:
    return _guard_break("guard layer off", f"layer {layer}", lambda found: found.get("layer") == layer)


def _guard_break(kind: str, name: str, is_off: Callable[[Mapping[str, Any]], bool]) -> BotBreak:
    return BotBreak(
        kind=kind,
        name=f"guard: {name} off",
        touches=lambda turn: is_off(turn.guard),
        applied=lambda: _guard_off(is_off),
    )


def _retirement(document: str) -> BotBreak:
    return BotBreak(
        kind="document retired",
        name=f"document {document} retired",
        touches=lambda turn: document in _documents(turn.reply),
        applied=lambda: _retired(document),
    )


@contextlib.contextmanager
def _guard_off(is_off: Callable[[Mapping[str, Any]], bool]) -> Iterator[None]:
    from bot.guardrails import Guard, Verdict

    check = Guard.check

    def broken(self: Guard, *arguments: Any, **named: Any) -> Verdict:
        verdict = check(self, *arguments, **named)
        return Verdict(route="pass", language=verdict.language) if is_off(dataclasses.asdict(verdict)) else verdict

    with mock.patch.object(Guard, "check", broken):
        yield


@contextlib.contextmanager
def _retired(document: str) -> Iterator[None]:
    """Let a document's review have run out, as retrieval sees it."""
    from knowledge.retriever import Retriever

    search = Retriever.search

    def broken(self: Retriever, *arguments: Any, **named: Any) -> Any:
        documents: Any = self.corpus.documents
        overdue = dataclasses.replace(documents[document], review_due=datetime.date.min)
        with mock.patch.dict(documents, {document: overdue}):
            return search(self, *arguments, **named)

    with mock.patch.object(Retriever, "search", broken):
        yield


@contextlib.contextmanager
def _first_wording_only() -> Iterator[None]:
    import bot.responses
    from bot.fixed_replies import choose_variation

    def broken(variations: Any, response: str, past: Any, language: str) -> Any:
        return choose_variation(variations, response, (), language)

    with mock.patch.object(bot.responses, "choose_variation", broken):
        yield


@contextlib.contextmanager
def _without_memory() -> Iterator[None]:
    from bot.endpoints import LocalActions

    request = LocalActions.request

    async def broken(self: LocalActions, *arguments: Any, **named: Any) -> Any:
        return {**(await request(self, *arguments, **named)), "events": []}

    with mock.patch.object(LocalActions, "request", broken):
        yield


def _documents(reply: Reply) -> set[str]:
    return {one.document_id for one in reply.citations}


def _all_documents(turns: Sequence[Turn]) -> set[str]:
    return {name for turn in turns for name in _documents(turn.reply)}


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(set(names))
