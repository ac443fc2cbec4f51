"""Trains the learned layer from the training utterances; run by the build, some minutes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from bot.guardrails.encoder import Array, PackagedModel, UtteranceEncoder, unit_means
from bot.guardrails.frames import read_frames
from bot.guardrails.joined import joined
from bot.guardrails.learned import LearnedLayer, counts, features, words_only
from bot.guardrails.misspell import misspelt
from bot.guardrails.nearest import Nearest
from bot.guardrails.normalise import normalise
from bot.guardrails.rules import EDUCATION, RuleFile, load_rules
from bot.guardrails.tuning import THREADS, exported, run_layers, tune
from bot.guardrails.utterances import Utterance, read_utterances
from bot.guardrails.verdict import HARMLESS

# Strength of regularisation, inverse, and passes of the solver, which would warn that it could go on; chosen on the development
# utterances. The usual solver, lbfgs, takes six times as long and stops more harmless messages: it is far from done by then.
_C, _PASSES = 16.0, 15
# Most utterances teach the encoder nothing new. It learns from the share that a head on the packaged vectors, fitted in so many
# passes, gets most wrong, and from one in so many of the others, so that the easy ones are not forgotten: as good in three
# fifths of the steps.
_FIRST_PASSES, _HARDEST, _ONE_IN = 40, 0.3, 5
# Harmless utterances outnumber any one category; between counting every utterance once and every label once, the root of the
# latter, and this much for what is harmless, since most messages are. What is said of everyday things has no end.
_HARMLESS = {"distress": 2.0, "education": 1.0, "everyday": 4.0}
# Divides the sum of both heads' logits; at this value the probabilities of the development utterances are most likely.
_TEMPERATURE = 2.0


def train(utterances: Path, folder: Path) -> LearnedLayer:
    """Train on the utterances in train/ and frames/ of a folder and write the layer to another folder.

    Raises:
        UtteranceError: the training utterances or the frames do not read as such.
    """
    examples = training_utterances(utterances)
    layer = fit(examples + joined(examples), misspelt(examples))
    layer.save(folder)
    return layer


def training_utterances(folder: Path) -> tuple[Utterance, ...]:
    """Return what the layer is trained on before copies are made: what is written, what frames give, the rules' examples.

    Raises:
        UtteranceError: the training utterances or the frames do not read as such.
    """
    return read_utterances(folder / "train") + read_frames(folder / "frames") + rule_examples(load_rules())


def rule_examples(rules: Sequence[RuleFile]) -> tuple[Utterance, ...]:
    """Return the examples of the rule files, so that what a clinician notes beside a rule teaches both layers.

    What only means something after another message is left out, and so are look-alikes that another file's rule takes.
    """
    plain = [file for file in rules if not file.after and file.route != EDUCATION]
    examples = []
    for file in plain:
        language = "spanish" if file.name.startswith("es_") else "plain"
        for number, text in enumerate(file.must_fire):
            category = next(file.find(normalise(text))).category
            name = f"{file.name}-fires-{number}"
            examples.append(Utterance(id=name, text=text, route=file.route, category=category, slice=language))
        for number, text in enumerate(file.look_alikes):
            if not any(any(other.find(normalise(text))) for other in plain):
                name = f"{file.name}-passes-{number}"
                examples.append(Utterance(id=name, text=text, route="pass", slice=language))
    return tuple(examples)


def fit(utterances: Sequence[Utterance], copies: Sequence[Utterance]) -> LearnedLayer:
    """Fit both heads and fill the memory; from the misspelt copies only the head learns that reads letters."""
    every = (*utterances, *copies)
    texts = [normalise(utterance.text) for utterance in every]
    labels = tuple(sorted({utterance.label for utterance in every}))
    targets = np.array([labels.index(utterance.label) for utterance in every])
    weights = _weights(targets, labels)
    packaged = PackagedModel.load()
    kept, upper = packaged.kept(), packaged.upper()
    hidden = run_layers(packaged.embed([words_only(text) for text in texts[: len(utterances)]]), kept)
    meant = targets[: len(utterances)]
    remembered = unit_means(run_layers(hidden, upper))
    taught = hardest(remembered, meant, weights)
    tuned = tune([hidden[row] for row in taught], meant[taught], weights, upper)
    matrix = counts(texts)
    rarity = _rarity(matrix)
    used = np.flatnonzero(rarity)
    head = LogisticRegression(
        C=_C, solver="sag", max_iter=_PASSES, class_weight=dict(enumerate(weights)), random_state=0
    )
    _fit(head, features(matrix, rarity)[:, used], targets)
    n_grams = np.zeros((len(rarity), len(labels)), dtype=np.float32)
    n_grams[used] = head.coef_.T
    return LearnedLayer(
        labels=labels,
        rarity=rarity,
        coefficients=np.vstack([n_grams, tuned.coefficients]).astype(np.float32),
        intercepts=(head.intercept_ + tuned.intercepts).astype(np.float32),
        temperature=_TEMPERATURE,
        nearest=Nearest(vectors=remembered, columns=meant),
        encoder=UtteranceEncoder.load(exported(kept, upper, tuned.weights)),
    )


def hardest(vectors: Array, targets: NDArray[np.int64], weight_of: Sequence[float]) -> NDArray[np.int64]:
    """Return the rows of the texts that are worth learning from, in order; `targets` and `weight_of` as `tune` takes them.

    `vectors` are the packaged model's, at length one, shape (n_texts, DIMENSION).
    """
    head = LogisticRegression(C=_C, max_iter=_FIRST_PASSES, class_weight=dict(enumerate(weight_of)))
    _fit(head, vectors, targets)
    right = head.predict_proba(vectors)[np.arange(len(targets)), np.searchsorted(head.classes_, targets)]
    hard, easy = np.split(right.argsort(kind="stable"), [round(_HARDEST * len(targets))])
    rows: NDArray[np.int64] = np.sort(np.concatenate([hard, easy[::_ONE_IN]]))
    return rows


def _fit(head: LogisticRegression, rows: Array | csr_matrix, targets: NDArray[np.int64]) -> None:
    """Fit a head in as many passes as it was given, and in as many threads as the layers are tuned in."""
    with warnings.catch_warnings(), threadpool_limits(limits=THREADS):
        warnings.simplefilter("ignore", ConvergenceWarning)
        head.fit(rows, targets)


def _rarity(matrix: csr_matrix) -> NDArray[np.float32]:
    """Inverse document frequency, smoothed; n-grams of one or two utterances say little about others and weigh nothing."""
    documents = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rarity = np.log((1 + matrix.shape[0]) / (1 + documents)) + 1
    rarity[documents < 3] = 0
    weights: NDArray[np.float32] = rarity.astype(np.float32)
    return weights


def _weights(targets: NDArray[np.int64], labels: Sequence[str]) -> list[float]:
    numbers = dict(zip(labels, np.bincount(targets, minlength=len(labels)), strict=True))
    harmless = sum(numbers.get(label, 0) for label in HARMLESS)
    return [
        _HARMLESS[label] if label in _HARMLESS else float(np.sqrt(harmless / number))
        for label, number in numbers.items()
    ]
