"""The real encoder and the index of our own documents, loaded once for all tests that search."""

from __future__ import annotations

import pytest

from bot.local import ensure_built
from knowledge.encoder import SentenceTransformerEncoder
from knowledge.index import PassageIndex
from knowledge.retriever import Retriever
from knowledge.settings import load_settings, state_folder


@pytest.fixture(scope="session")
def encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(load_settings())


@pytest.fixture(scope="session")
def retriever(encoder: SentenceTransformerEncoder) -> Retriever:
    ensure_built()
    return Retriever(PassageIndex.load(state_folder() / "index", encoder.name), encoder, load_settings())
