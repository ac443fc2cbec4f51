"""Tunes the upper layers of the encoder on labelled utterances. Only the build does this, with torch; serving needs numpy.

MiniLM was made to tell what a text is about; whether "I won't need the cat carrier any more" is meant as a farewell is another
question. A linear head alone, on the layers as they came, finds 6 of 100 crisis messages fewer at the same false positives.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.guardrails.encoder import DIMENSION, HEADS, Array

# Chosen on the development utterances. More rounds learn the training utterances by heart.
_ROUNDS, _BATCH, _RATE, _HEAD_RATE = 2, 32, 4e-4, 1e-2
_WARM_UP, _DROPOUT, _SMOOTHING, _LARGEST_STEP = 0.06, 0.1, 0.05, 1.0
# What is kept is the average over the last steps, at a rate that does not fall to nothing: any one step's layer leans to the
# utterances it saw last.
_LAST_RATE, _AVERAGED = 0.25, 0.4
# Sums depend on how many threads share them: always the same number, so that every machine of a kind gets the same layer.
_THREADS = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What was learned: the upper layers' weights by name, and a linear head over the mean of the last layer.

    Attributes:
        weights: named and shaped as `UtteranceEncoder.upper`.
        coefficients: shape (DIMENSION, n_labels).
        intercepts: shape (n_labels,).
    """

    weights: Mapping[str, Array]
    coefficients: Array
    intercepts: Array


def run_layers(hidden: Sequence[Array], layers: Mapping[str, Array]) -> list[Array]:
    """Run some layers over texts as the encoder embeds them or the layers below leave them; (length, DIMENSION) stays."""
    import torch

    weights = {name: torch.from_numpy(value) for name, value in layers.items()}
    found: dict[int, Array] = {}
    with torch.no_grad(), _threads(), _fewer_digits():
        for rows in _batches(hidden, 0):
            texts = torch.from_numpy(np.stack([hidden[row] for row in rows]))
            found.update(zip(rows, forward(texts, weights).numpy(), strict=True))
    return [found[row] for row in range(len(hidden))]


def tune(
    hidden: Sequence[Array], targets: NDArray[np.int64], weight_of: Sequence[float], upper: Mapping[str, Array]
) -> Tuned:
    """Fit upper layers and head together to texts as the lower layers leave them, each of shape (length, DIMENSION).

    `targets` holds the column of each text's label, `weight_of` how much each column counts; columns that no text has may
    be there.
    """
    import torch
    from torch.nn import functional
    from torch.optim.swa_utils import get_swa_multi_avg_fn

    torch.manual_seed(0)
    weights = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in upper.items()}
    head = torch.nn.Linear(DIMENSION, len(weight_of))
    batches = [rows for number in range(_ROUNDS) for rows in _batches(hidden, number)]
    steps = len(batches)
    learned = [*weights.values(), *head.parameters()]
    averages = [torch.zeros_like(value) for value in learned]
    average_in, first = get_swa_multi_avg_fn(), int((1 - _AVERAGED) * steps) + 1
    optimizer = torch.optim.AdamW(
        [{"params": weights.values(), "lr": _RATE}, {"params": head.parameters(), "lr": _HEAD_RATE}],
        weight_decay=0.01,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (_WARM_UP * steps)) * (1 - (1 - _LAST_RATE) * step / steps)
    )
    with _threads():
        for step, rows in enumerate(batches, start=1):
            texts = torch.from_numpy(np.stack([hidden[row] for row in rows]))
            with _fewer_digits():
                words = forward(texts, weights, dropout=_DROPOUT)
            loss = functional.cross_entropy(
                head(words.mean(dim=1)),
                torch.from_numpy(targets[rows]),
                weight=torch.tensor(weight_of, dtype=torch.float32),
                label_smoothing=_SMOOTHING,
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights.values(), _LARGEST_STEP)
            optimizer.step()
            schedule.step()
            if step >= first:
                average_in(averages, learned, step - first)
    *layers, coefficients, intercepts = (average.numpy() for average in averages)
    return Tuned(
        weights=dict(zip(weights, layers, strict=True)), coefficients=coefficients.T.copy(), intercepts=intercepts
    )


def forward(hidden: Any, weights: Mapping[str, Any], *, dropout: float = 0.0) -> Any:
    """Run the layers that `weights` holds, as the encoder does in numpy; the shape, (texts, length, DIMENSION), stays."""
    from torch.nn import functional

    def linear(inputs: Any, name: str) -> Any:
        return inputs @ weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def normed(inputs: Any, name: str) -> Any:
        scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return functional.layer_norm(inputs, (DIMENSION,), scale, shift, eps=1e-12)

    texts, length, width = hidden.shape
    for prefix in sorted({name[: name.index(".", len("encoder.layer."))] for name in weights}):
        query, key, value = (
            linear(hidden, f"{prefix}.attention.self.{name}").view(texts, length, HEADS, -1).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
        attended = linear(mixed.transpose(1, 2).reshape(texts, length, width), f"{prefix}.attention.output.dense")
        hidden = normed(hidden + functional.dropout(attended, dropout), f"{prefix}.attention.output.LayerNorm")
        inner = linear(functional.gelu(linear(hidden, f"{prefix}.intermediate.dense")), f"{prefix}.output.dense")
        hidden = normed(hidden + functional.dropout(inner, dropout), f"{prefix}.output.LayerNorm")
    return hidden


@contextlib.contextmanager
def _threads() -> Iterator[None]:
    """Let torch use `_THREADS` threads, whatever others in the process have asked of it."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(_THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _fewer_digits() -> Any:
    """Multiply in bfloat16 on processors that are made for it: half the time, and as good a layer."""
    import torch

    able = torch.cpu.get_capabilities()
    return torch.autocast("cpu", torch.bfloat16, enabled=bool(able.get("avx512_bf16") or able.get("amx_bf16")))


def _batches(hidden: Sequence[Array], number: int) -> list[list[int]]:
    """Part the rows into batches of one length each, in another order every round."""
    draw = random.Random(number)
    by_length: dict[int, list[int]] = {}
    for row, text in enumerate(hidden):
        by_length.setdefault(len(text), []).append(row)
    batches = []
    for _, rows in sorted(by_length.items()):
        draw.shuffle(rows)
        batches += [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
    draw.shuffle(batches)
    return batches
