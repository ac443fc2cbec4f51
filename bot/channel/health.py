"""Health: whether the service can answer, and what keeps it from doing so."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.guardrails.component import FAULT
from knowledge.document import read_corpus
from knowledge.errors import KnowledgeError
from knowledge.index import current_build
from knowledge.settings import documents_folder, state_folder, today

# Long enough for a busy action server, short enough for a load balancer's own limit.
TIMEOUT = aiohttp.ClientTimeout(total=2.0)
PROBE = "hello"


async def health_of(agent: Any) -> dict[str, Any]:
    """Return {"status": "ok" | "degraded", "can_answer": bool, "problems": [...], …}.

    Guarded messages are answered without the action server, so its absence degrades the service but the status says so
    and `can_answer` is false: questions get only the safe reply.
    """
    problems: list[str] = []
    if agent is None or not agent.is_ready():
        problems.append("no dialogue model is loaded; run: askwell serve")
    elif (await agent.parse_message(PROBE))["intent"]["name"] == FAULT:
        problems.append("the guardrail does not work; every message gets the safe reply")
    if not await _action_server_answers(agent):
        problems.append("the action server does not answer; questions get the safe reply")
    index = None
    try:
        index = current_build(state_folder() / "index").name
    except KnowledgeError as error:
        problems.append(str(error))
    can_answer = not problems
    overdue = _overdue()
    problems += [f"the review of {one} is overdue; it is not shown" for one in overdue]
    return {
        "status": "degraded" if problems else "ok",
        "can_answer": can_answer,
        "problems": problems,
        "index": index,
        "overdue": overdue,
    }


async def _action_server_answers(agent: Any) -> bool:
    endpoint = getattr(agent, "action_endpoint", None)
    if endpoint is None or not endpoint.url:
        return endpoint is not None
    try:
        url = endpoint.url.replace("/webhook", "/health")
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session, session.get(url) as response:
            return bool(response.status == 200)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False


def _overdue() -> list[str]:
    try:
        documents = read_corpus(documents_folder() / "documents")
    except KnowledgeError:
        return []
    return [document.id for document in documents if document.is_overdue(today())]
