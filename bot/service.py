"""The service: dialogue server and action server as one.

This process runs the dialogue (Rasa, the channel, the pages) and keeps one child, the action server, alive beside it. The
child ends by itself when this process is gone, however it went: its standard input closes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import subprocess
import sys
import time
from typing import Any

import aiohttp

from bot.build import model_path
from bot.channel.webhook import AskwellInput
from bot.endpoints import ActionServer
from bot.errors import StartError
from bot.settings import ServiceSettings, load_settings

logger = logging.getLogger(__name__)
START_SECONDS = 120.0
RESTART_PAUSE_SECONDS = 1.0
MOST_BODY_BYTES = 64 * 1024


class ActionProcess:
    """The action server as a child process, started again whenever it ends."""

    def __init__(self, port: int) -> None:
        """Use this port of the loopback address; `start` starts it."""
        self.port = port
        self.url = f"http://127.0.0.1:{port}/webhook"
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id, None before the start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; it needs some seconds before it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "actions.server", "--port", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )

    async def wait_until_ready(self) -> None:
        """Wait for the first answer.

        Raises:
            StartError: the process ended or did not answer in time.
        """
        deadline = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    raise StartError("the action server ended while starting, see the lines above")
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/health"):
                        return
                except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
                    await asyncio.sleep(0.2)
        raise StartError(
            f"the action server did not answer within {START_SECONDS:.0f} s; run: python -m actions.server"
        )

    def watch(self) -> None:
        """Start the process again whenever it ends, until `stop`."""
        self._watch = asyncio.ensure_future(self._restart_forever())

    async def _restart_forever(self) -> None:
        while True:
            await asyncio.sleep(RESTART_PAUSE_SECONDS)
            if self._process is not None and self._process.poll() is not None:
                logger.error("The action server ended with %s; starting it again", self._process.returncode)
                self.start()

    def stop_watching(self) -> None:
        """Let the next end of the process be its last; to be called in the loop that watches."""
        if self._watch is not None:
            self._watch.cancel()

    def stop(self) -> None:
        """End the process and wait for it."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(*, host: str, port: int, api_token: str | None) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    Raises:
        StartError: the port is taken, or a process did not come up.
    """
    check_port_is_free(host, port)
    settings = load_settings()
    actions = ActionProcess(free_port())
    actions.start()
    try:
        app = make_app(
            settings, actions, api_token=api_token, ready_line=f"Askwell is ready: http://{_shown(host)}:{port}/"
        )
        app.run(host, port, workers=1, access_log=False, motd=False)
    finally:
        actions.stop()
    if failure := getattr(app.ctx, "failure", None):
        raise failure


def make_app(settings: ServiceSettings, actions: ActionProcess, *, api_token: str | None, ready_line: str) -> Any:
    """Return the web application: our channel and pages, and Rasa's own API only with a token."""
    import rasa.server
    from rasa.core.channels import channel as rasa_channel
    from sanic import Sanic

    if api_token:
        rasa.server.add_root_route = lambda app: None  # Rasa's greeting at / would take the place of our page
        app = rasa.server.create_app(auth_token=api_token)
    else:
        app = Sanic("askwell", configure_logging=False)
    rasa.server.configure_cors(app, list(settings.allowed_origins))
    app.config.REQUEST_MAX_SIZE = MOST_BODY_BYTES
    app.ctx.agent = None
    door = AskwellInput(settings)
    rasa_channel.register([door], app, route="/webhooks/")
    door.add_pages(app)
    _add_error_replies(app)

    async def load(app: Any, loop: Any) -> None:
        from rasa.core.agent import Agent
        from rasa.utils.endpoints import EndpointConfig

        app.ctx.agent = Agent.load(
            model_path(),
            generator=EndpointConfig(type="bot.responses.FixedReplies"),
            action_endpoint=ActionServer(actions.url),
        )

    async def announce(app: Any, loop: Any) -> None:
        try:
            await actions.wait_until_ready()
        except StartError as error:
            app.ctx.failure = error
            app.stop()
            return
        actions.watch()
        await app.ctx.agent.handle_message(_warm_up_message())
        print(ready_line, flush=True)

    async def stop_watching(app: Any, loop: Any) -> None:
        actions.stop_watching()

    async def close(app: Any, loop: Any) -> None:
        if app.ctx.agent is not None:
            await app.ctx.agent.action_endpoint.close()

    app.register_listener(load, "before_server_start")
    app.register_listener(announce, "after_server_start")
    app.register_listener(stop_watching, "before_server_stop")
    app.register_listener(close, "after_server_stop")
    return app


def check_port_is_free(host: str, port: int) -> None:
    """Refuse early, with the mend.

    Raises:
        StartError: something else listens there, or the address is not ours.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}); choose another: askwell serve --port 5006"
            ) from error


def free_port() -> int:
    """Return a port of the loopback address that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _warm_up_message() -> Any:
    """A first turn before anybody waits for one; what is lazy inside Rasa and the action server is loaded by it."""
    from rasa.core.channels.channel import UserMessage

    from bot.channel.output import ReplyCollector

    return UserMessage(
        text="What is baclofen?", output_channel=ReplyCollector(), sender_id=f"warm-up-{secrets.token_hex(4)}"
    )


def _add_error_replies(app: Any) -> None:
    """Answer every failure of the web server with {"error", "detail"} and never with what was sent."""
    from sanic.exceptions import SanicException
    from sanic.request import Request
    from sanic.response import HTTPResponse, json

    codes = {404: "not_found", 405: "wrong_method", 413: "too_long", 503: "unavailable"}

    async def failed(request: Request, error: Exception) -> HTTPResponse:
        status = getattr(error, "status_code", 500) if isinstance(error, SanicException) else 500
        if status >= 500:
            logger.error("A request failed: %s", type(error).__name__)
        code = codes.get(status, "bad_request" if status < 500 else "failed")
        return json({"error": code, "detail": f"the request could not be served (HTTP {status})"}, status=status)

    app.error_handler.add(Exception, failed)


def _shown(host: str) -> str:
    return "localhost" if host in ("0.0.0.0", "127.0.0.1") else host
