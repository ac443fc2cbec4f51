"""What a patient has when something fails: their words, the crisis numbers, and in the end every answer, once."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.conversation.widget.chat import WEBHOOK, Chat, cut, reply, status
from tests.conversation.widget.conftest import NewChat


async def never(route: Route) -> None:
    """Take the message and say nothing."""


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        pytest.param(cut, "cannot be reached", id="connection cut"),
        pytest.param(status(500), "cannot be reached", id="500"),
        pytest.param(status(503, "<html>"), "cannot be reached", id="503 of a proxy"),
        pytest.param(status(429, **{"Retry-After": "1"}), "many messages right now", id="429"),
        pytest.param(status(200, "[]"), "cannot be reached", id="empty list"),
        pytest.param(status(200, ""), "cannot be reached", id="empty body"),
        pytest.param(status(200, '[{"text": "   "}]'), "cannot be reached", id="empty reply"),
        pytest.param(status(200, "<html>"), "cannot be reached", id="a login page"),
    ],
)
async def test_after_a_failure_the_question_waits_and_is_answered_under_the_same_id(chat: Chat, failure, told: str):
    await chat.answer_with(failure, reply("At last."))
    await chat.say("what is baclofen?")
    strip = chat.page.locator(".strip")
    await expect(strip).to_contain_text(told)
    await expect(strip.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")
    await expect(strip.get_by_role("link", name="988")).to_have_attribute("href", "tel:988")
    await expect(chat.page.locator(".state")).to_have_text("Kept here, not sent yet")
    await expect(chat.answers.last).to_contain_text("At last.")
    await expect(strip).to_be_hidden()
    await expect(chat.page.locator(".state")).to_be_hidden()
    assert len({body["metadata"]["message_id"] for body in chat.requests}) == 1
    assert [text for region, text in await chat.heard() if "Connected again" in text] == ["Connected again."]


async def test_what_is_written_offline_is_sent_in_order_when_the_network_is_back_and_only_once(chat: Chat):
    await chat.page.context.set_offline(True)
    for text in ("what is baclofen?", "how does baclofen work?", "what are its side effects?"):
        await chat.say(text)
    await chat.field.fill("a draft")
    await expect(chat.page.locator(".strip")).to_contain_text("You are offline")
    await expect(chat.questions).to_have_count(3)
    await chat.page.context.set_offline(False)
    await expect(chat.answers).to_have_count(4, timeout=20_000)
    order = await chat.page.locator(".entry").evaluate_all("all => all.map(e => e.classList[1])")
    assert order == ["bot", "me", "bot", "me", "bot", "me", "bot"]
    await expect(chat.field).to_have_value("a draft")
    assert list(dict.fromkeys(body["message"] for body in chat.requests)) == await chat.questions.all_inner_texts()


async def test_a_reply_that_was_lost_on_the_way_is_fetched_again_and_the_server_answers_once(chat: Chat):
    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    async def let_through(route: Route) -> None:
        await route.continue_()

    await chat.answer_with(lose, let_through)
    answer = await chat.ask("i want to kill myself")  # a second reply to the same would be worded differently
    await expect(chat.answers).to_have_count(3)  # the widget's own while it waited, then the server's
    first = await chat.answers.nth(2).inner_text()
    assert "I'm really glad you told me" in first
    await expect(answer).to_contain_text("I can't reach the service")


async def test_a_server_that_does_not_answer_is_given_up_and_asked_again(new_chat: NewChat):
    chat = await new_chat()
    await chat.page.clock.install()
    await chat.launcher.click()
    await chat.answer_with(never, reply("At last."))
    await chat.say("what is baclofen?")
    await chat.page.clock.run_for(16_000)
    await expect(chat.page.locator(".strip")).to_contain_text("cannot be reached")
    await chat.page.clock.run_for(3_000)
    await expect(chat.answers.last).to_contain_text("At last.")


async def test_a_cry_for_help_gets_the_numbers_within_seconds_though_the_server_hangs(new_chat: NewChat):
    chat = await new_chat()
    await chat.page.clock.install()
    await chat.launcher.click()
    await chat.answer_with(never)
    await chat.say("what is baclofen?")
    await chat.say("I took too many pills")
    await chat.page.clock.run_for(4_100)
    await expect(chat.answers.last.get_by_role("group", name="Help from a person, now")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("I'm suicidal", True),
        ("i don’t want to live", True),
        ("He OVERDOSED and is not breathing", True),
        ("mi hermano tomó demasiadas pastillas, tiene sobredosis", True),
        ("my husband hits me", True),
        ("what are the side effects of baclofen?", False),
        ("is it approved for alcohol problems?", False),
        ("¿qué es el baclofeno?", False),
    ],
)
async def test_the_widget_screens_what_nobody_could_read(chat: Chat, text: str, danger: bool):
    await chat.answer_with(cut)
    await chat.say(text)
    await expect(chat.page.locator(".strip")).to_be_visible()
    numbers = chat.answers.get_by_role("group", name="Help from a person, now")
    await expect(numbers).to_have_count(1 if danger else 0)
    alerts = [heard for region, heard in await chat.heard() if region == "alert"]
    assert len(alerts) == danger


async def test_a_refused_message_can_be_changed_and_sent_again(chat: Chat):
    await chat.answer_with(status(413), reply("Fine."))
    await chat.say("something long")
    await chat.page.get_by_role("button", name="Change it").click()
    await expect(chat.field).to_be_focused()
    await expect(chat.field).to_have_value("something long")
    await chat.field.press("Enter")
    await expect(chat.answers.last).to_contain_text("Fine.")
    assert len({body["metadata"]["message_id"] for body in chat.requests}) == 2


async def test_try_now_does_not_wait(chat: Chat):
    await chat.answer_with(status(429, **{"Retry-After": "600"}), reply("At once."))
    await chat.say("hello")
    await chat.page.get_by_role("button", name="Try now").click()
    await expect(chat.answers.last).to_contain_text("At once.")


@pytest.mark.parametrize("when", ["before", "during", "after"])
async def test_the_network_may_go_at_any_moment(chat: Chat, when: str):
    """Before a question, while its answer is on the way, and after it: nothing is lost, nothing doubled."""
    network = chat.page.context
    if when == "during":
        gate = asyncio.Event()

        async def hold(route: Route) -> None:
            await gate.wait()
            await route.abort("connectionreset")

        await chat.answer_with(hold, reply("Here."))
        await chat.say("what is baclofen?")
        gate.set()
    else:
        await chat.answer_with(reply("Here."))
        if when == "after":
            await chat.ask("what is baclofen?")
        # Routed requests don't meet the emulated cut, so the real one is tested with the real server.
        await chat.page.unroute(WEBHOOK)
        await network.set_offline(True)
        await expect(chat.page.locator(".strip")).to_be_visible()
        await chat.say("how does baclofen work?")
        await expect(chat.page.locator(".state").last).to_have_text("Kept here, not sent yet")
        await network.set_offline(False)
    await expect(chat.answers).to_have_count(3 if when == "after" else 2, timeout=15_000)
    await expect(chat.page.locator(".strip")).to_be_hidden()


async def test_without_its_panel_the_button_gives_the_numbers_and_tries_again(new_chat: NewChat):
    chat = await new_chat()
    await chat.page.context.set_offline(True)
    await chat.launcher.click()
    failed = chat.page.get_by_role("status")
    await expect(failed).to_contain_text("In danger, call")
    await expect(failed.get_by_role("link", name="988")).to_have_attribute("href", "tel:988")
    await chat.page.context.set_offline(False)
    await chat.open()
    await expect(failed.first).to_be_empty()
