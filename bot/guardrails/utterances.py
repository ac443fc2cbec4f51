"""Reads labelled utterances, the data that the learned layer is trained on and that the guard is measured with."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from bot.guardrails.errors import UtteranceError
from bot.guardrails.verdict import CRISIS_CATEGORIES, GUARDED, HARMLESS


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One labelled utterance; `route` as in a reply, `slice` how difficult it is: plain, indirect, typo and so on."""

    id: str
    text: str
    route: str
    category: str | None = None
    slice: str | None = None

    @property
    def label(self) -> str:
        """What the learned layer should say: the crisis category, the guarded route, or which kind of harmless it is."""
        if self.route == "crisis":
            return self.category if self.category in CRISIS_CATEGORIES else "suicide"
        if self.route in GUARDED:
            return self.route
        return self.category if self.category in HARMLESS else "everyday"


def read_utterances(path: Path) -> tuple[Utterance, ...]:
    """Read a JSON Lines file, or every *.jsonl file of a folder in order of name.

    Raises:
        UtteranceError: nothing there, or a line is no object with the texts id, text and route; or an id stands twice.
    """
    paths = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not paths:
        raise UtteranceError(f"no *.jsonl file in {path}; restore them with: git checkout {path}")
    read = [utterance for source in paths for utterance in _read(source)]
    seen: set[str] = set()
    for utterance in read:
        if utterance.id in seen:
            raise UtteranceError(f"the id {utterance.id} stands twice in {path}; give each line an id of its own")
        seen.add(utterance.id)
    return tuple(read)


def _read(path: Path) -> list[Utterance]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UtteranceError(f"{path} cannot be read as UTF-8 text: {error}") from error
    return [_utterance(line, path, number) for number, line in enumerate(lines, start=1) if line.strip()]


def _utterance(line: str, path: Path, number: int) -> Utterance:
    wanted = 'wanted {"id": "…", "text": "…", "route": "…"}'
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UtteranceError(f"line {number} of {path} is not JSON, {wanted}") from error
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("text", "route")):
        raise UtteranceError(f"line {number} of {path} lacks text or route, {wanted}")
    if not isinstance(row.get("id"), (str, int)):
        raise UtteranceError(f"line {number} of {path} lacks an id, {wanted}")
    return Utterance(
        id=str(row["id"]), text=row["text"], route=row["route"], category=row.get("category"), slice=row.get("slice")
    )
