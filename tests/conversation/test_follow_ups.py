"""Follow-ups through the trained bot: slots carry the question before, and nothing of it leaks into a new one."""

from __future__ import annotations

import pytest

from bot.reply import Reply
from tests.conversation.conftest import Talk

ASKED = "does baclofen help with cocaine cravings?"


def documents(reply: Reply) -> list[str]:
    return [citation.document_id for citation in reply.citations]


@pytest.mark.parametrize(
    ("messages", "document"),
    [
        ((ASKED, "what about alcohol?"), "baclofen-and-alcohol"),
        (("is it approved for cocaine", "no I meant alcohol"), "approved-and-off-label-use"),
        ((ASKED, "what about pregnancy?"), "pregnancy-and-breastfeeding"),
        ((ASKED, "is that proven?"), "baclofen-and-cocaine"),
        ((ASKED, "why?"), "baclofen-and-cocaine"),
        (("how does naltrexone work", "is it approved?"), "medicines-for-opioids"),
        ((ASKED, "what about alcohol?", "is that proven?"), "baclofen-and-alcohol"),
    ],
)
def test_a_follow_up_is_answered_from_the_right_document(talk: Talk, messages: tuple[str, ...], document: str):
    reply = talk(*messages)[-1]
    assert reply.route == "answer"
    assert documents(reply)[0] == document


def test_a_correction_changes_the_substance_and_nothing_else(talk: Talk):
    reply = talk("is it approved for cocaine", "no I meant alcohol")[-1]
    assert "approved for alcohol addiction" in reply.statements[0].text


def test_more_shows_other_passages_or_says_that_there_are_none(talk: Talk):
    first, more = talk(ASKED, "tell me more")
    shown = {citation.passage_id for citation in first.citations}
    assert more.route == "no_answer" or not shown & {
        citation.passage_id for statement in more.statements for citation in more.citations[:1] if statement
    }


@pytest.mark.parametrize(
    "question", ["can I drive on baclofen?", "what is contingency management", "does baclofen cure lupus"]
)
def test_a_question_of_its_own_gets_the_same_answer_whatever_came_before(talk: Talk, question: str):
    alone = talk.ask(question)
    after = talk(ASKED, "what about alcohol?", question)[-1]
    assert after.text == alone.text


def test_an_unknown_topic_is_not_answered_with_the_old_one(talk: Talk):
    assert talk(ASKED, "what about lupus?")[-1].route == "no_answer"


def test_it_after_another_medicine_does_not_mean_baclofen(talk: Talk):
    reply = talk("how does naltrexone work", "what are its side effects")[-1]
    assert "Side effects of baclofen" not in reply.text


def test_who_says_so_lists_the_sources_of_the_last_answer(talk: Talk):
    reply = talk(ASKED, "who says so?")[-1]
    assert reply.category == "sources"
    assert reply.citations


def test_a_question_near_several_of_ours_is_asked_back_with_buttons_that_have_answers(talk: Talk):
    reply = talk.ask("is it strong")
    assert (reply.category, len(reply.suggestions)) == ("unclear", 3)
    assert all(talk.ask(suggestion).statements for suggestion in reply.suggestions)
