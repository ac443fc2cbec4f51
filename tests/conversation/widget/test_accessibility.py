"""WCAG 2.2 AA as far as a machine can tell: each state of the chat in each theme through axe, and what axe can't see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conversation.widget.chat import Chat, cut, reply, status
from tests.conversation.widget.conftest import NewChat

AXE = (Path(__file__).parents[3] / "bot/widget/node_modules/axe-core/axe.min.js").read_text
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# axe 4.14 has this many rules with these tags; fewer would mean that a rule was lost on the way.
RULES = 91
RTL = (
    "<!doctype html><html lang=ar dir=rtl><title>t</title><script type=module src=/askwell.js></script>"
    "<main><h1>صفحة</h1></main><askwell-chat country=US></askwell-chat>"
)
THEMES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active", "color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}, "has_touch": True},
    "400 % zoom": {"viewport": {"width": 320, "height": 256}},
    "Spanish": {"path": "/?language=es"},
    "right to left": {"path": "/rtl", "page": RTL},
}


async def scan(chat: Chat, state: str) -> list[str]:
    """Return what axe objects to, each with its state, rule and place."""
    if not await chat.page.evaluate("!!window.axe"):
        await chat.page.evaluate(AXE())
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations", "incomplete"]}
    found = await chat.page.evaluate("(options) => axe.run(document, options)", options)
    rules = {one["id"] for kind in ("passes", "violations", "incomplete", "inapplicable") for one in found[kind]}
    assert len(rules) >= RULES, f"axe ran {len(rules)} rules"
    assert len(found["passes"]) >= 25, f"{state}: only {len(found['passes'])} rules had something to look at"
    # What axe can't decide counts too, but for colours: something lies over a text that is scrolled away.
    open_questions = [one for one in found["incomplete"] if one["id"] != "color-contrast"]
    return [
        f"{state}: {one['id']} at {node['target']}: {node['failureSummary']}"
        for one in found["violations"] + open_questions
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", THEMES)
async def test_axe_finds_nothing_in_any_state(new_chat: NewChat, theme: str):
    chat = await new_chat(**THEMES[theme])
    page = chat.page
    words = json.loads(
        (Path(__file__).parents[3] / f"bot/widget/src/strings/{'es' if theme == 'Spanish' else 'en'}.json").read_text()
    )
    found = await scan(chat, "closed")
    await chat.open()
    found += await scan(chat, "open")
    answer = await chat.ask("does baclofen help cocaine cravings?")
    found += await scan(chat, "answer")
    await answer.locator(".marker").first.click()
    await answer.get_by_role("button", name=words["no"], exact=True).click()
    found += await scan(chat, "citation and feedback")
    await chat.ask("i want to kill myself")
    found += await scan(chat, "crisis")
    await page.get_by_role("button", name=words["more"]).click()
    found += await scan(chat, "menu")
    await page.get_by_role("button", name=words["clear"]).click()
    found += await scan(chat, "deleting")
    await page.get_by_role("button", name=words["clearNo"], exact=True).click()
    await chat.answer_with(status(413), cut)
    await chat.say("x" * 1900)
    await chat.say("overdose")
    await expect(page.locator(".strip")).to_be_visible()
    await chat.field.fill("y" * 2001)
    found += await scan(chat, "unreachable, refused, too long")
    assert not found, "\n".join(found)


async def test_axe_finds_nothing_while_waiting_or_when_the_panel_did_not_load(new_chat: NewChat):
    async def never(route: Any) -> None: ...

    chat = await new_chat()
    await chat.page.context.set_offline(True)
    await chat.launcher.click()
    await expect(chat.page.get_by_role("status").get_by_role("link").first).to_be_visible()
    found = await scan(chat, "not loaded")
    await chat.page.context.set_offline(False)
    await chat.open()
    await chat.answer_with(never)
    await chat.say("anything")
    found += await scan(chat, "waiting")
    embedded = await new_chat("/embed")
    await expect(embedded.field).to_be_visible()
    found += await scan(embedded, "page for frames")
    assert not found, "\n".join(found)


async def test_it_is_a_window_beside_the_page_on_a_desktop_and_the_whole_screen_on_a_phone(new_chat: NewChat):
    chat = await new_chat()
    await chat.open()
    modal = "document.querySelector('askwell-chat').shadowRoot.querySelector('dialog').matches(':modal')"
    assert not await chat.page.evaluate(modal)
    await chat.page.get_by_role("link", name="Treatment").click()  # the page stays usable
    phone = await new_chat(viewport={"width": 375, "height": 700}, has_touch=True)
    await phone.open()
    assert await phone.page.evaluate(modal)
    assert await phone.page.locator("dialog").bounding_box() == {"x": 0, "y": 0, "width": 375, "height": 700}
    await phone.page.keyboard.press("Escape")
    await expect(phone.launcher).to_be_focused()


@pytest.mark.parametrize("size", [(320, 640), (320, 256)], ids=["phone", "400 % zoom"])
@pytest.mark.parametrize("spacing", [False, True], ids=["", "text spacing"])
async def test_nothing_is_cut_off_or_needs_sideways_scrolling(new_chat: NewChat, size: tuple[int, int], spacing: bool):
    chat = await new_chat(viewport={"width": size[0], "height": size[1]})
    if spacing:  # the values of WCAG 1.4.12, put on the element as a reader's style sheet would
        rules = "askwell-chat { letter-spacing: .12em !important; word-spacing: .16em !important }"
        await chat.page.evaluate(
            "(css) => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }", rules
        )
    assert await chat.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    await chat.open()
    await chat.ask("i want to kill myself")
    await chat.ask("does baclofen help cocaine cravings?")
    await chat.page.locator(".marker").first.click()
    too_wide = """() => [...document.querySelector('askwell-chat').shadowRoot.querySelectorAll('.panel *:not(.unseen, .unseen *)')]
      .filter((e) => e.getClientRects().length && (e.getBoundingClientRect().right > innerWidth + 1 || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'))
      .map((e) => e.className + ' ' + e.localName + ' ' + e.textContent.slice(0, 30))"""
    assert await chat.page.evaluate(too_wide) == []
    await chat.field.scroll_into_view_if_needed()
    await expect(chat.field).to_be_in_viewport()


async def test_buttons_and_fields_are_large_enough_for_a_finger(chat: Chat):
    await chat.answer_with(reply("Text.", suggestions=["Next?"]))
    await chat.ask("anything")
    small = """() => [...document.querySelector('askwell-chat').shadowRoot.querySelectorAll('button:not(.marker), summary, textarea, .call')]
      .map((e) => [e.textContent, e.getBoundingClientRect()]).filter(([, box]) => box.width && Math.min(box.width, box.height) < 38).map(([text]) => text)"""
    assert await chat.page.evaluate(small) == []


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_only_those_who_did_not_ask_for_calm_see_the_panel_move(new_chat: NewChat, motion: str):
    chat = await new_chat(reduced_motion=motion)
    await chat.open()
    name = await chat.page.locator(".panel").evaluate("e => getComputedStyle(e).animationName")
    assert (name == "none") == (motion == "reduce")


async def test_right_to_left_languages_turn_the_panel_round(new_chat: NewChat):
    chat = await new_chat("/rtl", page=RTL)
    await chat.open()
    box = await chat.page.locator("dialog").bounding_box()
    assert box is not None
    assert box["x"] < 30
    await chat.say("سؤال")
    mine = await chat.questions.first.bounding_box()
    assert mine is not None
    assert mine["x"] < box["x"] + 60
    number = chat.page.locator(".pinned a").first
    assert await number.evaluate("e => getComputedStyle(e).unicodeBidi") == "plaintext"  # else "116 123" turns round
