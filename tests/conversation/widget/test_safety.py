"""The widget among enemies: hostile text from anywhere, a hostile page, the strictest policy."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from playwright.async_api import expect

from tests.conversation.service import Service
from tests.conversation.widget.chat import STRICT, Chat, reply
from tests.conversation.widget.conftest import NewChat

ATTACKS = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "</div><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "javascript:alert(1)",
    "[click](javascript:alert(1))",
    "{{constructor.constructor('alert(1)')()}}",
    '"><a href=javascript:alert(1)>x</a>',
    "<style>@import 'https://evil.example/x.css'</style>",
    "\u202ealert(1)\u202c<b>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
)
ADDRESSES = (
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://x/y",
    "file:///etc/passwd",
    "http://plain.example/",
    "//evil.example",
    "",
)
BARE = "<!doctype html><html lang=en><title>t</title><script type=module src=/askwell.js></script><main><h1>A page</h1></main><askwell-chat country=US></askwell-chat>"


@pytest.fixture
async def watched(chat: Chat) -> Chat:
    """The chat on a page where anything that runs is noticed."""
    await chat.page.evaluate("window.ran = 0; window.alert = () => { ran++ }; 0")
    return chat


async def nothing_ran(chat: Chat) -> None:
    assert await chat.page.evaluate("ran") == 0
    markup = "img, script, iframe, svg:not([aria-hidden]), style, math, form form, a[href^=javascript], a[href^=data]"
    assert await chat.page.locator(f"askwell-chat >> {markup}").count() == 0
    assert await chat.page.evaluate("broken") == []
    assert chat.errors == []


async def test_hostile_questions_stay_text(watched: Chat):
    await watched.answer_with(reply())
    for attack in ATTACKS:
        await watched.ask(attack)
    assert await watched.questions.all_text_contents() == list(ATTACKS)
    await nothing_ran(watched)


async def test_hostile_replies_stay_text(watched: Chat):
    everywhere = [
        reply(
            attack,
            category=attack,
            hedge={"level": attack, "text": attack},
            suggestions=[attack],
            receipt=attack,
            resources=[{"name": attack, "contact": attack, "href": attack, "hours": attack}],
            citations=[
                {
                    "number": 1,
                    "title": attack,
                    "section": attack,
                    "quote": attack,
                    "url": attack,
                    "reviewed": attack,
                    "references": [{"id": attack, "text": attack, "url": attack, "kind": attack, "year": attack}],
                },
            ],
        )
        for attack in ATTACKS
    ]
    await watched.answer_with(*everywhere)
    for attack in ATTACKS:
        answer = await watched.ask("anything")
        await expect(answer.locator(".text")).to_contain_text(attack)
        await answer.locator("summary").click()
    await nothing_ran(watched)


async def test_only_addresses_that_can_do_no_harm_become_links(watched: Chat):
    good = ("https://example.org/", "tel:911", "sms:741741", "mailto:a@example.org")
    addresses = (*ADDRESSES, *good)
    lines = [{"name": f"line {at}", "contact": f"c{at}", "href": one, "hours": ""} for at, one in enumerate(addresses)]
    citation = {
        "number": 1,
        "title": "t",
        "section": "s",
        "quote": "q",
        "url": "javascript:alert(1)",
        "reviewed": "",
        "references": [{"id": "a", "text": one, "url": one, "kind": "", "year": None} for one in addresses],
    }
    await watched.answer_with(reply(resources=lines, citations=[citation]))
    answer = await watched.ask("anything")
    await answer.locator("summary").click()
    found = await answer.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert sorted(found) == sorted(good * 2)
    await nothing_ran(watched)


@pytest.mark.parametrize(
    "shape",
    [
        "null",
        "{}",
        '[{"custom": 7, "text": "words"}]',
        '[{"text": "words", "custom": {"citations": 3, "text": {"a": 1}, "suggestions": [1, null], "resources": ["x"]}}]',
    ],
)
async def test_a_reply_of_any_shape_breaks_nothing(watched: Chat, shape: str):
    await watched.page.route("**/webhook", lambda route: route.fulfill(body=shape, content_type="application/json"))
    await watched.say("anything")
    shown = watched.answers.nth(1) if "words" in shape else watched.page.locator(".strip")
    await expect(shown).to_be_visible()
    assert watched.errors == []


async def test_it_works_under_the_strictest_policy_without_breaking_it(new_chat: NewChat):
    chat = await new_chat("/strict", page=BARE)
    await chat.open()
    answer = await chat.ask("does baclofen help cocaine cravings?")
    await answer.locator(".marker").first.click()
    async with chat.page.expect_download():
        await chat.menu("Save as text")
    await chat.menu("Print")
    background = await chat.page.locator(".bar").evaluate("e => getComputedStyle(e).backgroundColor")
    assert background == "rgb(11, 85, 99)"
    assert await chat.page.evaluate("broken") == []
    assert chat.errors == []


def test_every_page_of_the_service_has_that_policy(service: Service):
    for path in ("/", "/embed", "/askwell.js", "/askwell-en.js", "/demo.css"):
        code, headers, _ = service.send(path)
        assert code == 200
        assert set(STRICT.split("; ")) <= set(headers["Content-Security-Policy"].split("; "))
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_a_page_that_demands_the_hash_gets_only_those_bytes(new_chat: NewChat, service: Service):
    loader = service.send("/askwell.js")[2]
    digest = base64.b64encode(hashlib.sha384(loader).digest()).decode()
    page = BARE.replace("src=/askwell.js", f'src=/askwell.js integrity="sha384-{digest}"')
    chat = await new_chat("/hash", page=page)
    await chat.open()

    async def change(route):
        content = (await route.fetch()).body()
        await route.fulfill(body=await content + b"\n/* changed on the way */", content_type="text/javascript")

    changed = await new_chat("/hash", page=page)
    await changed.page.route("**/askwell-en.js*", change)
    await changed.launcher.click()
    await expect(changed.page.get_by_role("status")).to_contain_text("did not load")


async def test_a_hostile_style_sheet_of_the_page_changes_nothing(new_chat: NewChat):
    hostile = """html { font-size: 5px }
      body, body * { all: unset !important; color: red !important; font: 40px/1 fantasy !important; text-transform: uppercase !important;
          visibility: visible; display: block !important; background: lime !important; text-indent: 50px !important }
      button, dialog, section, div, p, textarea { display: none !important; position: static !important; width: 1px !important }"""
    looks = """() => [...document.querySelector('askwell-chat').shadowRoot.querySelectorAll('.panel, .bar, .bubble, .text p, textarea, .send, .crisis, .call')].map((e) => {
      const s = getComputedStyle(e), b = e.getBoundingClientRect();
      return [e.className, s.color, s.backgroundColor, s.fontSize, s.fontFamily, s.textTransform, s.textIndent, s.display, Math.round(b.width), Math.round(b.height)] })"""
    found = []
    for sheet in ("", hostile):
        chat = await new_chat("/hostile", page=BARE)
        rules = "(css) => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }"
        await chat.page.evaluate(rules, sheet)
        await expect(chat.launcher).to_be_visible()
        await chat.open()
        await chat.ask("i want to kill myself")
        found.append(await chat.page.evaluate(looks))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "command", ["/restart", '/misuse{"a": "b"}', " /greet", "//session_start", "\u200b/bot_challenge", "\uff0fgoodbye"]
)
def test_a_typed_command_is_only_text_to_the_server(service: Service, command: str):
    bare = re.sub(r"^[\s/\u200b\uff0f]+", "", command)
    assert service.say(command)["custom"]["text"] == service.say(bare)["custom"]["text"]


async def test_a_typed_command_leaves_the_widget_without_its_slash_and_is_shown_as_typed(chat: Chat):
    await chat.answer_with(reply())
    await chat.ask("/restart")
    assert chat.requests[0]["message"] == "restart"
    await expect(chat.questions).to_have_text(["/restart"])
