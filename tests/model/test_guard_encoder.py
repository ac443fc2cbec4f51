"""The guard's encoder against what it stands for: sentence-transformers, and torch while it is tuned."""

from __future__ import annotations

import numpy as np
import pytest

from bot.guardrails.encoder import PackagedModel, UtteranceEncoder, unit_means
from bot.guardrails.tuning import exported, forward, run_layers, tune
from knowledge.encoder import SentenceTransformerEncoder
from knowledge.settings import KnowledgeSettings

TEXTS = ["i can not stop shaking", "what is baclofen", "hello", "my brother drank for ten years and he is sober now"]


@pytest.fixture(scope="module")
def packaged() -> PackagedModel:
    return PackagedModel.load()


@pytest.fixture(scope="module")
def encoder(packaged: PackagedModel) -> UtteranceEncoder:
    """An encoder whose tuned layers are far from the packaged ones."""
    kept, upper = packaged.kept(), packaged.upper()
    return UtteranceEncoder.load(exported(kept, upper, {name: 0.9 * value for name, value in upper.items()}))


def test_it_tells_what_is_alike_as_minilm_does(encoder: UtteranceEncoder):
    vectors = SentenceTransformerEncoder(KnowledgeSettings()).encode_queries(TEXTS)
    np.testing.assert_allclose(encoder.encode(TEXTS)[:, 0], vectors, atol=1e-5)


def test_it_tells_what_is_meant_as_the_tuned_layers_do(packaged: PackagedModel, encoder: UtteranceEncoder):
    import torch

    layers = {name: torch.from_numpy(value) for name, value in packaged.kept().items()}
    layers |= {name: torch.from_numpy(0.9 * value) for name, value in packaged.upper().items()}
    means = [forward(torch.from_numpy(text[None]), layers)[0].mean(dim=0).numpy() for text in packaged.embed(TEXTS)]
    np.testing.assert_allclose(np.stack(means), encoder.encode(TEXTS)[:, 1], atol=1e-4)


def test_a_text_has_the_same_vector_in_any_company(encoder: UtteranceEncoder):
    together = encoder.encode(TEXTS * 30)
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together[: len(TEXTS)], alone, atol=1e-5)


def test_no_text_has_no_vectors(encoder: UtteranceEncoder):
    assert encoder.encode([]).shape == (0, 2, 384)


def test_in_fewer_digits_the_layers_give_nearly_what_they_serve(packaged: PackagedModel, encoder: UtteranceEncoder):
    means = unit_means(run_layers(packaged.embed(TEXTS), {**packaged.kept(), **packaged.upper()}))
    assert (means * encoder.encode(TEXTS)[:, 0]).sum(axis=1).min() > 0.999


def test_tuning_tells_apart_what_it_is_shown_and_always_in_the_same_way(packaged: PackagedModel):
    texts = [f"{start} {end}" for start in ("i said", "we say", "they said") for end in ("yes to it", "no to it")] * 100
    targets = np.array([0, 1] * 300)
    kept, upper = packaged.kept(), packaged.upper()
    hidden = run_layers(packaged.embed(texts), kept)
    first, second = (tune(hidden, targets, [1.0, 1.0], upper) for _ in range(2))
    means = UtteranceEncoder.load(exported(kept, upper, first.weights)).encode(texts)[:, 1]
    assert ((means @ first.coefficients + first.intercepts).argmax(axis=1) == targets).all()
    np.testing.assert_array_equal(first.coefficients, second.coefficients)


def test_layers_that_are_no_model_are_an_error():
    with pytest.raises(ValueError, match="no ONNX model"):
        UtteranceEncoder.load(b"\x00" * 100)
