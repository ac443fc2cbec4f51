"""Who may import whom, and what a process may load. Read from the source, so that nothing heavy is imported here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {"knowledge": {"knowledge"}, "bot": {"bot", "knowledge"}, "actions": {"actions", "bot", "knowledge"}}
OWNERS = {
    "torch": {"knowledge/encoder.py", "bot/guardrails/tuning.py"},
    "sentence_transformers": {"knowledge/encoder.py"},
    "faiss": {"knowledge/vectors.py"},
    "bm25s": {"knowledge/lexical.py"},
    "tensorflow": set(),
}
SOURCES = sorted(
    path for package in ALLOWED for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_its_own_layer_and_below(path: Path):
    package = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imports(path)} & set(ALLOWED)
    assert ours <= ALLOWED[package]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_heavy_library_is_imported_only_by_its_owner(path: Path):
    here = str(path.relative_to(ROOT))
    found = {name.split(".")[0] for name in imports(path)} & set(OWNERS)
    assert all(here in OWNERS[library] for library in found)


def test_rasa_is_imported_only_by_the_dialogue():
    found = {
        str(path.relative_to(ROOT)) for path in SOURCES if any(name.split(".")[0] == "rasa" for name in imports(path))
    }
    assert all(path.startswith("bot/") for path in found)


def test_actions_stay_flat():
    assert [path for path in (ROOT / "actions").iterdir() if path.is_dir() and path.name != "__pycache__"] == []
