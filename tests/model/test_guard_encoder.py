"""The guard's encoder in numpy against what it stands for: sentence-transformers, and torch while it is tuned."""

from __future__ import annotations

import numpy as np
import pytest

from bot.guardrails.encoder import UtteranceEncoder, unit_means
from bot.guardrails.tuning import forward, run_layers, tune
from knowledge.encoder import SentenceTransformerEncoder
from knowledge.settings import KnowledgeSettings

TEXTS = ["i can not stop shaking", "what is baclofen", "hello", "my brother drank for ten years and he is sober now"]


@pytest.fixture(scope="module")
def encoder() -> UtteranceEncoder:
    return UtteranceEncoder.load()


def test_untuned_it_is_minilm(encoder: UtteranceEncoder):
    means = encoder.encode(TEXTS)[:, 0]
    vectors = SentenceTransformerEncoder(KnowledgeSettings()).encode_queries(TEXTS)
    np.testing.assert_allclose(means, vectors, atol=1e-5)


def test_a_text_has_the_same_vector_in_any_company(encoder: UtteranceEncoder):
    together = encoder.encode(TEXTS * 30)
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together[: len(TEXTS)], alone, atol=1e-5)


def test_torch_and_numpy_run_the_same_layers(encoder: UtteranceEncoder):
    import torch

    layers = {name: torch.from_numpy(value) for name, value in {**encoder.kept, **encoder.upper}.items()}
    means = [forward(torch.from_numpy(text[None]), layers)[0].mean(dim=0).numpy() for text in encoder.embed(TEXTS)]
    np.testing.assert_allclose(np.stack(means), encoder.encode(TEXTS)[:, 1], atol=1e-4)


def test_in_fewer_digits_the_layers_give_nearly_what_they_serve(encoder: UtteranceEncoder):
    means = unit_means(run_layers(encoder.embed(TEXTS), {**encoder.kept, **encoder.upper}))
    assert (means * encoder.encode(TEXTS)[:, 0]).sum(axis=1).min() > 0.999


def test_tuning_tells_apart_what_it_is_shown_and_always_in_the_same_way(encoder: UtteranceEncoder):
    texts = [f"{start} {end}" for start in ("i said", "we say", "they said") for end in ("yes to it", "no to it")] * 100
    targets = np.array([0, 1] * 300)
    hidden = run_layers(encoder.embed(texts), encoder.kept)
    first, second = (tune(hidden, targets, [1.0, 1.0], encoder.upper) for _ in range(2))
    means = encoder.with_tuned(first.weights).encode(texts)[:, 1]
    assert ((means @ first.coefficients + first.intercepts).argmax(axis=1) == targets).all()
    np.testing.assert_array_equal(first.coefficients, second.coefficients)
    with pytest.raises(ValueError, match="another model"):
        encoder.with_tuned({name: value[:1] for name, value in first.weights.items()})
