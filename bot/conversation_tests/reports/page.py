"""One HTML page that needs nothing else: no script, no font, no request. Read by keyboard and screen reader alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Data = Mapping[str, Any]
# Contrast of every pair is at least 7 to 1; outcomes are told in words, colour only repeats them.
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #ffffff; --line: #6b6b6b; --good: #0b5323; --bad: #8a0f0f;
  --soft: #f2f2f2; }
@media (prefers-color-scheme: dark) { :root { --ink: #f1f1f1; --paper: #161616; --line: #9a9a9a; --good: #8fe3a8;
  --bad: #ffb3ad; --soft: #262626; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
details { border: 1px solid var(--line); border-radius: .3rem; margin: .5rem 0; padding: .5rem; }
summary { cursor: pointer; } summary:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
.passed { color: var(--good); font-weight: bold; } .failed { color: var(--bad); font-weight: bold; }
.skipped { font-weight: bold; } pre { white-space: pre-wrap; background: var(--soft); padding: .5rem; margin: .3rem 0; }
dt { font-weight: bold; margin-top: .5rem; } dd { margin: 0; }
"""


def render(data: Data) -> str:
    """Return the report as an HTML document."""
    return "\n".join(_document(data)) + "\n"


def _document(data: Data) -> Iterator[str]:
    summary = data["summary"]
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>Conversation tests: {summary['failed']} failed of {summary['conversations']}</title>"
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Conversation tests</h1>"
    names = ("conversations", "turns", "passed", "failed", "skipped", "seconds")
    yield _table("Summary", names, [[str(summary[name]) for name in names]])
    if summary["unsupported"]:
        rows = [[what, str(count)] for what, count in summary["unsupported"].items()]
        yield _table("Assertions that could not be told here, skipped", ("assertion", "count"), rows)
    for outcome, heading in (("failed", "Failed"), ("skipped", "Skipped"), ("passed", "Passed")):
        cases = [case for case in data["cases"] if case["outcome"] == outcome]
        if cases:
            yield f"<h2>{heading} ({len(cases)})</h2>"
            yield from (line for case in cases for line in _case(case))
    yield from _tables(data)
    yield "</main>\n</body>\n</html>"


def _tables(data: Data) -> Iterator[str]:
    if "coverage" in data:
        rows = [_covered(one) for one in data["coverage"]]
        yield "<h2>Coverage</h2>"
        yield _table("What the conversations reached", ("kind", "reached", "percent", "not reached"), rows)
    if "mutations" in data:
        rows = [
            [one["kind"], one["name"], one["noticed_by"] or "no test", str(one["cases"])] for one in data["mutations"]
        ]
        yield "<h2>Breaks</h2>"
        yield _table("Which test notices which break", ("kind", "break", "noticed by", "cases that touch it"), rows)


def _covered(one: Data) -> list[str]:
    total = one["reached"] + len(one["missing"])
    return [one["kind"], f"{one['reached']} of {total}", f"{one['percent']} %", ", ".join(one["missing"]) or "nothing"]


def _case(case: Data) -> Iterator[str]:
    state = " open" if case["outcome"] == "failed" else ""
    yield f'<details{state}><summary><span class="{case["outcome"]}">{case["outcome"]}</span> {escape(case["name"])}'
    yield f"({escape(case['file'])}:{case['line']})</summary>"
    if case["reason"]:
        yield f"<p>{escape(case['reason'])}</p>"
    yield "<dl>"
    for step in case["steps"]:
        yield f"<dt>You</dt><dd>{escape(step['user']) or '(nothing)'}</dd>"
        yield f"<dt>Bot</dt><dd><pre>{escape(step['reply']['text'])}</pre></dd>"
        for one in step["assertions"]:
            if one["outcome"] == "failed":
                yield f'<dt class="failed">Failed: {escape(one["kind"])}, line {one["line"]}</dt>'
                yield f"<dd><pre>{escape(one['difference'])}</pre></dd>"
        if step["why"]:
            yield f"<dt>Why</dt><dd><pre>{escape(chr(10).join(step['why']))}</pre></dd>"
    yield "</dl></details>"


def _table(caption: str, heads: tuple[str, ...], rows: list[list[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
