"""The guard's second layer: how probable each route is, learned from our own utterances; catches what no rule foresaw.

Three readings add up: a head over the character and word n-grams of the normalised text, another over what it means (the
encoder's tuned layers), and a memory of utterances like it (nearest.py). The n-grams know our words, the encoder knows words we
never wrote, the memory knows remarks that are of no kind.
Trained by train.py; this module only reads what it wrote.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

from bot.guardrails.errors import GuardUnavailableError
from bot.guardrails.nearest import Nearest
from bot.guardrails.verdict import HARMLESS

FORMAT = 8
WEIGHTS, DESCRIPTION = "weights.npz", "model.json"
MEND = "run: python -m bot.build"
# The encoder reads no more than the beginning of a longer message, so that those are also read in overlapping windows; of
# these, only the one whose n-grams look least harmless is worth a sentence vector.
WINDOW, STRIDE = 56, 24

_CHARACTERS = HashingVectorizer(
    analyzer="char_wb", ngram_range=(2, 5), n_features=2**17, alternate_sign=False, norm=None, lowercase=False
)
_WORDS = HashingVectorizer(
    analyzer="word", ngram_range=(1, 3), n_features=2**16, alternate_sign=False, norm=None, lowercase=False,
    token_pattern=r"\S+",
)  # fmt: skip


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def layers(self) -> bytes:
        """What was learned, as it is kept in a file."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return two vectors a text, shape (len(texts), 2, dimension): what it is like, what it means."""


def counts(texts: Sequence[str]) -> csr_matrix:
    """Count the n-grams of normalised texts: one row a text, logarithms of counts, characters first, then words."""
    matrix = hstack([_CHARACTERS.transform(texts), _WORDS.transform(texts)], format="csr", dtype=np.float32)
    np.log1p(matrix.data, out=matrix.data)
    return matrix


def features(matrix: csr_matrix, rarity: NDArray[np.float32]) -> csr_matrix:
    """Weight counts by the rarity of each n-gram and bring every row to length one."""
    weighted = matrix.multiply(rarity).tocsr()
    lengths = np.sqrt(weighted.multiply(weighted).sum(axis=1)).A1
    weighted.data /= np.repeat(np.maximum(lengths, 1e-9), np.diff(weighted.indptr)).astype(np.float32)
    return weighted


def windows(text: str) -> list[str]:
    """Return the whole text and, if it is long, its overlapping windows."""
    words = text.split()
    if len(words) <= WINDOW + STRIDE:
        return [text]
    return [text, *(" ".join(words[start : start + WINDOW]) for start in range(0, len(words) - STRIDE, STRIDE))]


def words_only(text: str) -> str:
    """Return normalised text without the marks of where sentences end, as the encoder reads it."""
    return " ".join(word for word in text.split() if word != ".")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LearnedLayer:
    """Weights of the two heads, the encoder that was tuned with them, and the memory.

    Attributes:
        labels: what each column stands for: a crisis category, another guarded route, or a kind of harmless.
        rarity: weight of each n-gram, shape (n_grams,).
        coefficients: shape (n_grams + dimension, n_labels): of the n-grams, of the encoder's vector of what a text means.
        intercepts: shape (n_labels,), of both heads together.
        temperature: divides the logits, so that probabilities mean what they say on text the heads have not seen.
        nearest: the memory.
        encoder: gives the vectors.
    """

    labels: tuple[str, ...]
    rarity: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    temperature: float
    nearest: Nearest
    encoder: Encoder

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Return the probability of each label for the readings of one normalised text, shape (n_readings, n_labels).

        The first reading is the whole text; if it is long, the second one is its least harmless window.
        """
        parts = windows(text)
        n_grams = features(counts(parts), self.rarity) @ self.coefficients[: len(self.rarity)] + self.intercepts
        harmless = self.harmless(softmax(n_grams))
        read = [0] if len(parts) == 1 else [0, 1 + int(harmless[1:].argmin())]
        vectors = self.encoder.encode([words_only(parts[index]) for index in read])
        of_heads = n_grams[read] + vectors[:, 1] @ self.coefficients[len(self.rarity) :]
        return softmax(of_heads / self.temperature + self.nearest.logits(vectors[:, 0], len(self.labels)))

    def harmless(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how probable each reading is harmless, of whatever kind; shape (n_readings,)."""
        columns = [index for index, label in enumerate(self.labels) if label in HARMLESS]
        total: NDArray[np.float64] = probabilities[:, columns].sum(axis=1)
        return total

    def save(self, folder: Path) -> None:
        """Write the layer to a folder; the description comes last and vouches for the weights."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DESCRIPTION).unlink(missing_ok=True)
        unfinished = folder / f".{WEIGHTS}"
        with unfinished.open("wb") as file:
            np.savez(
                file,
                rarity=self.rarity.astype(np.float16),
                coefficients=self.coefficients.astype(np.float16),
                intercepts=self.intercepts,
                remembered=self.nearest.vectors.astype(np.float16),
                columns=self.nearest.columns.astype(np.uint8),
                encoder=np.frombuffer(self.encoder.layers, dtype=np.uint8),
            )
        unfinished.replace(folder / WEIGHTS)
        description = {
            "format": FORMAT,
            "labels": self.labels,
            "temperature": round(self.temperature, 4),
            "sha256": _digest(folder / WEIGHTS),
        }
        written = folder / f".{DESCRIPTION}"
        written.write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
        written.replace(folder / DESCRIPTION)

    @classmethod
    def load(cls, folder: Path, *, load_encoder: Callable[[bytes], Encoder]) -> LearnedLayer:
        """Read the layer from a folder; `load_encoder` makes an encoder of its layers, or a ValueError.

        Raises:
            GuardUnavailableError: a file is missing, damaged or of another version.
        """
        try:
            description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            found = _digest(folder / WEIGHTS)
            if description["format"] != FORMAT or description["sha256"] != found:
                raise GuardUnavailableError(f"the learned layer in {folder} does not match its description; {MEND}")
            with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
                layer = cls(
                    labels=tuple(description["labels"]),
                    rarity=arrays["rarity"].astype(np.float32),
                    coefficients=arrays["coefficients"].astype(np.float32),
                    intercepts=arrays["intercepts"].astype(np.float32),
                    temperature=float(description["temperature"]),
                    nearest=Nearest(
                        vectors=arrays["remembered"].astype(np.float32), columns=arrays["columns"].astype(np.int64)
                    ),
                    encoder=load_encoder(arrays["encoder"].tobytes()),
                )
        except OSError as error:
            raise GuardUnavailableError(f"no learned layer in {folder} ({error.strerror}); {MEND}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise GuardUnavailableError(f"the learned layer in {folder} is damaged; {MEND}") from error
        return layer


def softmax(logits: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits into probabilities along the last axis."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    total: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return total


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
