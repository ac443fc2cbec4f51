"""MiniLM in numpy: what an utterance means, as a vector; half of what the learned layer reads.

The dialogue server must not load torch, so the six layers of all-MiniLM-L6-v2 are run here with numpy alone, from the weights
of the installed package. Short on purpose: one model, no training, no options. A test holds it to sentence-transformers.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf  # type: ignore[import-untyped]  # scipy ships no types
from threadpoolctl import ThreadpoolController

from bot.guardrails.errors import GuardUnavailableError
from knowledge.encoder import model_source
from knowledge.errors import EncoderUnavailableError

Array = NDArray[np.float32]
DIMENSION = 384
# Word pieces read of one text; what comes after is left to the n-grams.
LENGTH = 96
_HEADS, _LAYERS = 12, 6
# After which layers the words are averaged. The last holds what a text is about, the fourth still how it is said; of the
# crisis messages for development the head finds 6 points more with both, at the same false positives.
_READ = (4, 6)
_BATCH = 64
# For so few texts one thread is faster than several that wait for each other, and it leaves the others to the service.
_FEW = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceEncoder:
    """The weights, by their names in the model file, linear maps already transposed; the word pieces; the BLAS threads."""

    weights: Mapping[str, Array]
    tokenizer: Any
    threads: ThreadpoolController

    @classmethod
    def load(cls) -> UtteranceEncoder:
        """Read the packaged model.

        Raises:
            GuardUnavailableError: its files are missing or damaged.
        """
        from safetensors import SafetensorError  # type: ignore[attr-defined]  # made in Rust
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer  # type: ignore[import-untyped]  # made in Rust, ships no types

        try:
            folder = Path(model_source("minilm"))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if (config["num_hidden_layers"], config["hidden_size"]) != (_LAYERS, DIMENSION):
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
        return cls(weights=weights, tokenizer=tokenizer, threads=ThreadpoolController())

    def encode(self, texts: Sequence[str]) -> Array:
        """Return one vector a text, shape (len(texts), 2 * DIMENSION): the unit vectors of two layers, side by side.

        Texts of one length are run together, unpadded.
        """
        pieces = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        if len(texts) > _FEW:
            return self._encode(pieces)
        with self.threads.limit(limits=1):
            return self._encode(pieces)

    def _encode(self, pieces: Sequence[Sequence[int]]) -> Array:
        vectors = np.zeros((len(pieces), len(_READ) * DIMENSION), dtype=np.float32)
        for length in sorted({len(ids) for ids in pieces}):
            rows = [row for row, ids in enumerate(pieces) if len(ids) == length]
            for start in range(0, len(rows), _BATCH):
                batch = rows[start : start + _BATCH]
                vectors[batch] = self._forward(np.array([pieces[row] for row in batch]))
        return vectors

    def _forward(self, ids: NDArray[np.int64]) -> Array:
        """Run the layers over word pieces, shape (texts, length), and return the normalised means of those in `_READ`."""
        weights = self.weights
        hidden = (
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._normed(hidden, "embeddings.LayerNorm")
        units = []
        for layer in range(1, _LAYERS + 1):
            prefix = f"encoder.layer.{layer - 1}."
            attended = self._linear(
                self._attention(hidden, f"{prefix}attention.self."), f"{prefix}attention.output.dense"
            )
            hidden = self._normed(hidden + attended, f"{prefix}attention.output.LayerNorm")
            inner = self._linear(hidden, f"{prefix}intermediate.dense")
            inner *= 0.5 * (1.0 + erf(inner * np.float32(np.sqrt(0.5))))
            hidden = self._normed(hidden + self._linear(inner, f"{prefix}output.dense"), f"{prefix}output.LayerNorm")
            if layer in _READ:
                mean = hidden.mean(axis=1)
                units.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
        return np.hstack(units)

    def _attention(self, hidden: Array, prefix: str) -> Array:
        texts, length, width = hidden.shape
        query, key, value = (
            self._linear(hidden, prefix + name).reshape(texts, length, _HEADS, -1).transpose(0, 2, 1, 3)
            for name in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) * np.float32((width / _HEADS) ** -0.5)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        joined: Array = mixed.transpose(0, 2, 1, 3).reshape(texts, length, width)
        return joined

    def _linear(self, inputs: Array, name: str) -> Array:
        mapped: Array = inputs @ self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return mapped

    def _normed(self, inputs: Array, name: str) -> Array:
        centred = inputs - inputs.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        normed: Array = centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return normed
