"""Queries: slang, spelling and pronouns, and which words nobody has heard of."""

from __future__ import annotations

import pytest

from knowledge.query import Vocabulary, tokens

WORDS = {
    "baclofen",
    "cocaine",
    "alcohol",
    "drinking",
    "cravings",
    "brain",
    "dangerous",
    "stop",
    "suddenly",
    "high",
    "approved",
}


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(
        WORDS,
        {"coke": "cocaine", "booze": "alcohol", "drinking": "alcohol", "get high": "cravings"},
        subject="baclofen",
    )


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        pytest.param(
            "Does it block the high from COKE?", "does baclofen block the high from cocaine", id="slang and pronoun"
        ),
        pytest.param("baclofin and cocainne", "baclofen and cocaine", id="spelling"),
        pytest.param(
            "is it dangerous to stop drinking suddenly", "is it dangerous to stop drinking suddenly", id="filler it"
        ),
        pytest.param("I get high", "i cravings", id="phrase"),
        pytest.param("does baclofen work, is it approved", "does baclofen work is it approved", id="subject named"),
        pytest.param("whats it do to your brain", "whats baclofen do to your brain", id="no apostrophe"),
    ],
)
def test_a_question_is_put_into_the_words_of_the_documents(vocabulary: Vocabulary, typed: str, text: str):
    assert vocabulary.query(typed).text == text


def test_a_synonym_has_the_same_stem_as_what_it_stands_for(vocabulary: Vocabulary):
    assert vocabulary.stems("drinking booze") == vocabulary.stems("alcohol alcohol")


def test_a_word_that_no_document_has_is_reported_as_typed(vocabulary: Vocabulary):
    assert vocabulary.query("does baclofen cure lupus").unknown == ("cure", "lupus")


@pytest.mark.parametrize(
    ("typed", "unclear"), [("", True), ("hmm", True), ("asdf", True), ("what is it", True), ("cocaine", False)]
)
def test_a_question_without_content_is_unclear(vocabulary: Vocabulary, typed: str, unclear: bool):
    assert vocabulary.query(typed).is_unclear is unclear


def test_words_are_folded():
    assert tokens("Can\u2019t STOP, naïve café 50%") == ["cant", "stop", "naive", "cafe", "50"]
