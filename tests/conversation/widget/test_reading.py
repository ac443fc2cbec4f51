"""What a patient reads, with eyes, keyboard or screen reader."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.async_api import expect

from tests.conversation.widget.chat import Chat, reply
from tests.conversation.widget.conftest import NewChat

WORDS = json.loads((Path(__file__).parents[3] / "bot/widget/src/strings/en.json").read_text())
QUESTION = "does baclofen help cocaine cravings?"


async def test_the_keyboard_alone_leads_from_the_page_to_an_open_citation_and_back(new_chat: NewChat):
    chat = await new_chat()
    keys = chat.page.keyboard

    async def focused() -> str:
        find = "() => { let e = document.activeElement; while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e.className + ' ' + e.localName + ' ' + (e.ariaLabel ?? e.textContent) }"
        return str(await chat.page.evaluate(find))

    async def tab_to(wanted: str, key: str = "Tab") -> None:
        for _ in range(60):
            await keys.press(key)
            if re.search(wanted, await focused()):
                return
        raise AssertionError(f"{wanted} can't be reached; the last one was {await focused()}")

    await tab_to("Ask a question")
    await keys.press("Enter")
    await expect(chat.field).to_be_focused()
    await keys.type(QUESTION)
    await keys.press("Enter")
    await expect(chat.answers).to_have_count(2, timeout=15_000)
    await expect(chat.field).to_be_focused()
    await tab_to("^marker button Source 1", "Shift+Tab")
    await keys.press("Enter")
    card = chat.page.locator("details[open]")
    await expect(card).to_have_count(1)
    await expect(card.locator("summary")).to_be_focused()
    await tab_to("Back to the answer")
    await keys.press("Enter")
    assert "marker" in await focused()
    await keys.press("Escape")
    await expect(chat.launcher).to_be_focused()
    await expect(chat.page.get_by_role("dialog")).to_be_hidden()


async def test_an_answer_shows_its_hedge_first_and_every_source_with_its_evidence(chat: Chat):
    answer = await chat.ask(QUESTION)
    body = answer.locator(".text > *")
    assert await body.first.get_attribute("class") == "hedge"
    await expect(answer.get_by_text("Sources disagree", exact=True)).to_be_visible()
    markers, cards = answer.locator(".marker"), answer.locator("details")
    assert await markers.count() >= await cards.count() > 1
    await expect(answer.locator(".text")).not_to_contain_text("[1]")
    await markers.first.click()
    card = cards.first
    for part in ("Baclofen and cocaine", "Shoptaw et al. 2003", "randomised trial, 2003", "Document reviewed", "2026"):
        await expect(card).to_contain_text(part)
    await expect(card.locator("blockquote")).to_have_text(re.compile("^Baclofen is not a proven treatment"))
    link = card.get_by_role("link").first
    assert (await link.get_attribute("href") or "").startswith("https://")
    assert await link.get_attribute("rel") == "noopener noreferrer"


async def test_the_mark_of_disagreement_is_there_also_when_the_hedge_stands_within_the_text(chat: Chat):
    hedge = {"level": "mixed", "text": "Studies disagree."}
    within = reply("Ask your prescriber. Studies disagree. It is open.", hedge=hedge, disagreement=True)
    absent = reply("It is open.", hedge=hedge, disagreement=True)
    await chat.answer_with(within, absent, reply("It is open.", disagreement=True))
    for _ in range(3):
        await expect((await chat.ask("anything")).get_by_text("Sources disagree", exact=True)).to_have_count(1)
    assert await chat.answers.nth(2).locator(".text > *").first.inner_text() == "Studies disagree."


async def test_a_crisis_reply_looks_and_sounds_different_and_its_numbers_can_be_tapped(chat: Chat):
    answer = await chat.ask("i want to kill myself")
    crisis = answer.get_by_role("group", name="Help from a person, now")
    await expect(crisis).to_be_visible()
    await expect(crisis.get_by_role("link", name="Call or text 988")).to_have_attribute("href", "tel:988")
    await expect(crisis.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")
    assert await crisis.evaluate("e => getComputedStyle(e).borderTopWidth") == "2px"
    await expect(answer.get_by_text("Did this help?")).to_have_count(0)
    (region, text) = (await chat.heard())[-1]
    assert region == "alert"
    assert "988" in text


async def test_automated_and_the_crisis_lines_stay_in_view(chat: Chat):
    pinned = chat.page.locator(".pinned")
    for question in (QUESTION, "what are the side effects of baclofen?"):
        await chat.ask(question)
        await expect(pinned).to_be_in_viewport(ratio=1)
    await expect(pinned).to_contain_text("Automated, not a clinician.")
    await expect(pinned.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")


async def test_everything_is_announced_once_in_order_and_in_full(chat: Chat):
    await chat.answer_with(
        reply("First. [1]\n\n- a point", suggestions=["What else?"]), reply("Second."), reply("Second.")
    )
    for question in ("one", "two", "three"):
        await chat.ask(question)
    heard = await chat.heard()
    assert [text for region, text in heard if region != "status"] == [
        f"Askwell: {WORDS['greeting']}",
        "Askwell: First.\na point\n1 suggested question.",
        "Askwell: Second.",
        "Askwell: Second.",
    ]
    assert [text for region, text in heard if region == "alert"] == []
    assert await chat.page.locator("[role=log]").get_attribute("aria-live") == "off"


async def test_waiting_is_announced_only_when_it_lasts(chat: Chat):
    async def slowly(route):
        await chat.page.wait_for_timeout(1200)
        await route.fulfill(json=[{"text": "x", "custom": reply()}])

    await chat.answer_with(reply(), slowly)
    await chat.ask("quick")
    await chat.ask("slow")
    waits = [text for region, text in await chat.heard() if region == "status"]
    assert waits == ["Looking through reviewed documents"]


async def test_a_suggestion_is_asked_and_the_field_has_the_focus(chat: Chat):
    await chat.page.get_by_role("button", name="What are the side effects of baclofen?").click()
    await expect(chat.questions).to_have_text(["What are the side effects of baclofen?"])
    await expect(chat.field).to_be_focused()
    await expect(chat.answers).to_have_count(2, timeout=15_000)


async def test_an_answer_never_moves_the_focus(chat: Chat):
    async def late(route):
        await chat.page.wait_for_timeout(500)
        await route.fulfill(json=[{"text": "x", "custom": reply()}])

    await chat.answer_with(late)
    await chat.say("something")
    menu = chat.page.get_by_role("button", name="More options")
    await menu.focus()
    await expect(chat.answers).to_have_count(2)
    await expect(menu).to_be_focused()


async def test_enter_that_ends_a_composition_does_not_send(chat: Chat):
    await chat.field.fill("かな")
    await chat.field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await chat.field.press("Shift+Enter")
    await expect(chat.questions).to_have_count(0)
    await expect(chat.field).to_have_value("かな\n")


async def test_a_text_that_is_too_long_is_never_cut_and_never_sent(chat: Chat):
    text = "x" * 2003
    await chat.field.fill(text)
    await expect(chat.page.locator("#counter")).to_have_text("3 characters too many")
    await chat.field.press("Enter")
    await expect(chat.questions).to_have_count(0)
    await expect(chat.field).to_have_value(text)
