"""Breaks of the bot: a guardrail off, a document retired, a memory lost. The cases that a break touches run again under it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

from bot.conversation_tests.coverage import GUARDRAILS
from bot.conversation_tests.reply_breaks import all_documents, documents_of
from bot.conversation_tests.turns import Turn

_LAYERS = ("rules", "model", "context")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BotBreak:
    """Changes the bot while `applied` is open; `touches` tells the turns that may go differently."""

    kind: str
    name: str
    touches: Callable[[Turn], bool]
    applied: Callable[[], contextlib.AbstractContextManager[None]]


def bot_breaks(turns: Sequence[Turn]) -> Iterator[BotBreak]:
    """Yield the breaks of the bot that turns like these can suffer."""
    yield from (_category_off(name) for name in GUARDRAILS)
    yield from (_layer_off(layer) for layer in _LAYERS)
    yield from (_retirement(document) for document in sorted(all_documents(turns)))
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
        touches=lambda turn: document in documents_of(turn.reply),
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
