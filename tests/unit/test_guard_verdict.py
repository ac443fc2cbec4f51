"""The verdict that a message carries from the dialogue server to the actions."""

from __future__ import annotations

import dataclasses
import json

import pytest

from bot.guardrails import Verdict
from bot.guardrails.verdict import PRECEDENCE, VERDICT, verdict_of


@pytest.mark.parametrize("route", PRECEDENCE)
def test_a_verdict_comes_back_as_it_was_sent(route: str):
    verdict = Verdict(route=route, category="suicide", layer="model", score=0.9, education=True)
    assert verdict_of(json.loads(json.dumps({VERDICT: dataclasses.asdict(verdict)}))) == verdict


@pytest.mark.parametrize(
    "message",
    [
        {},
        {VERDICT: None},
        {VERDICT: {}},
        {VERDICT: "pass"},
        {VERDICT: {"route": "pass", "surprise": 1}},
        {VERDICT: {"route": "guard_fault"}},
        {VERDICT: {"route": 7}},
    ],
)
def test_what_does_not_read_as_a_verdict_is_none_so_that_the_guard_is_asked(message: dict[str, object]):
    assert verdict_of(message) is None
