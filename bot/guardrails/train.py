"""Trains the learned layer from the training utterances; run by the build."""

from __future__ import annotations

from pathlib import Path


def train(utterances: Path, folder: Path) -> None:
    """Train on every *.jsonl file of `utterances` and write the layer to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
