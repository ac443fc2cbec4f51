"""The guard's own corpus: what it is trained on, what its thresholds were chosen on, and what it never saw."""

from __future__ import annotations

import json
from pathlib import Path

from bot.guardrails.train import training_utterances
from bot.guardrails.utterances import Utterance, read_utterances
from bot.guardrails.verdict import GUARDED

HERE = Path(__file__).parent
TRAINING = HERE.parent.parent / "bot" / "guardrails" / "utterances"


def training() -> tuple[Utterance, ...]:
    """Return what the learned layer is trained on, misspelt and joined copies left out."""
    return training_utterances(TRAINING)


def development() -> tuple[Utterance, ...]:
    """Return what rules and thresholds were chosen on."""
    return read_utterances(HERE / "development")


def held_out() -> tuple[Utterance, ...]:
    """Return what is measured and nothing else."""
    return read_utterances(HERE / "held_out")


def second_reader() -> dict[str, str]:
    """Return, by id, what a second reader took each held-out utterance for, who saw neither its label nor the guard's verdict.

    One of crisis, dosing, misuse, personal_advice and, for what may pass, education, distress, everyday, smalltalk.
    """
    lines = (HERE / "second_reader.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: row["label"] for row in map(json.loads, lines)}


def label_of(utterance: Utterance) -> str:
    """Return the author's label in the second reader's words."""
    return utterance.route if utterance.route in GUARDED else str(utterance.category)
