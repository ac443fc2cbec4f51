"""The chat as a patient has it before them, and what can be done to the network beneath it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, Route, expect

WEBHOOK = "**/webhooks/askwell/webhook"
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# Every text that is put into a live region, as a screen reader would meet it: [region, text], from the first moment.
HEAR = """
window.heard = [];
window.broken = [];
addEventListener('securitypolicyviolation', (event) => broken.push(event.violatedDirective));
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) {
      const region = change.target.closest?.('[role=alert], [role=status], [aria-live=polite]');
      if (region && node.textContent) heard.push([region.getAttribute('role') || 'polite', node.textContent]);
    }
  }).observe(root, {childList: true, subtree: true});
  return root;
};
"""


def reply(text: str = "An answer.", **fields: Any) -> dict[str, Any]:
    """Return a reply in the contract's shape."""
    return {
        "schema": "askwell.reply/1",
        "route": "answer",
        "category": "evidence",
        "text": text,
        "hedge": None,
        "disagreement": False,
        "statements": [],
        "citations": [],
        "resources": [],
        "suggestions": [],
        "receipt": "r",
        **fields,
    }


class Chat:
    """One page with the widget. `requests` are the bodies of the messages that left the page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        self.requests: list[dict[str, Any]] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._note)

    @classmethod
    async def load(cls, context: BrowserContext, url: str, path: str, *, body: str | None = None) -> Chat:
        """Open a page of the service, or one of our own at its origin, under the strictest policy."""
        chat = cls(await context.new_page(), url)
        await chat.page.add_init_script(HEAR)
        if body is not None:
            headers = {"Content-Security-Policy": STRICT, "Content-Type": "text/html; charset=utf-8"}
            await context.route(f"{url}{path}", lambda route: route.fulfill(body=body, headers=headers))
        await chat.page.goto(url + path)
        return chat

    def _note(self, request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/webhook"):
            self.requests.append(json.loads(request.post_data))

    @property
    def field(self) -> Locator:
        return self.page.locator("#question")

    @property
    def launcher(self) -> Locator:
        return self.page.locator("askwell-chat section > button")

    @property
    def answers(self) -> Locator:
        """All that the bot said, the greeting first."""
        return self.page.locator(".entry.bot")

    @property
    def questions(self) -> Locator:
        return self.page.locator(".entry.me .bubble")

    async def open(self) -> None:
        await self.launcher.click()
        await expect(self.field).to_be_focused()

    async def ask(self, text: str) -> Locator:
        """Ask, wait for one more answer, and return it."""
        before = await self.answers.count()
        await self.field.fill(text)
        await self.field.press("Enter")
        await expect(self.answers).to_have_count(before + 1, timeout=15_000)
        return self.answers.nth(before)

    async def say(self, text: str) -> None:
        """Ask without waiting."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def menu(self, item: str) -> None:
        await self.page.get_by_role("button", name="More options").click()
        await self.page.get_by_role("button", name=item).click()

    async def heard(self) -> list[list[str]]:
        """Return what a screen reader was given, in order."""
        found: list[list[str]] = await self.page.evaluate("heard")
        return found

    async def stored(self) -> str:
        """Return all that the page keeps in the browser."""
        return str(
            await self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        )

    async def answer_with(self, *answers: Callable[[Route], Any] | dict[str, Any]) -> None:
        """Let the server answer so, one after another; the last one from then on."""
        left = list(answers)

        async def handle(route: Route) -> None:
            answer = left.pop(0) if len(left) > 1 else left[0]
            if callable(answer):
                await answer(route)
            else:
                await route.fulfill(json=[{"recipient_id": "x", "text": answer["text"], "custom": answer}])

        await self.page.unroute(WEBHOOK)
        await self.page.route(WEBHOOK, handle)


def status(code: int, body: str = "{}", **headers: str) -> Callable[[Route], Any]:
    """Return an answer that is only a status."""
    return lambda route: route.fulfill(status=code, body=body, headers=headers, content_type="application/json")


def cut(route: Route) -> Any:
    """Answer as a cable that was pulled."""
    return route.abort("connectionreset")
