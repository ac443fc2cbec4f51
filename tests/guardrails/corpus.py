"""The guard's own corpus: what it is trained on, what its thresholds were chosen on, and what it never saw."""

from __future__ import annotations

from pathlib import Path

from bot.guardrails.train import training_utterances
from bot.guardrails.utterances import Utterance, read_utterances

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
