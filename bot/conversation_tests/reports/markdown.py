"""Markdown: a summary to paste below a change that is to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.conversation_tests.reports.junit import transcript

Data = Mapping[str, Any]


def render(data: Data) -> str:
    """Return the report as Markdown."""
    return "\n".join(_lines(data)) + "\n"


def _lines(data: Data) -> Iterator[str]:
    summary = data["summary"]
    yield "# Conversation tests"
    yield ""
    yield "| conversations | turns | passed | failed | skipped | seconds |"
    yield "|---:|---:|---:|---:|---:|---:|"
    yield (
        "| "
        + " | ".join(str(summary[key]) for key in ("conversations", "turns", "passed", "failed", "skipped", "seconds"))
        + " |"
    )
    if summary["unsupported"]:
        yield "\n## Unsupported assertions, skipped\n"
        yield from (f"- {count} × {what}" for what, count in summary["unsupported"].items())
    failed = [case for case in data["cases"] if case["outcome"] == "failed"]
    if failed:
        yield "\n## Failed"
    for case in failed:
        yield f"\n<details><summary>{_plain(case['name'])} ({case['file']}:{case['line']})</summary>\n"
        yield from (f"    {line}" for line in transcript(case).splitlines())
        yield "\n</details>"
    yield from _coverage(data)
    yield from _mutations(data)


def _coverage(data: Data) -> Iterator[str]:
    if "coverage" in data:
        yield "\n## Coverage\n"
        yield "| kind | reached | percent | not reached |"
        yield "|---|---:|---:|---|"
        for one in data["coverage"]:
            total = one["reached"] + len(one["missing"])
            yield f"| {one['kind']} | {one['reached']} of {total} | {one['percent']} | {', '.join(one['missing'])} |"


def _mutations(data: Data) -> Iterator[str]:
    if "mutations" in data:
        unnoticed = [one["name"] for one in data["mutations"] if not one["noticed_by"]]
        total = len(data["mutations"])
        yield "\n## Breaks\n"
        yield f"{total - len(unnoticed)} of {total} breaks were noticed."
        yield from (f"- no test notices: {_plain(name)}" for name in unnoticed)


def _plain(text: str) -> str:
    for character, escaped in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|")):
        text = text.replace(character, escaped)
    return text
