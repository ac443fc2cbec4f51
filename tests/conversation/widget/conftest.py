"""A real Chromium on the real service. One browser for all tests, a fresh profile for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.conversation.service import Service
from tests.conversation.widget.chat import Chat
from tests.widget.chromium import MISSING, find

NewChat = Callable[..., Awaitable[Chat]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = find()
    if path is None:
        pytest.fail(MISSING)
    async with async_playwright() as playwright:
        # The service runs on this machine, which a page that pretends to be on the internet may otherwise not reach.
        flags = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
        started = await playwright.chromium.launch(executable_path=path, args=flags)
        yield started
        await started.close()


@pytest.fixture
async def new_chat(browser: Browser, service: Service) -> AsyncIterator[NewChat]:
    """Return a function that opens the demo page, or another, in a profile of its own."""
    contexts = []

    async def make(path: str = "/", *, page: str | None = None, **options: Any) -> Chat:
        calm = {"viewport": {"width": 1000, "height": 800}, "reduced_motion": "reduce"}
        context = await browser.new_context(**{**calm, **options})
        contexts.append(context)
        return await Chat.load(context, service.url, path, body=page)

    yield make
    for context in contexts:
        await context.close()


@pytest.fixture
async def chat(new_chat: NewChat) -> Chat:
    """The demo page, with the chat opened."""
    made = await new_chat()
    await made.open()
    return made
