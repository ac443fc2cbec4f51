"""Retrieval with the real encoder on our own documents: order and silence, never an exact score."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.encoder import SentenceTransformerEncoder, encoder_name
from knowledge.errors import EncoderUnavailableError
from knowledge.retriever import Retriever
from knowledge.settings import KnowledgeSettings, load_settings, today


def test_vectors_have_length_one_and_do_not_depend_on_company(encoder: SentenceTransformerEncoder):
    alone = encoder.encode_queries(["does baclofen help"])
    together = encoder.encode_queries(["does baclofen help", "a much longer text about something quite different"])
    assert np.linalg.norm(together, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)
    assert alone[0] @ together[0] == pytest.approx(1.0, abs=1e-5)


def test_the_name_is_known_without_loading(encoder: SentenceTransformerEncoder):
    assert encoder.name == encoder_name(load_settings())


def test_prefixes_change_the_name_so_that_an_old_index_does_not_fit():
    assert encoder_name(KnowledgeSettings()) != encoder_name(KnowledgeSettings(query_prefix="query: "))


def test_a_missing_encoder_names_the_setting():
    with pytest.raises(EncoderUnavailableError, match=r"knowledge/settings\.yml"):
        SentenceTransformerEncoder(KnowledgeSettings(encoder="/no/such/folder"))


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("does baclofen help cocaine cravings?", "baclofen-and-cocaine"),
        ("does it work for coke", "baclofen-and-cocaine"),
        ("what are the side effects", "side-effects"),
        ("why cant i just stop taking it", "stopping-baclofen"),
        ("is it approved for alcohol addiction in the us", "approved-and-off-label-use"),
        ("baclofin and heroin, is that dangerous", "baclofen-and-opioids"),
        ("signs somebody took too much", "danger-signs-of-too-much"),
        ("how can I help my brother who uses cocaine", "finding-treatment"),
    ],
)
def test_the_right_document_is_among_the_first_three(retriever: Retriever, question: str, document: str):
    search = retriever.search(question, today=today())
    assert search.outcome == "found"
    assert document in [hit.passage.document_id for hit in search.hits[:3]]


@pytest.mark.parametrize(
    "question",
    [
        "does baclofen cure lupus",
        "who won the world cup",
        "is metformin good for diabetes",
        "how do i bake bread",
        "hmm",
    ],
)
def test_nothing_is_found_where_nothing_is_known(retriever: Retriever, question: str):
    assert retriever.search(question, today=today()).hits == ()
