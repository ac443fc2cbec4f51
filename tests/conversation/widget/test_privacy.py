"""What a conversation leaves behind, and how a patient gets rid of it."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import Route, expect

from tests.conversation.service import Service
from tests.conversation.widget.chat import Chat, reply
from tests.conversation.widget.conftest import NewChat

SECRET = "my very private words"
ELSEWHERE = "https://www.wikipedia.org/"


def page(**attributes: str) -> str:
    """Return a page with only the widget."""
    given = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return (
        "<!doctype html><html lang=en><title>t</title><script type=module src=/askwell.js></script>"
        f"<main><h1>A page</h1></main><askwell-chat country=US {given}></askwell-chat>"
    )


@pytest.fixture
def kept(new_chat: NewChat):
    """Return a function that opens a page with a kind of persistence."""

    async def make(kind: str, **attributes: str) -> Chat:
        chat = await new_chat("/kept", page=page(persistence=kind, **attributes))
        await chat.open()
        return chat

    return make


@pytest.mark.parametrize("kind", ["session", "local"])
async def test_a_conversation_and_a_draft_outlive_a_reload(kept, kind: str):
    chat = await kept(kind)
    await chat.ask("what is baclofen?")
    await chat.field.fill("a draft")
    before = await chat.page.locator(".log").inner_text()
    await chat.page.reload()
    await expect(chat.field).to_have_value("a draft")
    assert await chat.page.locator(".log").inner_text() == before
    await expect(chat.field).not_to_be_focused()
    assert await chat.heard() == []  # nothing is read out again


async def test_a_question_that_was_not_sent_outlives_a_reload(kept):
    chat = await kept("session")
    await chat.answer_with(lambda route: route.abort())
    await chat.say("what is baclofen?")
    await expect(chat.page.locator(".strip")).to_be_visible()
    await chat.answer_with(reply("At last."))
    await chat.page.reload()
    await expect(chat.answers.last).to_contain_text("At last.")
    assert len({body["metadata"]["message_id"] for body in chat.requests}) == 1


async def test_with_none_nothing_is_kept(kept):
    chat = await kept("none")
    await chat.ask(SECRET)
    assert await chat.stored() == '[{},{},""]'
    await chat.page.reload()
    await expect(chat.launcher).to_be_visible()


async def test_what_is_kept_expires(kept):
    chat = await kept("local", minutes="30")
    await chat.answer_with(reply())
    await chat.ask(SECRET)
    assert SECRET in await chat.stored()
    age = "for (const k in localStorage) if (k.startsWith('askwell')) { const s = JSON.parse(localStorage[k]); s.at -= 31 * 60000; localStorage[k] = JSON.stringify(s) }"
    await chat.page.evaluate(age)
    await chat.page.reload()
    await expect(chat.field).to_be_visible()
    await expect(chat.questions).to_have_count(0)
    assert SECRET not in await chat.stored()


async def test_two_tabs_show_one_conversation_and_each_answer_once(kept):
    one = await kept("local")
    other = await Chat.load(one.page.context, one.url, "/kept")
    await expect(other.field).to_be_visible()
    await one.ask("what is baclofen?")
    await expect(other.answers).to_have_count(2)
    await other.ask("how does baclofen work?")
    await expect(one.answers).to_have_count(3)
    for chat in (one, other):
        await expect(chat.questions).to_have_text(["what is baclofen?", "how does baclofen work?"])
    assert one.requests[0]["sender"] == other.requests[0]["sender"]
    await other.menu("Start again")
    await expect(one.questions).to_have_count(0)


async def test_delete_my_conversation_deletes_here_and_on_the_server(kept, service: Service):
    chat = await kept("session")
    await chat.ask("i don't want to be here anymore")
    sender = chat.requests[0]["sender"]
    await chat.page.get_by_role("button", name="More options").click()
    await chat.page.get_by_role("button", name="Delete my conversation").click()
    await expect(chat.page.get_by_role("button", name="Keep")).to_be_focused()
    async with chat.page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
        await chat.page.get_by_role("button", name="Delete", exact=True).click()
    response = await deleted.value
    assert response.status == 204
    assert response.url.endswith(sender)
    await expect(chat.questions).to_have_count(0)
    await expect(chat.page.locator(".unseen [role=status]")).to_contain_text("Deleted here and on the server.")
    assert sender not in await chat.stored()
    assert "988" not in service.say("thanks", sender)["text"]  # a server that remembered would add the lines


async def test_start_again_begins_under_another_sender(chat: Chat):
    await chat.ask("what is baclofen?")
    await chat.menu("Start again")
    await expect(chat.questions).to_have_count(0)
    await expect(chat.field).to_be_focused()
    await chat.ask("what is baclofen?")
    first, second = (body["sender"] for body in chat.requests)
    assert first != second
    assert len(first) == 32


async def test_a_reply_to_a_deleted_conversation_is_shown_nowhere(chat: Chat):
    gate = asyncio.Event()

    async def late(route: Route) -> None:
        await gate.wait()
        await route.fulfill(json=[{"text": "x", "custom": reply("Too late.")}])

    await chat.answer_with(late, reply("Fresh."))
    await chat.say("old")
    await chat.menu("Start again")
    await chat.say("new")
    gate.set()
    await expect(chat.answers.last).to_contain_text("Fresh.")
    await expect(chat.page.get_by_text("Too late.")).to_have_count(0)
    assert "Too late." not in str(await chat.heard()) + await chat.stored()


@pytest.mark.parametrize("way", ["button", "shift", "shift with the chat closed"])
async def test_quick_exit_leaves_no_trace_in_the_browser_or_on_the_server(
    new_chat: NewChat, service: Service, way: str
):
    chat = await new_chat("/kept", page=page(persistence="local", exit=ELSEWHERE))
    await chat.page.context.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="<title>elsewhere</title>"))
    await chat.page.goto(chat.url + "/kept")
    await chat.open()
    await chat.ask("i don't want to be here anymore")
    sender = chat.requests[0]["sender"]
    steps = await chat.page.evaluate("history.length")
    if way == "button":
        await chat.page.get_by_role("button", name="Leave this site").click()
    else:
        if way != "shift":
            await chat.page.keyboard.press("Escape")
            await chat.page.reload()
        for _ in range(3):
            await chat.page.keyboard.press("Shift")
    await chat.page.wait_for_url(ELSEWHERE)
    assert await chat.page.evaluate("history.length") == steps  # the page's own place was taken
    again = await Chat.load(chat.page.context, chat.url, "/kept")
    assert await again.stored() == '[{},{},""]'
    assert "988" not in service.say("thanks", sender)["text"]


async def test_shift_for_a_capital_letter_leaves_nowhere_and_missing_presses_are_told(new_chat: NewChat):
    chat = await new_chat("/kept", page=page(exit=ELSEWHERE))
    await chat.open()
    await chat.field.press_sequentially("A B C")
    for _ in range(2):
        await chat.page.keyboard.press("Shift")
    assert chat.page.url.endswith("/kept")
    assert [text for _, text in await chat.heard()][-2:] == [
        "Shift 2 more to leave this site",
        "Shift 1 more to leave this site",
    ]


async def test_nothing_that_was_said_is_in_an_address(new_chat: NewChat):
    chat = await new_chat()
    addresses: list[str] = []
    chat.page.on("request", lambda request: addresses.append(request.url))
    await chat.open()
    await chat.ask(SECRET)
    sender = chat.requests[0]["sender"]
    assert not [one for one in addresses if "private" in one or sender in one]
    assert "private" not in chat.page.url
    assert all("referer" not in {name.lower() for name in body["metadata"]} for body in chat.requests)


async def test_the_transcript_holds_every_word_and_every_source(chat: Chat):
    await chat.ask("does baclofen help cocaine cravings?")
    async with chat.page.expect_download() as download:
        await chat.menu("Save as text")
    file = await download.value
    assert file.suggested_filename.startswith("askwell-")
    text = (await file.path()).read_text()
    for part in (
        "does baclofen help cocaine cravings?",
        "Baclofen is not a proven treatment for cocaine use or cocaine cravings. [1]",
        "[1] Baclofen and cocaine",
        "Shoptaw et al. 2003",
        "randomised trial, 2003",
        "Document reviewed",
        "https://",
        "Automated, not a clinician.",
    ):
        assert part in text


async def test_print_prints_the_conversation_alone(chat: Chat):
    await chat.ask("what is baclofen?")
    await chat.menu("Print")
    frame = chat.page.frames[-1]
    assert "what is baclofen?" in await frame.evaluate("document.body.textContent")
    assert "Alder Street" not in await frame.evaluate("document.body.textContent")


async def test_feedback_reaches_the_channel_with_its_reason_and_not_the_conversation(chat: Chat):
    answer = await chat.ask("what is baclofen?")
    async with chat.page.expect_response("**/feedback") as sent:
        await answer.get_by_role("button", name="No", exact=True).click()
        await answer.get_by_label("Something is missing").check()
        await answer.get_by_label("In your own words").fill("the price")
        await answer.get_by_role("button", name="Send feedback").click()
    response = await sent.value
    body = json.loads(response.request.post_data or "")
    assert response.status == 204
    assert (body["helpful"], body["reason"]) == (False, "Something is missing: the price")
    assert body["receipt"].startswith("aw1.")
    await expect(answer.get_by_text("Thank you for telling us.")).to_be_focused()
    assert len(chat.requests) == 1
