"""MiniLM as the guard reads utterances with it: what they are like, what they mean; most of what the learned layer reads.

The dialogue server must not load torch. The word pieces and their embeddings are looked up in the packaged all-MiniLM-L6-v2;
its layers, with the tuned ones beside them, are a model that the build wrote in ONNX (tuning.py). A test holds the whole to
sentence-transformers.
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
_KEPT = 3
_BATCH = 64
# So few texts, as of one message, need no pool of threads.
_FEW = 8
# Share the layers of one message; measured on two cores, a long one takes a fifth less time than with one thread.
_THREADS = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """The word pieces of the packaged model, what they are embedded as, and where its layers are read from.

    Attributes:
        tokenizer: cuts texts into word pieces.
        embeddings: of word pieces and positions, with what brings their sum to scale; by their names in the model file.
        path: the model file.
    """

    tokenizer: Any
    embeddings: Mapping[str, Array]
    path: Path

    @classmethod
    def load(cls) -> PackagedModel:
        """Read the packaged model.

        Raises:
            GuardUnavailableError: its files are missing or damaged.
        """
        from safetensors import SafetensorError  # type: ignore[attr-defined]  # made in Rust, not in its stubs
        from tokenizers import Tokenizer

        try:
            folder = Path(model_source("minilm"))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if (config["num_hidden_layers"], config["hidden_size"]) != (LAYERS, DIMENSION):
                raise ValueError("another model")
            path = folder / "model.safetensors"
            embeddings = _weights(path, ("embeddings.",))
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except (EncoderUnavailableError, OSError, ValueError, KeyError, SafetensorError) as error:
            raise GuardUnavailableError("the packaged MiniLM model is missing or damaged; run: make install") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(LENGTH)
        return cls(tokenizer=tokenizer, embeddings=embeddings, path=path)

    def kept(self) -> Mapping[str, Array]:
        """Read the weights of the layers that stay as they are, by name; linear maps transposed."""
        return self._layers(range(_KEPT))

    def upper(self) -> Mapping[str, Array]:
        """Read the weights of the layers that can be tuned, by name; linear maps transposed."""
        return self._layers(range(_KEPT, LAYERS))

    def embed(self, texts: Sequence[str]) -> list[Array]:
        """Return the word pieces of each text as the first layer gets them, shape (length, DIMENSION)."""
        return self.map(texts, lambda hidden: hidden)

    def map(self, texts: Sequence[str], step: Callable[[Array], Array]) -> list[Array]:
        """Run a step over the embedded word pieces of all texts, those of one length together; one array a text."""
        pieces = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        lengths = sorted({len(ids) for ids in pieces})
        rows_of = [[row for row, ids in enumerate(pieces) if len(ids) == length] for length in lengths]
        batches = [rows[start : start + _BATCH] for rows in rows_of for start in range(0, len(rows), _BATCH)]

        def run(rows: list[int]) -> Array:
            return step(self._embedded(np.array([pieces[row] for row in rows])))

        if len(texts) <= _FEW:
            arrays = [run(rows) for rows in batches]
        else:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                arrays = list(pool.map(run, batches))
        found: dict[int, Array] = {}
        for rows, batch in zip(batches, arrays, strict=True):
            found.update(zip(rows, batch, strict=True))
        return [found[row] for row in range(len(pieces))]

    def _layers(self, numbers: range) -> Mapping[str, Array]:
        weights = _weights(self.path, tuple(f"encoder.layer.{number}." for number in numbers))
        return {
            name: value.T.copy() if name.endswith("dense.weight") or ".self." in name else value
            for name, value in weights.items()
        }

    def _embedded(self, ids: NDArray[np.int64]) -> Array:
        weights = self.embeddings
        hidden = (
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        embedded: Array = (
            centred / spread * weights["embeddings.LayerNorm.weight"] + weights["embeddings.LayerNorm.bias"]
        )
        return embedded


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceEncoder:
    """The packaged model's embeddings, and the layers above them.

    Attributes:
        packaged: where the embeddings are from.
        layers: the ONNX model, from embedded word pieces, shape (texts, length, DIMENSION), to vectors, (texts, 2, DIMENSION).
        session: runs it.
    """

    packaged: PackagedModel
    layers: bytes
    session: Any

    @classmethod
    def load(cls, layers: bytes) -> UtteranceEncoder:
        """Read the packaged model and the layers.

        Raises:
            GuardUnavailableError: the packaged model's files are missing or damaged.
            ValueError: the layers are no ONNX model that can be run.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = _THREADS, 1
        # Threads that wait for work would else keep a core busy, of which the service has better use.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(layers, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors have no root of their own
            raise ValueError("no ONNX model that can be run") from error
        return cls(packaged=PackagedModel.load(), layers=layers, session=session)

    def encode(self, texts: Sequence[str]) -> Array:
        """Return two vectors a text, shape (len(texts), 2, DIMENSION).

        They are the unit mean of the last packaged layer and the mean of the last tuned one.
        """
        if not texts:
            return np.zeros((0, 2, DIMENSION), dtype=np.float32)
        return np.stack(self.packaged.map(texts, lambda hidden: self.session.run(None, {"hidden": hidden})[0]))


def unit(vectors: Array) -> Array:
    """Return the vectors at length one, shape (n, width)."""
    scaled: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def unit_means(texts: Sequence[Array]) -> Array:
    """Return the mean of each text's words, at length one; texts of shape (length, DIMENSION), means (n, DIMENSION)."""
    return unit(np.stack([text.mean(axis=0) for text in texts]))


def _weights(path: Path, prefixes: tuple[str, ...]) -> Mapping[str, Array]:
    from safetensors.numpy import load_file

    return {name: value for name, value in load_file(path).items() if name.startswith(prefixes)}
