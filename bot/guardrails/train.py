"""Trains the learned layer from the training utterances; run by the build, some seconds, always with the same result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]  # scipy ships no types
from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]  # scipy ships no types
from sklearn.linear_model import LogisticRegression

from bot.guardrails.encoder import UtteranceEncoder
from bot.guardrails.learned import Encoder, LearnedLayer, counts, features, softmax, words_only
from bot.guardrails.normalise import normalise
from bot.guardrails.utterances import Utterance, read_utterances

# Strength of regularisation, inverse; chosen on the development utterances, see REPORT.md.
_C = 20.0
_FOLDS = 5


def train(utterances: Path, folder: Path) -> LearnedLayer:
    """Train on the utterances of a folder and write the layer to another folder.

    Raises:
        UtteranceError: the training utterances do not read as such.
    """
    layer = fit(read_utterances(utterances), encoder=UtteranceEncoder.load())
    layer.save(folder)
    return layer


def fit(utterances: Sequence[Utterance], *, encoder: Encoder) -> LearnedLayer:
    """Fit the head on all utterances; its temperature comes from folds that the fold's head has not seen."""
    texts = [normalise(utterance.text) for utterance in utterances]
    labels = tuple(sorted({utterance.label for utterance in utterances}))
    targets = np.array([labels.index(utterance.label) for utterance in utterances])
    matrix = counts(texts)
    rarity = _rarity(matrix)
    used = np.flatnonzero(rarity)
    vectors = csr_matrix(encoder.encode([words_only(text) for text in texts]))
    inputs = hstack([features(matrix, rarity)[:, used], vectors], format="csr")
    logits = np.zeros((len(texts), len(labels)), dtype=np.float32)
    for held_out in _folds(texts):
        rest = np.setdiff1d(np.arange(len(texts)), held_out)
        coefficients, intercepts = _head(inputs[rest], targets[rest], len(labels))
        logits[held_out] = inputs[held_out] @ coefficients + intercepts
    used_coefficients, intercepts = _head(inputs, targets, len(labels))
    coefficients = np.zeros((len(rarity) + vectors.shape[1], len(labels)), dtype=np.float32)
    coefficients[used] = used_coefficients[: len(used)]
    coefficients[len(rarity) :] = used_coefficients[len(used) :]
    return LearnedLayer(
        labels=labels,
        rarity=rarity,
        coefficients=coefficients,
        intercepts=intercepts,
        temperature=_temperature(logits, targets),
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
    inputs: csr_matrix, targets: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    model = LogisticRegression(C=_C, max_iter=200, class_weight="balanced", solver="lbfgs", tol=1e-3)
    model.fit(inputs, targets)
    coefficients = np.zeros((inputs.shape[1], classes), dtype=np.float32)
    intercepts = np.full(classes, -20.0, dtype=np.float32)
    coefficients[:, model.classes_] = model.coef_.T
    intercepts[model.classes_] = model.intercept_
    return coefficients, intercepts


def _folds(texts: Sequence[str]) -> Iterable[NDArray[np.int64]]:
    """Split by the first words, so that variants of one sentence mostly stay together."""
    order = sorted(range(len(texts)), key=lambda row: texts[row])
    for fold in range(_FOLDS):
        start, end = (fold * len(order)) // _FOLDS, ((fold + 1) * len(order)) // _FOLDS
        yield np.array(sorted(order[start:end]), dtype=np.int64)


def _temperature(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """The divisor of the logits that makes unseen probabilities most likely."""

    def loss(temperature: float) -> float:
        probabilities = softmax(logits / np.float32(temperature))
        return float(-np.log(np.maximum(probabilities[np.arange(len(targets)), targets], 1e-12)).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)
