"""Answers: verbatim, cited, hedged, both sides shown, silence where nothing is known."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.compose import MOST_STATEMENTS, compose
from actions.hedging import disagree, hedge_for
from actions.phrases import load_phrases
from actions.render import render_answer
from bot.reply import Reply
from knowledge.retriever import Retriever
from tests.build_values import (
    COCAINE,
    SIDE_EFFECTS,
    TODAY,
    make_document,
    make_reference,
    make_retriever,
    make_test_corpus,
)

PHRASES = load_phrases()


def answer(question: str, retriever: Retriever) -> Reply | None:
    search = retriever.search(question, today=TODAY)
    composed = compose(search, retriever.corpus, retriever.vocabulary)
    return render_answer(composed, retriever.corpus, PHRASES, advice=False) if composed else None


@given(
    st.lists(
        st.sampled_from("does baclofen help cocaine use side effects dizziness trial larger seizure woken".split())
    )
)
def test_every_statement_is_a_cited_slice_of_its_document(words: list[str]):
    retriever = make_retriever()
    reply = answer(" ".join(words), retriever)
    if reply is None:
        return
    documents = {one.id: one for one in (make_document(), make_document(SIDE_EFFECTS))}
    for citation in reply.citations:
        assert documents[citation.document_id].text[citation.start : citation.end] == citation.quote
        assert citation.references
    for statement in reply.statements:
        assert all(statement.text in reply.citations[number - 1].quote for number in statement.citations)
    assert reply.hedge is not None


def test_the_same_question_gives_the_same_bytes():
    first, second = (answer("does baclofen help cocaine", make_retriever()) for _ in range(2))
    assert first is not None
    assert first.to_json() == second.to_json()


def test_sources_that_disagree_are_shown_as_disagreeing():
    reply = answer("did people on baclofen use less cocaine in a small early trial", make_retriever())
    assert reply is not None
    assert reply.disagreement
    assert reply.hedge.level == "mixed"
    cited = {reference.id for citation in reply.citations for reference in citation.references}
    assert {"small", "large"} <= cited


def test_the_safety_line_of_a_quoted_section_is_shown():
    reply = answer("does baclofen help cocaine", make_retriever())
    assert "naloxone can save a life" in reply.text


def test_an_answer_has_no_more_statements_than_a_phone_can_show():
    search = make_retriever().search("baclofen cocaine trial side effects sleepy seizure", today=TODAY)
    composed = compose(search, make_test_corpus(), make_retriever().vocabulary)
    assert composed is None or len(composed.statements) <= MOST_STATEMENTS


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        pytest.param("does baclofen cure lupus", "nothing_found", id="another disease"),
        pytest.param("who won the football cup", "off_topic", id="another world"),
        pytest.param("what is it", "unclear", id="no content"),
        pytest.param("", "unclear", id="empty"),
    ],
)
def test_retrieval_says_why_it_found_nothing(question: str, outcome: str, retriever: Retriever):
    search = retriever.search(question, today=TODAY)
    assert (search.outcome, search.hits) == (outcome, ())


def test_what_is_nearer_to_an_unanswered_question_finds_nothing():
    question = "does baclofen help people who use cocaine at home and on holiday"
    corpus = make_test_corpus()
    assert make_retriever(corpus).search(question, today=TODAY).outcome == "found"
    corpus = dataclasses.replace(corpus, unanswered=(question,))
    assert make_retriever(corpus).search(question, today=TODAY).outcome == "nothing_found"
    assert make_retriever(corpus).search("does baclofen help people who use cocaine", today=TODAY).outcome == "found"


def test_a_document_that_falls_overdue_while_serving_is_no_longer_quoted(retriever: Retriever):
    search = retriever.search("does baclofen help cocaine", today=datetime.date(2027, 11, 2))
    assert search.nearest == ()


def test_a_sentence_without_a_known_reference_is_never_quoted():
    corpus = make_test_corpus(COCAINE.replace("@small; @large", "@unknown").replace("@small", "@unknown"))
    reply = answer("is baclofen a proven treatment for cocaine", make_retriever(corpus))
    assert reply is None or "proven treatment" not in reply.text


@pytest.mark.parametrize(
    ("references", "level"),
    [
        pytest.param(
            [("randomised trial", "supports", True), ("randomised trial", "against", False)], "mixed", id="disagree"
        ),
        pytest.param([("randomised trial", "mixed", False)], "mixed", id="mixed result"),
        pytest.param([("randomised trial", "supports", True)], "weak", id="small trial"),
        pytest.param([("randomised trial", "supports", False)], "limited", id="trial"),
        pytest.param([("randomised trial", "against", False)], "against", id="negative trial"),
        pytest.param([("meta-analysis", "supports", False)], "moderate", id="meta-analysis"),
        pytest.param([("animal study", "supports", True)], "theory", id="animals"),
        pytest.param([("laboratory study", "supports", True)], "weak", id="laboratory"),
        pytest.param([("drug label", "none", False)], "official", id="label"),
        pytest.param([("guideline", "none", False)], "guideline", id="guideline"),
        pytest.param([], "limited", id="nothing"),
    ],
)
def test_the_hedge_follows_kind_and_direction(references: list[tuple[str, str, bool]], level: str):
    made = [
        make_reference(f"r{number}", kind=kind, direction=direction, is_small=small)
        for number, (kind, direction, small) in enumerate(references)
    ]
    assert hedge_for(made, PHRASES.hedges).level == level


def test_opposite_results_on_different_topics_are_no_disagreement():
    assert not disagree([make_reference("a"), make_reference("b", direction="against", topic="alcohol")])
