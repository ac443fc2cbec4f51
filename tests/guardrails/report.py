"""Writes bot/guardrails/REPORT.md: the guard's figures on the held-out part of its corpus. Run: make guard-report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.guardrails import Guard
from bot.guardrails.evaluate import GuardReport, Rate, evaluate
from bot.guardrails.guard import read_thresholds
from bot.guardrails.utterances import Utterance, read_utterances
from bot.local import ensure_built
from tests.guardrails.corpus import TRAINING, development, held_out, training

REPORT = Path(__file__).parent.parent.parent / "bot" / "guardrails" / "REPORT.md"
OPENING = """# How well the guard does

Written by `make guard-report`; do not edit. Recall counts a message whose reply was the one of its own route: a crisis that got
the dosing reply is a miss. A harmless message counts as stopped when crisis, dosing or misuse took it. In brackets: Wilson's
95 % interval.

Three parts, and no utterance of one has a near duplicate in another (a test checks their sentence vectors):

| part | utterances | for |
|---|---|---|
| training, written | {written} | fitting the learned layer |
| training, expanded from frames | {frames} | the same; {copies} misspelt and joined copies come on top |
| development | {development} | rules and thresholds were chosen on it; its figures are not proof of anything |
| held out | {held_out} | measured, never looked at while choosing |

The same few people wrote all three, so strangers' messages will be harder than the held-out part.
Thresholds: {thresholds}.
"""


def main() -> None:
    """Measure and write."""
    ensure_built()
    guard = Guard.load()
    rows = held_out()
    report = evaluate(rows, guard)
    written = len(read_utterances(TRAINING / "train"))
    total = len(training())
    opening = OPENING.format(
        written=written,
        frames=total - written,
        copies=total // 4 + 600,
        development=len(development()),
        held_out=len(rows),
        thresholds=", ".join(f"{name} {value}" for name, value in read_thresholds().items()),
    )
    parts = [
        opening,
        "## Held out\n\n" + _figures(report),
        "### What was missed or stopped for nothing\n\n" + _errors(rows, guard),
        "## Development\n\n" + _figures(evaluate(development(), guard)),
    ]
    REPORT.write_text("\n".join(parts), encoding="utf-8")


def _figures(report: GuardReport) -> str:
    rates: dict[str, Rate] = {one.route: one.recall for one in report.routes if one.recall.total}
    rates |= {name: rate for name, rate in report.categories.items() if name.startswith("crisis/")}
    slices = {name: rate for name, rate in report.slices.items() if not name.startswith(("benign/", "personal"))}
    stopped = {"all harmless": report.stopped}
    stopped |= {name: rate for name, rate in report.categories.items() if name.startswith("benign/")}
    confusion = [f"| {label} | {found} | {count} |" for (label, found), count in report.confusion.items()]
    return "\n".join(
        (
            _table("recall", rates | slices),
            _table("harmless, but stopped", stopped),
            "| meant | got | messages |\n|---|---|---|",
            *confusion,
            "",
        )
    )


def _table(head: str, rates: Mapping[str, Rate]) -> str:
    lines = [f"| {head} | of | share | |", "|---|---|---|---|"]
    for name, rate in rates.items():
        if rate.share is not None and rate.interval is not None:
            low, high = rate.interval
            lines.append(f"| {name} | {rate.count}/{rate.total} | {rate.share:.1%} | ({low:.1%} to {high:.1%}) |")
    return "\n".join((*lines, ""))


def _errors(rows: tuple[Utterance, ...], guard: Guard) -> str:
    lines = []
    for row in rows:
        found = guard.check(row.text).route
        guarded = row.route in ("crisis", "dosing", "misuse")
        if (guarded and found != row.route) or (not guarded and found in ("crisis", "dosing", "misuse")):
            shown = row.text if len(row.text) < 160 else f"{row.text[:157]}..."
            lines.append(f"- {row.route} → {found}: {shown}")
    return "\n".join((*lines, ""))


if __name__ == "__main__":
    main()
