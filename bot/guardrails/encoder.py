"""MiniLM in numpy: what an utterance means, as vectors; most of what the learned layer reads.

The dialogue server must not load torch, so the six layers of all-MiniLM-L6-v2 are run here with numpy alone, from the weights
of the installed package. Short on purpose: one model, no options. A test holds it to sentence-transformers.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf
from threadpoolctl import ThreadpoolController

from bot.guardrails.errors import GuardUnavailableError
from knowledge.encoder import model_source
from knowledge.errors import EncoderUnavailableError

Array = NDArray[np.float32]
DIMENSION = 384
# Word pieces read of one text; what comes after is left to the n-grams.
LENGTH = 96
HEADS, LAYERS = 12, 6
# The first layers stay as they are. The others are there twice: as packaged, where the mean of the last one's words says which
# texts are alike (nearest.py), and tuned on our utterances (tuning.py), where it says what is meant.
_KEPT = 4
_BATCH = 64
# Texts are run side by side, each batch in one thread, since half of the work is not BLAS; so few texts, as of one message,
# in one thread only, which leaves the others to the service.
_FEW = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceEncoder:
    """The weights, by their names in the model file, linear maps already transposed; the word pieces; the BLAS threads.

    `weights` are the packaged ones of all layers, `tuned` those of the upper layers that stand beside them.
    """

    weights: Mapping[str, Array]
    tuned: Mapping[str, Array]
    tokenizer: Any
    threads: ThreadpoolController

    @classmethod
    def load(cls) -> UtteranceEncoder:
        """Read the packaged model; until `with_tuned` gives others, its upper layers count as tuned.

        Raises:
            GuardUnavailableError: its files are missing or damaged.
        """
        from safetensors import SafetensorError  # type: ignore[attr-defined]  # made in Rust, not in its stubs
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            folder = Path(model_source("minilm"))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if (config["num_hidden_layers"], config["hidden_size"]) != (LAYERS, DIMENSION):
                raise ValueError("another model")
            weights = {
                name: value.T.copy() if name.endswith("dense.weight") or ".self." in name else value
                for name, value in load_file(folder / "model.safetensors").items()
            }
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except (EncoderUnavailableError, OSError, ValueError, KeyError, SafetensorError) as error:
            raise GuardUnavailableError("the packaged MiniLM model is missing or damaged; run: make install") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(LENGTH)
        return cls(
            weights=weights,
            tuned=_of_layers(_KEPT, LAYERS, weights),
            tokenizer=tokenizer,
            threads=ThreadpoolController(),
        )

    @property
    def kept(self) -> Mapping[str, Array]:
        """The weights of the layers that stay as they are, by name."""
        return _of_layers(0, _KEPT, self.weights)

    @property
    def upper(self) -> Mapping[str, Array]:
        """The packaged weights of the layers that can be tuned, by name."""
        return _of_layers(_KEPT, LAYERS, self.weights)

    def with_tuned(self, tuned: Mapping[str, Array]) -> UtteranceEncoder:
        """Return the encoder with these weights beside the packaged ones.

        Raises:
            ValueError: they have other names or shapes than its own.
        """
        if {name: value.shape for name, value in tuned.items()} != {
            name: value.shape for name, value in self.upper.items()
        }:
            raise ValueError("weights of another model")
        return dataclasses.replace(self, tuned=tuned)

    def encode(self, texts: Sequence[str]) -> Array:
        """Return two vectors a text, shape (len(texts), 2, DIMENSION).

        They are the unit mean of the last packaged layer and the mean of the last tuned one.
        """
        return np.stack(self._run(texts, self._means)) if texts else np.zeros((0, 2, DIMENSION), dtype=np.float32)

    def embed(self, texts: Sequence[str]) -> list[Array]:
        """Return the word pieces of each text as the first layer gets them, shape (length, DIMENSION)."""
        return self._run(texts, self._embedded)

    def _run(self, texts: Sequence[str], step: Callable[[NDArray[np.int64]], Array]) -> list[Array]:
        """Run a step over the word pieces of all texts, those of one length together and unpadded; one array a text."""
        pieces = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        lengths = sorted({len(ids) for ids in pieces})
        rows_of = [[row for row, ids in enumerate(pieces) if len(ids) == length] for length in lengths]
        batches = [rows[start : start + _BATCH] for rows in rows_of for start in range(0, len(rows), _BATCH)]
        found: dict[int, Array] = {}
        with self.threads.limit(limits=1), ThreadPoolExecutor(1 if len(texts) <= _FEW else os.cpu_count()) as pool:
            inputs = (np.array([pieces[row] for row in rows]) for rows in batches)
            for rows, arrays in zip(batches, pool.map(step, inputs), strict=True):
                found.update(zip(rows, arrays, strict=True))
        return [found[row] for row in range(len(pieces))]

    def _means(self, ids: NDArray[np.int64]) -> Array:
        hidden = self._embedded(ids)
        for layer in range(_KEPT):
            hidden = _layer(hidden, layer, self.weights)
        packaged = tuned = hidden
        for layer in range(_KEPT, LAYERS):
            packaged, tuned = _layer(packaged, layer, self.weights), _layer(tuned, layer, self.tuned)
        return np.stack([unit(packaged.mean(axis=1)), tuned.mean(axis=1)], axis=1)

    def _embedded(self, ids: NDArray[np.int64]) -> Array:
        weights = self.weights
        hidden = (
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        return _normed(hidden, "embeddings.LayerNorm", weights)


def unit(vectors: Array) -> Array:
    """Return the vectors at length one, shape (n, width)."""
    scaled: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def unit_means(texts: Sequence[Array]) -> Array:
    """Return the mean of each text's words, at length one; texts of shape (length, DIMENSION), means (n, DIMENSION)."""
    return unit(np.stack([text.mean(axis=0) for text in texts]))


def _of_layers(first: int, last: int, weights: Mapping[str, Array]) -> Mapping[str, Array]:
    prefixes = tuple(f"encoder.layer.{layer}." for layer in range(first, last))
    return {name: value for name, value in weights.items() if name.startswith(prefixes)}


def _layer(hidden: Array, number: int, weights: Mapping[str, Array]) -> Array:
    prefix = f"encoder.layer.{number}."
    mixed = _attention(hidden, f"{prefix}attention.self.", weights)
    attended = _linear(mixed, f"{prefix}attention.output.dense", weights)
    hidden = _normed(hidden + attended, f"{prefix}attention.output.LayerNorm", weights)
    inner = _linear(hidden, f"{prefix}intermediate.dense", weights)
    inner *= 0.5 * (1.0 + erf(inner * np.float32(np.sqrt(0.5))))
    output = _linear(inner, f"{prefix}output.dense", weights)
    return _normed(hidden + output, f"{prefix}output.LayerNorm", weights)


def _attention(hidden: Array, prefix: str, weights: Mapping[str, Array]) -> Array:
    texts, length, width = hidden.shape
    query, key, value = (
        _linear(hidden, prefix + name, weights).reshape(texts, length, HEADS, -1).transpose(0, 2, 1, 3)
        for name in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 1, 3, 2) * np.float32((width / HEADS) ** -0.5)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
    joined: Array = mixed.transpose(0, 2, 1, 3).reshape(texts, length, width)
    return joined


def _linear(inputs: Array, name: str, weights: Mapping[str, Array]) -> Array:
    mapped: Array = inputs @ weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return mapped


def _normed(inputs: Array, name: str, weights: Mapping[str, Array]) -> Array:
    centred = inputs - inputs.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    normed: Array = centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return normed
