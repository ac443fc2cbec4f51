"""The real encoder and an index of our own documents, made once for all tests that search."""

from __future__ import annotations

import pytest

from knowledge.build import load_corpus
from knowledge.encoder import SentenceTransformerEncoder
from knowledge.index import PassageIndex, build_index
from knowledge.retriever import Retriever
from knowledge.settings import load_settings


@pytest.fixture(scope="session")
def encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(load_settings())


@pytest.fixture(scope="session")
def retriever(encoder: SentenceTransformerEncoder, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("index")
    build_index(load_corpus(), encoder, folder)
    return Retriever(PassageIndex.load(folder, encoder.name), encoder, load_settings())
