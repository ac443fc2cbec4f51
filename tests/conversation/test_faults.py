"""Whatever breaks, the patient gets a safe reply in time: every fault, met by a crisis, a dosing question and a plain one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import pytest
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channel.conversation import load_safe_reply, reply_to
from bot.channel.payload import Utterance
from bot.guardrails.component import GuardrailComponent
from bot.guardrails.errors import GuardUnavailableError
from bot.guardrails.guard import Guard, read_thresholds
from bot.reply import Reply
from bot.settings import load_settings
from knowledge.errors import IndexUnavailableError
from knowledge.helplines import read_helplines
from tests.conversation.conftest import Talk
from tests.guard_values import languages, make_layer, rules

CRISIS = "i took all my tablets and feel sleepy"
DOSING = "how many mg of baclofen should i take"
QUESTION = "what are the side effects of baclofen"
MESSAGES = (CRISIS, DOSING, QUESTION)
Fault = Callable[[Talk], contextlib.AbstractContextManager[None]]


class Broken:
    """Stands where something should be, and raises whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error

    def __iter__(self) -> Iterator[Any]:
        raise self._error


class Actions:
    """An action server that behaves as told."""

    def __init__(self, behave: Callable[[], Any]) -> None:
        self._behave = behave

    async def request(self, *_args: Any, **_kwargs: Any) -> Any:
        found = self._behave()
        return await found if asyncio.iscoroutine(found) else found


def component(talk: Talk) -> GuardrailComponent:
    nodes = talk.bot.agent.processor.graph_runner._instantiated_nodes.values()
    return next(node._component for node in nodes if isinstance(node._component, GuardrailComponent))


def with_guard(make: Callable[[], Guard | None]) -> Fault:
    @contextlib.contextmanager
    def fault(talk: Talk) -> Iterator[None]:
        guarded = component(talk)
        before, guarded._guard = guarded._guard, make()
        try:
            yield
        finally:
            guarded._guard = before

    return fault


def with_actions(behave: Callable[[], Any]) -> Fault:
    @contextlib.contextmanager
    def fault(talk: Talk) -> Iterator[None]:
        processor = talk.bot.agent.processor
        before, processor.action_endpoint = processor.action_endpoint, Actions(behave)
        try:
            yield
        finally:
            processor.action_endpoint = before

    return fault


@contextlib.contextmanager
def no_tracker_store(talk: Talk) -> Iterator[None]:
    processor = talk.bot.agent.processor
    before, processor.tracker_store = processor.tracker_store, Broken(OSError("the tracker store is down"))
    try:
        yield
    finally:
        processor.tracker_store = before


def fail(error: Exception) -> Callable[[], Any]:
    def behave() -> Any:
        raise error

    return behave


def guard(**broken: Any) -> Callable[[], Guard]:
    parts: dict[str, Any] = {
        "rules": rules(),
        "languages": languages(),
        "learned": make_layer(),
        "thresholds": read_thresholds(),
    }
    return lambda: Guard(**{**parts, **broken})


class RaisingRules:
    """A rule file that cannot be applied."""

    after = ()
    route = "crisis"
    find = Broken(RuntimeError("rules"))


GUARD_FAULTS = {
    "no guard could be loaded": with_guard(lambda: None),
    "rules raise": with_guard(guard(rules=(RaisingRules(),))),
    "language detection raises": with_guard(guard(languages=Broken(RuntimeError("languages")))),
    "the guard itself raises": with_guard(lambda: Broken(RuntimeError("guard"))),
}
# The rules find a crisis before the learned layer is asked; everything after it cannot be trusted.
LATE_GUARD_FAULTS = {
    "learned layer raises": with_guard(guard(learned=Broken(RuntimeError("learned")))),
    "thresholds are gone": with_guard(guard(thresholds={})),
}
ACTION_FAULTS = {
    "action server dead": with_actions(fail(aiohttp.ClientConnectionError())),
    "action server slow": with_actions(lambda: asyncio.sleep(30)),
    "action server says nothing": with_actions(lambda: None),
    "action server talks rubbish": with_actions(lambda: "<html>502</html>"),
    "action server sends odd events": with_actions(lambda: {"events": [{"event": "no such event"}], "responses": []}),
    "action server sends an odd reply": with_actions(lambda: {"events": [], "responses": [{"text": 7, "custom": []}]}),
    "index gone": with_actions(fail(IndexUnavailableError("no index"))),
}


def answer(talk: Talk, text: str) -> tuple[Reply, float]:
    """Return the reply as the web channel would give it, and the seconds it took."""
    bot = talk.bot
    safe = load_safe_reply(read_helplines(load_settings().country))
    utterance = Utterance(sender=f"fault-{time.monotonic_ns()}", text=text, message_id="", metadata={})
    begin = time.monotonic()
    reply = talk.run(
        reply_to(
            utterance,
            bot.agent.handle_message,
            safe_reply=safe,
            timeout_seconds=load_settings().answer_timeout_seconds,
        )
    )
    return reply, time.monotonic() - begin


def is_safe(reply: Reply) -> bool:
    """Whether it claims nothing and points to people."""
    return reply.route == "error" and bool(reply.resources) and not reply.statements and "911" in reply.text


@pytest.mark.parametrize("text", MESSAGES)
@pytest.mark.parametrize("fault", GUARD_FAULTS)
def test_a_broken_guard_ends_in_the_safe_reply(talk: Talk, fault: str, text: str):
    with GUARD_FAULTS[fault](talk):
        reply, seconds = answer(talk, text)
    assert is_safe(reply)
    assert seconds < 3


@pytest.mark.parametrize("text", MESSAGES)
@pytest.mark.parametrize("fault", LATE_GUARD_FAULTS)
def test_a_broken_learned_layer_leaves_crisis_rules_and_nothing_else(talk: Talk, fault: str, text: str):
    with LATE_GUARD_FAULTS[fault](talk):
        reply, seconds = answer(talk, text)
    assert reply.route == "crisis" if text == CRISIS else is_safe(reply)
    assert seconds < 3


@pytest.mark.parametrize("text", MESSAGES)
@pytest.mark.parametrize("fault", ACTION_FAULTS)
def test_broken_actions_leave_the_fixed_replies_and_the_safe_one(talk: Talk, fault: str, text: str):
    with ACTION_FAULTS[fault](talk):
        reply, seconds = answer(talk, text)
    expected = {CRISIS: "crisis", DOSING: "dosing", QUESTION: "error"}
    assert reply.route == expected[text]
    assert reply.resources
    assert is_safe(reply) or text != QUESTION
    assert seconds < 3


@pytest.mark.parametrize("text", MESSAGES)
def test_without_a_tracker_store_the_safe_reply_comes(talk: Talk, text: str):
    with no_tracker_store(talk):
        reply, seconds = answer(talk, text)
    assert is_safe(reply)
    assert seconds < 3


def test_the_faults_of_this_file_are_gone_afterwards(talk: Talk):
    assert answer(talk, QUESTION)[0].route == "answer"
    assert isinstance(talk.run(talk.bot.agent.tracker_store.get_or_create_tracker("fault-none")), DialogueStateTracker)


def test_damaged_thresholds_and_a_missing_model_are_refused_when_loading(tmp_path):
    thresholds = tmp_path / "thresholds.yml"
    thresholds.write_text("crisis: [", encoding="utf-8")
    with pytest.raises(GuardUnavailableError, match="git checkout"):
        read_thresholds(thresholds)
    with pytest.raises(GuardUnavailableError, match=r"bot\.build"):
        Guard.load(tmp_path / "nothing")
