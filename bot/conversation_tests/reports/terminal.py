"""The report in the terminal: failures first in full, then one line that says it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

_MARKS = {"passed": ("PASS", "green"), "failed": ("FAIL", "red"), "skipped": ("SKIP", "yellow")}
Data = Mapping[str, Any]


def mark(outcome: str) -> str:
    """Return an outcome as a word in its colour; click leaves the colour away where it is not wanted."""
    word, colour = _MARKS[outcome]
    return click.style(word, fg=colour, bold=True)


def render(data: Data) -> str:
    """Return the whole report as text."""
    lines = [line for case in data["cases"] if case["outcome"] == "failed" for line in _failure(case)]
    lines += [
        f"{mark('skipped')} {case['file']}::{case['name']}: {case['reason'] or 'no assertion could be told'}"
        for case in data["cases"]
        if case["outcome"] == "skipped"
    ]
    lines += [f"unsupported, skipped: {count} × {what}" for what, count in data["summary"]["unsupported"].items()]
    lines += [*_accuracy(data), *_coverage(data), *_mutations(data), _summary(data)]
    return "\n".join(lines)


def _failure(case: Data) -> Iterator[str]:
    yield f"{mark('failed')} {click.style(case['name'], bold=True)}  {case['file']}:{case['line']}"
    for step in case["steps"]:
        wrong = [one for one in step["assertions"] if one["outcome"] == "failed"]
        yield f"  {'>' if wrong or not step['same_bytes'] else ' '} you  {step['user']}"
        yield from _indented(step["reply"]["text"] if wrong else _short(step["reply"]["text"]), "    bot  ")
        if not step["same_bytes"]:
            yield "      not the same bytes when repeated"
        for one in wrong:
            yield click.style(f"      {case['file']}:{one['line']}  {one['kind']}", fg="red")
            yield from _indented(one["difference"], "        ")
        yield from (f"      why  {line}" for line in step["why"])
    yield ""


def _indented(text: str, head: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines()):
        yield (head if number == 0 else " " * len(head)) + line


def _short(text: str) -> str:
    first = text.splitlines()[0]
    return first if first == text else f"{first} …"


def _accuracy(data: Data) -> Iterator[str]:
    if any(row["failed"] for row in data["accuracy"].values()):
        yield f"{'assertion':28} {'passed':>7} {'failed':>7}"
        for kind, row in data["accuracy"].items():
            yield f"{kind:28} {row['passed']:>7} {row['failed']:>7}"
        yield ""


def _coverage(data: Data) -> Iterator[str]:
    for one in data.get("coverage", ()):
        total = one["reached"] + len(one["missing"])
        yield f"coverage  {one['kind']:12} {one['reached']:>4} of {total:<4} {one['percent']:>5.1f} %"
        if one["missing"]:
            yield f"          not reached: {', '.join(one['missing'])}"


def _mutations(data: Data) -> Iterator[str]:
    mutations = data.get("mutations", ())
    if not mutations:
        return
    unnoticed = [one for one in mutations if not one["noticed_by"]]
    noticed = len(mutations) - len(unnoticed)
    for kind in dict.fromkeys(one["kind"] for one in mutations):
        of_kind = [one for one in mutations if one["kind"] == kind]
        yield f"breaks    {kind:28} {sum(1 for one in of_kind if one['noticed_by']):>4} of {len(of_kind):<4} noticed"
    yield f"breaks    all {noticed} of {len(mutations)} noticed ({100 * noticed / len(mutations):.1f} %)"
    for one in unnoticed:
        yield f"          no test notices: {one['name']}" + ("" if one["cases"] else " (no case touches it)")


def _summary(data: Data) -> str:
    summary = data["summary"]
    parts = [f"{summary['conversations']} conversations, {summary['turns']} turns"]
    parts += [f"{summary[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped") if summary[outcome]]
    if summary["unsupported"]:
        parts.append(f"{sum(summary['unsupported'].values())} assertions unsupported")
    return f"{', '.join(parts)}, {summary['seconds']:.1f} s"
