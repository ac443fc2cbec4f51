"""Tunes the upper layers of the encoder on labelled utterances and writes all its layers in ONNX; only the build needs torch.

MiniLM was made to tell what a text is about; whether "I won't need the cat carrier any more" is meant as a farewell is another
question. A linear head alone, on the layers as they came, finds 6 of 100 crisis messages fewer at the same false positives.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import random
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.guardrails.encoder import DIMENSION, HEADS, Array

# Chosen on the development utterances: the size of batches, the rates, and how often each text is learned from.
_BATCH, _RATE, _HEAD_RATE, _ROUNDS = 64, 4e-4, 1e-2, 2
_WARM_UP, _DROPOUT, _SMOOTHING, _LARGEST_STEP = 0.06, 0.1, 0.05, 1.0
# What is kept is the average over the last steps, at a rate that does not fall to nothing: any one step's layer leans to the
# utterances it saw last.
_LAST_RATE, _AVERAGED = 0.25, 0.6
# Sums depend on how many threads share them: always the same number, so that every machine of a kind gets the same layer.
THREADS = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What was learned: the upper layers' weights by name, and a linear head over the mean of the last layer.

    Attributes:
        weights: named and shaped as `PackagedModel.upper` gives them.
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
        for rows in _batches(hidden, range(len(hidden)), 0):
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
    batches = [rows for seed in range(_ROUNDS) for rows in _batches(hidden, range(len(hidden)), seed)]
    steps = len(batches)
    weight = torch.tensor(weight_of, dtype=torch.float32)
    learned = [*weights.values(), *head.parameters()]
    averages = [torch.zeros_like(value) for value in learned]
    average_in, first = get_swa_multi_avg_fn(), int((1 - _AVERAGED) * steps) + 1
    optimizer = torch.optim.AdamW(
        [{"params": weights.values(), "lr": _RATE}, {"params": head.parameters(), "lr": _HEAD_RATE}],
        weight_decay=0.01,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / (_WARM_UP * steps)) * (1 - (1 - _LAST_RATE) * min(1.0, step / steps)),
    )
    with _threads():
        for step, rows in enumerate(batches, start=1):
            texts = torch.from_numpy(np.stack([hidden[row] for row in rows]))
            with _fewer_digits():
                words = forward(texts, weights, dropout=_DROPOUT)
            meant = torch.from_numpy(targets[rows])
            optimizer.zero_grad()
            functional.cross_entropy(
                head(words.mean(dim=1)), meant, weight=weight, label_smoothing=_SMOOTHING
            ).backward()
            torch.nn.utils.clip_grad_norm_(weights.values(), _LARGEST_STEP)
            optimizer.step()
            schedule.step()
            if step >= first:
                average_in(averages, learned, step - first)
    *layers, coefficients, intercepts = (average.numpy() for average in averages)
    return Tuned(
        weights=dict(zip(weights, layers, strict=True)), coefficients=coefficients.T.copy(), intercepts=intercepts
    )


def exported(kept: Mapping[str, Array], upper: Mapping[str, Array], tuned: Mapping[str, Array]) -> bytes:
    """Write the layers in ONNX: on the kept ones stand the upper ones twice, packaged and tuned; see `UtteranceEncoder`."""
    import torch
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass
    from torch.nn.functional import normalize

    class Layers(torch.nn.Module):  # type: ignore[misc]  # torch counts as untyped, see pyproject
        def __init__(self) -> None:
            super().__init__()
            self.parts = [
                {name: torch.from_numpy(value) for name, value in part.items()} for part in (kept, upper, tuned)
            ]

        def forward(self, hidden: Any) -> Any:
            below, packaged, tuned = self.parts
            hidden = forward(hidden, below)
            alike, meant = (forward(hidden, above).mean(dim=1) for above in (packaged, tuned))
            return torch.stack([normalize(alike, dim=1), meant], dim=1)

    any_number = {0: torch.export.Dim("texts"), 1: torch.export.Dim("length")}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # which packages it could also write for, but are not here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of its own inner workings
        program = torch.onnx.export(
            Layers().eval(),
            (torch.zeros(2, 2, DIMENSION),),
            dynamic_shapes=(any_number,),
            input_names=["hidden"],
            output_names=["vectors"],
            verbose=False,
        )
    ClearMetadataAndDocStringPass()(program.model)  # which line of code, in which folder, each step is from
    written: bytes = program.model_proto.SerializeToString()
    return written


def forward(hidden: Any, weights: Mapping[str, Any], *, dropout: float = 0.0) -> Any:
    """Run the layers of MiniLM that `weights` holds; the shape, (texts, length, DIMENSION), stays."""
    from torch.nn import functional

    def linear(inputs: Any, name: str) -> Any:
        return functional.linear(inputs, weights[f"{name}.weight"].t(), weights[f"{name}.bias"])

    def dropped(inputs: Any) -> Any:
        if not dropout:
            return inputs
        # The same of every word of a text: a mask of each word's own would take a fifth of the training's time.
        kept = inputs.new_empty(len(inputs), 1, inputs.shape[2]).bernoulli_(1 - dropout)
        return inputs * kept / (1 - dropout)

    def normed(inputs: Any, name: str) -> Any:
        scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return functional.layer_norm(inputs, (DIMENSION,), scale, shift, eps=1e-12)

    texts, length, width = hidden.shape
    for prefix in sorted({name[: name.index(".", len("encoder.layer."))] for name in weights}):
        query, key, value = (
            linear(hidden, f"{prefix}.attention.self.{name}").view(texts, length, HEADS, -1).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        # Written out: of torch's own attention, made for long texts, the backward pass takes three times as long.
        shares = (query @ key.transpose(2, 3) * (width / HEADS) ** -0.5).softmax(dim=-1)
        mixed = shares.to(value.dtype) @ value
        attended = linear(mixed.transpose(1, 2).reshape(texts, length, width), f"{prefix}.attention.output.dense")
        hidden = normed(hidden + dropped(attended), f"{prefix}.attention.output.LayerNorm")
        inner = linear(functional.gelu(linear(hidden, f"{prefix}.intermediate.dense")), f"{prefix}.output.dense")
        hidden = normed(hidden + dropped(inner), f"{prefix}.output.LayerNorm")
    return hidden


@contextlib.contextmanager
def _threads() -> Iterator[None]:
    """Let torch use `THREADS` threads, whatever others in the process have asked of it."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _fewer_digits() -> Any:
    """Multiply in bfloat16 on processors that are made for it: half the time, and as good a layer."""
    import torch

    able = torch.cpu.get_capabilities()
    return torch.autocast("cpu", torch.bfloat16, enabled=bool(able.get("avx512_bf16") or able.get("amx_bf16")))


def _batches(hidden: Sequence[Array], rows: Iterable[int], seed: int) -> list[list[int]]:
    """Part the rows into batches of one length each, in an order of their own for each seed."""
    draw = random.Random(seed)
    by_length: dict[int, list[int]] = {}
    for row in rows:
        by_length.setdefault(len(hidden[row]), []).append(row)
    batches = []
    for _, alike in sorted(by_length.items()):
        draw.shuffle(alike)
        batches += [alike[start : start + _BATCH] for start in range(0, len(alike), _BATCH)]
    draw.shuffle(batches)
    return batches
