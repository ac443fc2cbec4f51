"""The bot itself: loaded once in this process, and once more as the service that patients reach."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.local import LocalBot
from bot.reply import Reply
from bot.service import free_port
from tests.conversation.service import Service

Result = TypeVar("Result")


class Talk:
    """Talks to the bot in a loop of its own, which Rasa's locks need to stay the same."""

    def __init__(self, bot: LocalBot) -> None:
        self.bot = bot
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def run(self, what: Coroutine[Any, Any, Result], seconds: float = 120) -> Result:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(seconds)

    def __call__(self, *texts: str) -> list[Reply]:
        """Return the replies to a fresh conversation."""
        return self.run(self.bot.converse(list(texts)))

    def ask(self, text: str) -> Reply:
        """Return the reply to one question."""
        return self(text)[0]


@pytest.fixture(scope="session")
def talk() -> Talk:
    return Talk(LocalBot.load())


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service; its state is built once and shared with `talk`."""
    log = tmp_path_factory.mktemp("service") / "stderr.txt"
    port = free_port()
    command = [str(Path(sys.executable).parent / "askwell"), "serve", "--port", str(port)]
    environment = {
        **os.environ,
        "ASKWELL_MESSAGES_PER_MINUTE_PER_ADDRESS": "100000",
        "ASKWELL_ALLOWED_ORIGINS": "http://clinic.test",
    }
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Askwell is ready: http://localhost:"), log.read_text()
        yield Service(f"http://localhost:{port}", process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, log.read_text()
