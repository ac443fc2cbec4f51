"""What changes for patients when documents change: the replies of two index builds side by side, for a reviewer to sign."""

from __future__ import annotations

import dataclasses
import difflib
import html
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.errors import BuildError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A question whose reply changes, with both replies."""

    question: str
    old: str
    new: str


def headings(*builds: Path) -> list[str]:
    """Return every section heading of some builds, each once: the questions that the documents answer."""
    found: dict[str, None] = {}
    for build in builds:
        corpus = json.loads((build / "corpus.json").read_text(encoding="utf-8"))
        found |= dict.fromkeys(passage["section"] for passage in corpus["passages"])
    return list(found)


def changed_replies(old: Path, new: Path, questions: Sequence[str]) -> list[Change]:
    """Ask both builds every question and return where they differ.

    Raises:
        BuildError: a build could not be used; the reason went to standard error.
    """
    before, after = _answers(old, questions), _answers(new, questions)
    return [
        Change(question=question, old=one, new=other)
        for question, one, other in zip(questions, before, after, strict=True)
        if one != other
    ]


def text_report(changes: Sequence[Change], asked: int) -> str:
    """Return the changes as unified differences."""
    parts = [f"{len(changes)} of {asked} replies change"]
    for change in changes:
        lines = difflib.unified_diff(change.old.split("\n"), change.new.split("\n"), "old", "new", lineterm="", n=1)
        parts.append(f"\n{change.question}\n" + "\n".join(lines))
    return "\n".join(parts)


def html_page(changes: Sequence[Change], asked: int) -> str:
    """Return one self-contained page: each changed reply as it was and as it will be, with room for a signature."""
    sections = "".join(
        f"<section><h2>{html.escape(change.question)}</h2><div class=two>"
        f"<div><h3>Now</h3><pre tabindex=0>{_marked(change.old, change.new, 'del')}</pre></div>"
        f"<div><h3>After</h3><pre tabindex=0>{_marked(change.new, change.old, 'ins')}</pre></div></div></section>"
        for change in changes
    )
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>Replies that change</title><style>"
        "body{font:1rem/1.5 system-ui;margin:2rem auto;max-width:72rem;padding:0 1rem}"
        ".two{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr))}"
        "pre{white-space:pre-wrap;border:1px solid;padding:1rem}"
        "ins{background:#d7f5dd;color:#000}"
        "del{background:#ffdfdc;color:#000}"
        f"</style></head><body><main><h1>{len(changes)} of {asked} replies change</h1>{sections}"
        "<p>Reviewed by: ______________________ Date: ______________</p></main></body></html>\n"
    )


def _marked(text: str, other: str, tag: str) -> str:
    """Return the lines of a text as HTML, those that the other does not have marked."""
    known = set(other.split("\n"))
    lines = (html.escape(line) if line in known else f"<{tag}>{html.escape(line)}</{tag}>" for line in text.split("\n"))
    return "\n".join(lines)


def _answers(build: Path, questions: Sequence[str]) -> list[str]:
    finished = subprocess.run(
        [sys.executable, "-m", "actions.answers", str(build)],
        input="".join(f"{question}\n" for question in questions),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise BuildError(f"no replies from {build}, see the lines above")
    return [json.loads(line)["text"] for line in finished.stdout.splitlines()]
