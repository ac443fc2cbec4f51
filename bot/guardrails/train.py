"""Trains the learned layer from the training utterances; run by the build, some seconds, always with the same result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]  # scipy ships no types
from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]  # scipy ships no types
from sklearn.linear_model import LogisticRegression

from bot.guardrails.encoder import UtteranceEncoder
from bot.guardrails.frames import read_frames
from bot.guardrails.joined import joined
from bot.guardrails.learned import Encoder, LearnedLayer, counts, features, softmax, words_only
from bot.guardrails.misspell import misspelt
from bot.guardrails.normalise import normalise
from bot.guardrails.utterances import Utterance, read_utterances

# Strength of regularisation, inverse; chosen on the development utterances, see REPORT.md.
_C = 2.0
# Harmless utterances outnumber any one category; between counting every utterance once and every label once, the root of the
# latter, with this much more for what is harmless, since most messages are.
_HARMLESS = 1.5
# Steps of the solver; more change little. The first head takes a quarter of them, which is enough to judge its trust.
_STEPS = 120
# One utterance in so many is kept from a first head, to learn from it how far its probabilities can be trusted.
_PART = 5


def train(utterances: Path, folder: Path) -> LearnedLayer:
    """Train on the utterances in train/ and frames/ of a folder and write the layer to another folder.

    Raises:
        UtteranceError: the training utterances or the frames do not read as such.
    """
    examples = read_utterances(utterances / "train") + read_frames(utterances / "frames")
    layer = fit(examples + misspelt(examples) + joined(examples), encoder=UtteranceEncoder.load())
    layer.save(folder)
    return layer


def fit(utterances: Sequence[Utterance], *, encoder: Encoder) -> LearnedLayer:
    """Fit the head on all utterances; its temperature comes from a part that a first head has not seen."""
    texts = [normalise(utterance.text) for utterance in utterances]
    labels = tuple(sorted({utterance.label for utterance in utterances}))
    targets = np.array([labels.index(utterance.label) for utterance in utterances])
    matrix = counts(texts)
    rarity = _rarity(matrix)
    used = np.flatnonzero(rarity)
    vectors = csr_matrix(encoder.encode([words_only(text) for text in texts]))
    inputs = hstack([features(matrix, rarity)[:, used], vectors], format="csr")
    held_out, rest = _split(texts)
    coefficients, intercepts = _head(inputs[rest], targets[rest], labels, steps=_STEPS // 4)
    logits = (inputs[held_out] @ coefficients + intercepts).astype(np.float32)
    used_coefficients, intercepts = _head(inputs, targets, labels, steps=_STEPS)
    coefficients = np.zeros((len(rarity) + vectors.shape[1], len(labels)), dtype=np.float32)
    coefficients[used] = used_coefficients[: len(used)]
    coefficients[len(rarity) :] = used_coefficients[len(used) :]
    return LearnedLayer(
        labels=labels,
        rarity=rarity,
        coefficients=coefficients,
        intercepts=intercepts,
        temperature=_temperature(logits, targets[held_out]),
        encoder=encoder,
    )


def _rarity(matrix: csr_matrix) -> NDArray[np.float32]:
    """Inverse document frequency, smoothed; n-grams of a single utterance say nothing about others and weigh nothing."""
    documents = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rarity = np.log((1 + matrix.shape[0]) / (1 + documents)) + 1
    rarity[documents < 2] = 0
    weights: NDArray[np.float32] = rarity.astype(np.float32)
    return weights


def _head(
    inputs: csr_matrix, targets: NDArray[np.int64], labels: Sequence[str], *, steps: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    model = LogisticRegression(C=_C, max_iter=steps, class_weight=_weights(targets, labels), solver="lbfgs", tol=1e-3)
    model.fit(inputs, targets)
    coefficients = np.zeros((inputs.shape[1], len(labels)), dtype=np.float32)
    intercepts = np.full(len(labels), -20.0, dtype=np.float32)
    coefficients[:, model.classes_] = model.coef_.T
    intercepts[model.classes_] = model.intercept_
    return coefficients, intercepts


def _weights(targets: NDArray[np.int64], labels: Sequence[str]) -> dict[int, float]:
    numbers = np.bincount(targets, minlength=len(labels))
    return {
        column: float(np.sqrt(numbers.max() / numbers[column])) * (_HARMLESS if label == "pass" else 1.0)
        for column, label in enumerate(labels)
        if numbers[column]
    }


def _split(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Part the rows by the first words, so that variants of one sentence mostly stay together: one in `_PART`, and the rest."""
    order = sorted(range(len(texts)), key=lambda row: texts[row])
    block = max(len(order) // (_PART * 20), 1)
    chosen = np.array([row for place, row in enumerate(order) if (place // block) % _PART == 0], dtype=np.int64)
    return chosen, np.setdiff1d(np.arange(len(texts)), chosen)


def _temperature(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """The divisor of the logits that makes unseen probabilities most likely."""

    def loss(temperature: float) -> float:
        probabilities = softmax(logits / np.float32(temperature))
        return float(-np.log(np.maximum(probabilities[np.arange(len(targets)), targets], 1e-12)).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)
