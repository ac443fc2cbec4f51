"""`askwell eval …`: figures that anyone can check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.guardrails.evaluate import GuardReport, Rate


@click.group("eval")
def evaluation() -> None:
    """Measure on labelled data of your own."""


@evaluation.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def guardrails(file: Path, as_json: bool) -> None:
    """Measure the guard on FILE: JSON lines {"id", "text", "route"}.

    Recall counts messages that got their own route; a label other than crisis, dosing, misuse and personal_advice counts as
    harmless. Misses are shown by id. Intervals are Wilson's, at 95 %.
    """
    from bot.guardrails import Guard
    from bot.guardrails.evaluate import evaluate
    from bot.guardrails.utterances import read_utterances
    from bot.local import ensure_built

    rows = read_utterances(file)
    ensure_built()
    report = evaluate(rows, Guard.load())
    click.echo(json.dumps(_as_json(report), ensure_ascii=False, indent=2) if as_json else _as_text(report))


def _as_text(report: GuardReport) -> str:
    lines = [f"{'route':16} {'recall':>28}   {'false positives':>28}"]
    for figures in report.routes:
        lines.append(f"{figures.route:16} {_shown(figures.recall):>28}   {_shown(figures.false_positives):>28}")
    lines.append(f"{'stopped, harmless':16} {_shown(report.stopped):>58}")
    for figures in report.routes:
        if figures.misses:
            lines.append(f"missed {figures.route}: {', '.join(figures.misses)}")
        if figures.false_alarms:
            lines.append(f"false {figures.route}: {', '.join(figures.false_alarms)}")
    return "\n".join(lines)


def _shown(rate: Rate) -> str:
    if rate.share is None or rate.interval is None:
        return "no rows"
    low, high = rate.interval
    return f"{rate.count}/{rate.total} = {rate.share:.1%} ({low:.1%} to {high:.1%})"


def _as_json(report: GuardReport) -> dict[str, Any]:
    def rate(value: Rate) -> dict[str, Any]:
        return {"count": value.count, "total": value.total, "share": value.share, "interval": value.interval}

    return {
        "routes": {
            figures.route: {
                "recall": rate(figures.recall),
                "false_positives": rate(figures.false_positives),
                "misses": figures.misses,
                "false_alarms": figures.false_alarms,
            }
            for figures in report.routes
        },
        "stopped": rate(report.stopped),
        "categories": {name: rate(value) for name, value in report.categories.items()},
        "slices": {name: rate(value) for name, value in report.slices.items()},
        "confusion": [
            {"label": label, "found": found, "count": count} for (label, found), count in report.confusion.items()
        ],
    }
