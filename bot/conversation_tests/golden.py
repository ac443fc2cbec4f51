"""Golden transcripts: a conversation written down as a case, and the texts of cases brought up to date after a review."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.conversation_tests.cases import Assertion
from bot.conversation_tests.runner import CaseResult
from bot.conversation_tests.schema import KINDS
from bot.errors import ServiceError
from bot.reply import Reply

# What a YAML block cannot hold as it is: control characters, and what counts as an end of line besides LF.
_NEEDS_QUOTES = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NEVER_WRAP = 1_000_000


class GoldenError(ServiceError):
    """A transcript cannot be written."""


def record(name: str, turns: Sequence[tuple[str, Reply]]) -> dict[str, Any]:
    """Return a conversation as a case: what matters of each reply, and its exact text."""
    return {
        "test_case": name,
        "steps": [{"user": text, "assertions": [{key: value} for key, value in _held(reply)]} for text, reply in turns],
    }


def _held(reply: Reply) -> list[tuple[str, Any]]:
    held: list[tuple[str, Any]] = [("route", reply.route), ("category", reply.category), ("no_dose", True)]
    if reply.statements:
        held += [("grounded", True), ("cites", list(dict.fromkeys(one.document_id for one in reply.citations)))]
        held.append(("hedge", reply.hedge.level if reply.hedge else None))
        held.append(("disagreement", reply.disagreement))
    if reply.resources:
        held.append(("has_resources", [one.contact for one in reply.resources]))
    return [*held, ("text", reply.text)]


def write_case(path: Path, case: dict[str, Any]) -> None:
    """Add a case to a suite, or begin one; what the file holds stays as it is.

    Raises:
        GoldenError: the file is there and does not end with its test cases.
    """
    body = yaml.dump([case], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NEVER_WRAP)
    indented = "".join(f"  {line}\n" if line else "\n" for line in body.rstrip("\n").split("\n"))
    old = path.read_text(encoding="utf-8") if path.exists() else "test_cases:\n"
    sections = re.findall(r"^(\w+):", old, re.MULTILINE)
    if not sections or sections[-1] != "test_cases":
        raise GoldenError(f"{path} does not end with test_cases; record into a file of its own")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(old.rstrip("\n") + "\n" + indented, encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, which can be read and reviewed."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent)


def updates(results: Sequence[CaseResult]) -> tuple[dict[Path, str], list[str]]:
    """Return the new contents of files whose golden texts no longer hold, and the cases that may not be touched.

    A case in which an assertion of safety fails as well is refused: its text would be written down together with the fault.
    """
    changes: dict[Path, list[tuple[Assertion, str]]] = {}
    refused = []
    for result in results:
        failed = [(finding.assertion, step) for step in result.steps for finding in step.failures]
        texts = [(one, step.turn.reply.text) for one, step in failed if one.kind == "text"]
        if texts and any(KINDS[one.kind].safety for one, _ in failed):
            refused.append(result.case.id)
        elif texts:
            changes.setdefault(result.case.path, []).extend(texts)
    return {path: _rewritten(path, edits) for path, edits in changes.items()}, refused


def _rewritten(path: Path, edits: Sequence[tuple[Assertion, str]]) -> str:
    """Put new texts in the place of old ones; every other byte of the file stays."""
    content = path.read_text(encoding="utf-8")
    for assertion, text in sorted(edits, key=lambda edit: -edit[0].node.node.start_mark.index):
        node = assertion.node.node
        old = content[node.start_mark.index : node.end_mark.index]
        tail = old[len(old.rstrip()) :]
        line_start = content.rfind("\n", 0, node.start_mark.index) + 1
        line = content[line_start : node.start_mark.index]
        indent = len(line) - len(line.lstrip(" -"))
        content = content[: node.start_mark.index] + _scalar(text, indent + 2) + tail + content[node.end_mark.index :]
    return content


def _scalar(text: str, indent: int) -> str:
    text = text.strip()
    if "\n" not in text or _NEEDS_QUOTES.search(text):
        return yaml.dump(text, Dumper=_Dumper, default_style='"', allow_unicode=True, width=_NEVER_WRAP).strip()
    return "|-\n" + "\n".join(" " * indent + line if line else "" for line in text.split("\n"))


def shown_difference(path: Path, new: str) -> str:
    """Return the change of a file as a diff."""
    old = path.read_text(encoding="utf-8")
    return "".join(
        difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), str(path), f"{path} (new)")
    )
