"""Running cases: each a fresh conversation, all of them over one loaded bot, results in the order of the files."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
from collections.abc import Callable, Sequence

from bot.conversation_tests.assertions import FAILED, PASSED, UNTOLD, Documents, Finding, judge
from bot.conversation_tests.cases import Case, Step
from bot.conversation_tests.drivers import Driver, UnsupportedCaseError
from bot.conversation_tests.turns import Turn
from knowledge.document import read_corpus
from knowledge.settings import documents_folder

SKIPPED = "skipped"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One turn and what became of its assertions; `differs` tells that a repetition did not give the same bytes."""

    step: Step
    turn: Turn
    findings: tuple[Finding, ...]
    differs: bool = False

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The assertions that failed."""
        return tuple(one for one in self.findings if one.outcome == FAILED)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What became of a case; `reason` says why it was skipped."""

    case: Case
    steps: tuple[StepResult, ...] = ()
    reason: str = ""

    @property
    def outcome(self) -> str:
        """Return "passed", "failed" or "skipped"; a case whose assertions could all not be told is skipped."""
        findings = [finding for step in self.steps for finding in step.findings]
        if any(finding.outcome == FAILED for finding in findings) or any(step.differs for step in self.steps):
            return FAILED
        told = [finding for finding in findings if finding.outcome != UNTOLD]
        return SKIPPED if self.reason or (findings and not told) else PASSED

    @property
    def untold(self) -> tuple[Finding, ...]:
        """The assertions that could not be told here."""
        return tuple(one for step in self.steps for one in step.findings if one.outcome == UNTOLD)

    @property
    def seconds(self) -> float:
        """How long the turns took together."""
        return sum(step.turn.seconds for step in self.steps)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run: stop at the first failure, how often each case, how many conversations at once."""

    fail_fast: bool = False
    repeat: int = 1
    jobs: int = 1


def read_documents() -> Documents:
    """Return the normalised text of every document by id: what citations are held against."""
    return {document.id: document.text for document in read_corpus(documents_folder() / "documents")}


async def run_cases(
    cases: Sequence[Case],
    driver: Driver,
    documents: Documents,
    options: Options | None = None,
    tell: Callable[[CaseResult], None] = lambda result: None,
) -> list[CaseResult]:
    """Run cases and return their results in the order of the cases; `tell` hears each as it ends.

    Raises:
        DriverError: the service cannot be reached.
    """
    options = options or Options()
    results: dict[str, CaseResult] = {}
    by_scene = sorted(cases, key=_scene)
    for scene, group in itertools.groupby(by_scene, key=_scene):
        driver.set_scene(scene[0] or None, scene[1] or None)
        limit = asyncio.Semaphore(max(1, options.jobs))

        async def run(case: Case, limit: asyncio.Semaphore = limit) -> None:
            async with limit:
                if options.fail_fast and any(result.outcome == FAILED for result in results.values()):
                    return
                results[case.id] = await _run_repeatedly(case, driver, documents, options.repeat)
                tell(results[case.id])

        await asyncio.gather(*(run(case) for case in group))
    driver.set_scene(None, None)
    return [results[case.id] for case in cases if case.id in results]


def _scene(case: Case) -> tuple[str, str]:
    return case.country or "", case.day or ""


async def _run_repeatedly(case: Case, driver: Driver, documents: Documents, times: int) -> CaseResult:
    """Run a case so many times; every run must give the same replies, byte for byte."""
    first = await run_case(case, driver, documents)
    steps = list(first.steps)
    for _ in range(times - 1):
        again = await run_case(case, driver, documents)
        for place, (one, other) in enumerate(zip(steps, again.steps, strict=True)):
            if _bytes(one.turn) != _bytes(other.turn):
                steps[place] = dataclasses.replace(one, differs=True)
    return dataclasses.replace(first, steps=tuple(steps))


async def run_case(case: Case, driver: Driver, documents: Documents) -> CaseResult:
    """Hold one conversation. A failing turn does not end it: all that is wrong is seen at once."""
    try:
        sender = await driver.begin(case)
    except UnsupportedCaseError as error:
        return CaseResult(case=case, reason=str(error))
    steps: list[StepResult] = []
    said: tuple[str, ...] = ()
    try:
        for step in case.steps:
            turn = await driver.say(sender, step, said)
            said = turn.said
            steps.append(StepResult(step=step, turn=turn, findings=judge(step, turn, documents)))
    finally:
        await driver.end(sender)
    return CaseResult(case=case, steps=tuple(steps))


def rejudge(result: CaseResult, turns: Sequence[Turn], documents: Documents) -> CaseResult:
    """Judge a case's steps again on other turns."""
    steps = tuple(
        StepResult(step=one.step, turn=turn, findings=judge(one.step, turn, documents))
        for one, turn in zip(result.steps, turns, strict=True)
    )
    return dataclasses.replace(result, steps=steps)


def _bytes(turn: Turn) -> bytes:
    return json.dumps(turn.reply.to_json(), ensure_ascii=False, sort_keys=True).encode()
