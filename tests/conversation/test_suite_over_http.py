"""`askwell test --url`: the same cases against a running service, and what that way cannot tell."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.conversation_tests.cases import Case, read_cases
from bot.conversation_tests.drivers import DriverError, InProcess, OverHttp
from bot.conversation_tests.runner import CaseResult, Options, read_documents, run_cases
from tests.conversation.conftest import Talk
from tests.conversation.service import Service

SUITE = """\
fixtures:
  - britain: {country: GB}
test_cases:
  - test_case: an answer
    steps:
      - user: does baclofen help cocaine cravings?
        assertions:
          - route: answer
          - grounded: true
          - bot_uttered: {text_matches: not a proven treatment}
          - action_executed: action_answer_question
      - user: who says so?
        assertions:
          - category: sources
  - test_case: a crisis
    steps:
      - user: i don't want to be here anymore
        assertions:
          - route: crisis
          - bot_uttered: {utter_name: utter_crisis_suicide}
  - test_case: in Britain
    fixtures: [britain]
    steps:
      - user: hi
        assertions:
          - route: smalltalk
"""


async def over_http(cases: list[Case], url: str) -> list[CaseResult]:
    async with aiohttp.ClientSession() as session:
        return await run_cases(cases, OverHttp(url, session), read_documents(), Options(jobs=3))


@pytest.fixture
def cases(tmp_path: Path) -> list[Case]:
    path = tmp_path / "suite.yml"
    path.write_text(SUITE)
    return read_cases([str(path)])


def test_a_running_service_gives_the_same_replies(service: Service, talk: Talk, cases: list[Case]):
    answer, crisis, britain = asyncio.run(over_http(cases, service.url))
    assert [answer.outcome, crisis.outcome, britain.outcome] == ["passed", "passed", "skipped"]
    assert len(answer.untold) == len(crisis.untold) == 1
    local = talk.run(run_cases(cases[:2], InProcess(talk.bot), read_documents()))
    assert [step.turn.reply for result in local for step in result.steps] == [
        step.turn.reply for result in (answer, crisis) for step in result.steps
    ]


def test_no_service_is_told_with_the_mend(cases: list[Case]):
    with pytest.raises(DriverError, match="start it with: askwell serve"):
        asyncio.run(over_http(cases, "http://127.0.0.1:9"))
