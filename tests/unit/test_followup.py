"""Follow-ups: what leans on the question before is read with it, and what stands alone is left alone."""

from __future__ import annotations

import pytest

from knowledge.followup import Previous, read_follow_up
from knowledge.query import Vocabulary

WORDS = set("baclofen naltrexone cocaine alcohol opioid women kidney drive stop suddenly side effects approved".split())
GROUPS = (("alcohol", "cocaine", "opioid"), ("baclofen", "naltrexone"))
BEFORE = Previous(query="does baclofen help with cocaine", shown=("cocaine#1",))


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(WORDS, {"booze": "alcohol"}, subject="baclofen")


@pytest.mark.parametrize(
    ("said", "first_reading"),
    [
        pytest.param("what about alcohol?", "does baclofen help with alcohol", id="another substance"),
        pytest.param("and booze?", "does baclofen help with booze", id="by its other name"),
        pytest.param("thanks, and alcohol?", "does baclofen help with alcohol", id="behind a courtesy"),
        pytest.param("no I meant alcohol", "does baclofen help with alcohol", id="correction"),
        pytest.param("alcohol?", "does baclofen help with alcohol", id="no more than a name"),
        pytest.param("what about naltrexone", "does naltrexone help with cocaine", id="another medicine"),
        pytest.param("and for women?", "does baclofen help with cocaine for women", id="another group"),
        pytest.param("why?", "why does baclofen help with cocaine", id="why"),
    ],
)
def test_an_incomplete_question_is_completed_by_the_one_before(vocabulary: Vocabulary, said: str, first_reading: str):
    assert read_follow_up(said, BEFORE, vocabulary, GROUPS).texts[0] == first_reading


@pytest.mark.parametrize(
    "said",
    [
        "can I drive on baclofen?",
        "what are the side effects of baclofen",
        "and is baclofen approved for alcohol",
        "ok so can I stop suddenly",
        "does naltrexone help with alcohol",
    ],
)
def test_a_question_of_its_own_is_left_alone(vocabulary: Vocabulary, said: str):
    asked = read_follow_up(said, BEFORE, vocabulary, GROUPS)
    assert (asked.texts, asked.otherwise, asked.stays) == ((said,), None, False)


@pytest.mark.parametrize("said", ["what about alcohol?", "is that proven?", "tell me more", "why?"])
def test_without_a_question_before_nothing_is_a_follow_up(vocabulary: Vocabulary, said: str):
    assert read_follow_up(said, None, vocabulary, GROUPS).texts == (said,)


@pytest.mark.parametrize("said", ["tell me more", "more please", "go on", "anything else?", "ok tell me more about it"])
def test_more_asks_the_same_again_without_what_was_shown(vocabulary: Vocabulary, said: str):
    asked = read_follow_up(said, BEFORE, vocabulary, GROUPS)
    assert (asked.texts, asked.wants_more, asked.stays) == ((BEFORE.query,), True, True)


@pytest.mark.parametrize("said", ["is that proven?", "are you sure?", "how sure is that", "what's the evidence?"])
def test_doubt_asks_the_same_again_with_studies_first(vocabulary: Vocabulary, said: str):
    asked = read_follow_up(said, BEFORE, vocabulary, GROUPS)
    assert (asked.texts, asked.wants_evidence, asked.stays) == ((BEFORE.query,), True, True)


def test_it_stands_for_the_medicine_of_the_question_before(vocabulary: Vocabulary):
    before = Previous(query="how does naltrexone work")
    assert read_follow_up("what are its side effects", before, vocabulary, GROUPS).texts == (
        "what are naltrexone side effects",
    )


def test_it_stands_for_the_medicine_before_when_another_is_named_behind_it(vocabulary: Vocabulary):
    before = Previous(query="how does naltrexone work")
    assert read_follow_up("is it safe with baclofen", before, vocabulary, GROUPS).texts == (
        "is naltrexone safe with baclofen",
    )
    assert read_follow_up("is baclofen safe, does it hurt", before, vocabulary, GROUPS).texts == (
        "is baclofen safe, does it hurt",
    )


def test_it_stands_for_the_subject_when_the_question_before_named_it(vocabulary: Vocabulary):
    asked = read_follow_up("is it approved?", BEFORE, vocabulary, GROUPS)
    assert asked.texts == ("is baclofen approved",)


def test_a_word_that_no_document_has_is_asked_about_by_itself(vocabulary: Vocabulary):
    assert read_follow_up("what about lupus?", BEFORE, vocabulary, GROUPS).texts == ("lupus",)
