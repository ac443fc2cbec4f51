"""A report as plain data: what the JSON file holds, and what the other reports are written from.

Equal runs give equal reports but for the keys `seconds` and `milliseconds`.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.conversation_tests.assertions import FAILED, PASSED, Finding
from bot.conversation_tests.coverage import Coverage
from bot.conversation_tests.mutate import Mutation
from bot.conversation_tests.runner import SKIPPED, CaseResult, StepResult
from bot.conversation_tests.why import why

if TYPE_CHECKING:
    from bot.local import LocalBot

SCHEMA = "askwell.test-report/1"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one run found; `seconds` is how long the conversations took, loading not counted."""

    results: tuple[CaseResult, ...]
    seconds: float = 0.0
    coverage: tuple[Coverage, ...] = ()
    mutations: tuple[Mutation, ...] = ()

    def count(self, outcome: str) -> int:
        """Return how many cases ended so."""
        return sum(1 for result in self.results if result.outcome == outcome)


def as_json(report: Report, bot: LocalBot | None) -> dict[str, Any]:
    """Return a report as JSON; with a bot in this process, failing turns tell why."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "summary": {
            "conversations": len(report.results),
            "turns": sum(len(result.steps) for result in report.results),
            **{outcome: report.count(outcome) for outcome in (PASSED, FAILED, SKIPPED)},
            "unsupported": unsupported_counts(report.results),
            "seconds": round(report.seconds, 3),
        },
        "accuracy": accuracy(report.results),
        "cases": [_case(result, bot) for result in report.results],
    }
    if report.coverage:
        data["coverage"] = [
            {"kind": one.kind, "percent": one.percent, "reached": len(one.reached), "missing": list(one.missing)}
            for one in report.coverage
        ]
    if report.mutations:
        data["mutations"] = [
            {"name": one.name, "kind": one.kind, "cases": one.cases, "noticed_by": one.noticed_by}
            for one in report.mutations
        ]
    return data


def unsupported_counts(results: Sequence[CaseResult]) -> dict[str, int]:
    """Return how many assertions could not be told, by kind and reason."""
    counts = Counter(f"{one.assertion.kind}: {one.found}" for result in results for one in result.untold)
    return dict(sorted(counts.items()))


def accuracy(results: Sequence[CaseResult]) -> dict[str, dict[str, int]]:
    """Return for each kind of assertion how many passed and how many failed."""
    table: dict[str, dict[str, int]] = {}
    for result in results:
        for step in result.steps:
            for finding in step.findings:
                row = table.setdefault(finding.assertion.kind, {PASSED: 0, FAILED: 0, "unsupported": 0})
                row[finding.outcome] += 1
    return dict(sorted(table.items()))


def difference(finding: Finding) -> str:
    """Return what was wanted and what was found, as a line, or as a diff of texts."""
    if finding.assertion.kind != "text":
        return f"wanted {finding.wanted}, found {finding.found}"
    lines = difflib.unified_diff(
        finding.wanted.splitlines(), finding.found.splitlines(), "wanted", "found", lineterm="", n=1
    )
    return "\n".join(lines)


def _case(result: CaseResult, bot: LocalBot | None) -> dict[str, Any]:
    return {
        "name": result.case.name,
        "file": str(result.case.path),
        "line": result.case.line,
        "outcome": result.outcome,
        "reason": result.reason,
        "seconds": round(result.seconds, 3),
        "steps": [_step(step, bot) for step in result.steps],
    }


def _step(result: StepResult, bot: LocalBot | None) -> dict[str, Any]:
    turn, wrong = result.turn, bool(result.failures) or result.differs
    return {
        "line": result.step.line,
        "user": turn.user,
        "reply": turn.reply.to_json(),
        "milliseconds": round(turn.seconds * 1000),
        "same_bytes": not result.differs,
        "assertions": [
            {
                "kind": finding.assertion.kind,
                "line": finding.assertion.line,
                "outcome": finding.outcome,
                # Durations are no part of what two runs have in common.
                "difference": _difference(finding),
            }
            for finding in result.findings
        ],
        "why": list(why(turn, bot)) if wrong else [],
    }


def _difference(finding: Finding) -> str:
    if finding.outcome == PASSED:
        return ""
    return difference(finding) if finding.outcome == FAILED else finding.found
