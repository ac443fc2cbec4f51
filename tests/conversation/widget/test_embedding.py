"""The widget on other people's pages: attributes, events, a frame, and the demo page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.conversation.service import Service
from tests.conversation.widget.chat import Chat, cut, reply, status
from tests.conversation.widget.conftest import NewChat

EVENTS = "window.events = []; for (const name of ['open', 'close', 'message', 'reply', 'error']) document.addEventListener('askwell:' + name, (event) => events.push([name, event.detail]))"


def page(**attributes: str) -> str:
    given = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<!doctype html><html lang=en><title>t</title><script type=module src=/askwell.js></script><askwell-chat {given}></askwell-chat>"


async def test_the_attributes_do_what_they_say(new_chat: NewChat):
    chat = await new_chat(
        "/own",
        page=page(
            heading="Ask Alder Street",
            accent="#ffd400",
            country="gb",
            greeting="Good day.",
            suggestions="One?|Two?",
            theme="dark",
            most="10",
        ),
    )
    await chat.open()
    await expect(chat.page.get_by_role("dialog", name="Ask Alder Street")).to_be_visible()
    header = chat.page.locator(".bar")
    colours = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    assert await header.evaluate(colours) == ["rgb(255, 212, 0)", "rgb(0, 0, 0)"]
    await expect(chat.page.locator(".pinned").get_by_role("link")).to_have_text(["999 (or 112)", "116 123"])
    await expect(chat.answers.first).to_contain_text("Good day.")
    await expect(chat.page.locator(".suggestions button")).to_have_text(["One?", "Two?"])
    assert await chat.page.locator(".panel.dark").count() == 1
    await chat.field.fill("x" * 12)
    await expect(chat.page.locator("#counter")).to_have_text("2 characters too many")
    await expect(chat.page.get_by_role("button", name="Leave this site")).to_have_count(0)


async def test_wrong_attributes_become_defaults(new_chat: NewChat):
    chat = await new_chat(
        "/own",
        page=page(
            accent="red;}*{display:none",
            exit="javascript:alert(1)",
            country="XX",
            persistence="forever",
            minutes="soon",
            most="-",
        ),
    )
    await chat.open()
    assert await chat.page.locator(".bar").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(11, 85, 99)"
    await expect(chat.page.get_by_role("button", name="Leave this site")).to_have_count(0)
    await expect(chat.page.locator(".pinned")).to_contain_text("your local emergency number")
    assert chat.errors == []


async def test_spanish_is_complete(new_chat: NewChat):
    chat = await new_chat("/own", page=page(language="es", country="US"))
    await expect(chat.launcher).to_have_text("Haz una pregunta")
    await chat.open()
    assert await chat.page.locator(".panel").get_attribute("lang") == "es"
    answer = await chat.ask("quiero morir")
    await expect(answer.get_by_role("group", name="Ayuda de una persona, ahora")).to_be_visible()
    assert await answer.locator(".text").get_attribute("lang") == "es"
    answer = await chat.ask("what is baclofen?")
    assert await answer.locator(".text").get_attribute("lang") == "en"


async def test_the_page_hears_what_happens_but_never_what_was_said(new_chat: NewChat):
    chat = await new_chat("/own", page=page())
    await chat.page.evaluate(EVENTS)
    await chat.open()
    await chat.answer_with(reply("Secret."), status(413), cut)
    for text in ("secret", "secret", "secret"):
        await chat.say(text)
    await expect(chat.page.locator(".strip")).to_be_visible()
    await chat.page.keyboard.press("Escape")
    assert await chat.page.evaluate("events") == [
        ["open", None],
        ["message", None],
        *await chat.page.evaluate("events.slice(2, -1)"),
        ["close", None],
    ]
    events = await chat.page.evaluate("events")
    assert ["reply", {"route": "answer", "category": "evidence", "local": False}] in events
    assert ["error", {"kind": "refused"}] in events
    assert ["error", {"kind": "down"}] in events
    assert "ecret" not in str(events)


async def test_a_page_can_open_and_close_the_chat(new_chat: NewChat):
    chat = await new_chat()
    await chat.page.evaluate("document.querySelector('askwell-chat').open()")
    await expect(chat.page.get_by_role("dialog")).to_be_visible()
    await chat.page.evaluate("document.querySelector('askwell-chat').close()")
    await expect(chat.page.get_by_role("dialog")).to_be_hidden()


async def test_an_answer_that_comes_while_the_chat_is_closed_is_shown_on_the_button(chat: Chat):
    async def late(route):
        await chat.page.wait_for_timeout(800)
        await route.fulfill(json=[{"text": "x", "custom": reply("Here.")}])

    await chat.answer_with(late)
    await chat.say("anything")
    await chat.page.keyboard.press("Escape")
    await expect(chat.launcher).to_have_text("New answer")
    await chat.launcher.click()
    await expect(chat.answers.last).to_contain_text("Here.")


async def test_it_works_in_a_frame_of_our_own_site_and_in_no_other(new_chat: NewChat):
    chat = await new_chat()
    framing = f'<!doctype html><title>t</title><iframe title="Chat" width=400 height=600 src="{chat.url}/embed?language=es"></iframe>'
    await chat.page.route("**/framing", lambda route: route.fulfill(body=framing, content_type="text/html"))
    await chat.page.goto(f"{chat.url}/framing")
    inside = chat.page.frame_locator("iframe")
    await inside.get_by_label("Tu pregunta").fill("quiero morir")
    await inside.get_by_role("button", name="Enviar").click()
    await expect(inside.get_by_role("group", name="Ayuda de una persona, ahora")).to_be_visible(timeout=15_000)
    await expect(inside.get_by_role("button", name="Cerrar el chat")).to_have_count(0)
    await chat.page.goto(f"{chat.url.replace('localhost', '127.0.0.1')}/framing")
    await expect(chat.page.frame_locator("iframe").locator("askwell-chat")).to_have_count(0)


@pytest.mark.parametrize(("site", "works"), [("http://clinic.test", True), ("http://other.test", False)])
async def test_a_named_site_may_embed_it_from_the_service_and_others_may_not(new_chat: NewChat, site: str, works: bool):
    chat = await new_chat()
    source = (
        page(country="US")
        .replace("/askwell.js", f"{chat.url}/askwell.js")
        .replace("type=module", "type=module crossorigin")
    )
    await chat.page.route(f"{site}/", lambda route: route.fulfill(body=source, content_type="text/html"))
    await chat.page.goto(site)
    if not works:
        await expect(chat.launcher).to_have_count(0)
        return
    await chat.open()
    answer = await chat.ask("i want to kill myself")
    await expect(answer.get_by_role("link", name="988")).to_have_attribute("href", "tel:988")
    async with chat.page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
        await chat.menu("Start again")
    assert (await deleted.value).status == 204


@pytest.mark.parametrize("width", [320, 768, 1440])
async def test_the_demo_page_fits_its_screen(new_chat: NewChat, width: int):
    chat = await new_chat(viewport={"width": width, "height": 700})
    assert await chat.page.evaluate("document.documentElement.scrollWidth") <= width
    await expect(chat.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(chat.launcher).to_be_in_viewport(ratio=1)


def test_what_a_visitor_asks_for_does_not_reach_the_page(service: Service):
    _, _, body = service.send("/?language=%22%3E%3Cscript%3E")
    assert b'language="en"' in body
    assert b"<script>" not in body
