"""Expands frames, sentences with choices, to training utterances: breadth of words where single sentences would be endless.

    what are the (symptoms|signs) of {condition}

A choice may be empty; `{condition}` stands for any entry of the file's list of that name. Of all sentences that a frame can
become, `each` are taken: always the same ones, spread by a random generator that is seeded with the frame itself.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import yaml

from bot.guardrails.errors import UtteranceError
from bot.guardrails.utterances import Utterance

_CHOICE = re.compile(r"\(([^()]*)\)|\{(\w+)\}")
_KEYS = {"route", "category", "slice", "each", "words", "frames"}
# A draw may repeat an earlier one; so many draws are tried for each sentence wanted.
_PATIENCE = 4


def read_frames(folder: Path) -> tuple[Utterance, ...]:
    """Expand every *.yml file of a folder, in order of name; no file gives no utterance.

    Raises:
        UtteranceError: a file has other keys than wanted, or a frame names a list that is not there.
    """
    return tuple(utterance for path in sorted(folder.glob("*.yml")) for utterance in _expand_file(path))


def _expand_file(path: Path) -> list[Utterance]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if set(data) != _KEYS:
        raise UtteranceError(f"{path} has the keys {', '.join(sorted(data))}; wanted {', '.join(sorted(_KEYS))}")
    words = {name: [entry.strip() for entry in str(entries).split("|")] for name, entries in data["words"].items()}
    utterances: list[Utterance] = []
    for position, frame in enumerate(data["frames"]):
        try:
            texts = expand(frame, words, data["each"])
        except KeyError as error:
            raise UtteranceError(f"the frame {frame!r} in {path} names the list {error}, which is not there") from error
        utterances += [
            Utterance(
                id=f"{path.stem}-{position}-{number}",
                text=text,
                route=data["route"],
                category=data["category"],
                slice=data["slice"],
            )
            for number, text in enumerate(texts)
        ]
    return utterances


def expand(frame: str, words: dict[str, list[str]], wanted: int) -> list[str]:
    """Return up to `wanted` different sentences of a frame.

    Raises:
        KeyError: the frame names a list that is not in `words`.
    """
    draw = random.Random(frame)  # the same sentences every time
    texts: dict[str, None] = {}
    for _ in range(wanted * _PATIENCE):
        if len(texts) == wanted:
            break
        text = frame
        while (match := _CHOICE.search(text)) is not None:
            options = match[1].split("|") if match[1] is not None else words[match[2]]
            text = text[: match.start()] + draw.choice(options) + text[match.end() :]
        texts[" ".join(text.split())] = None
    return list(texts)
