"""A running service as a client sees it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

import psutil


@dataclasses.dataclass
class Service:
    """Address and process of a running service."""

    url: str
    process: subprocess.Popen[str]

    def send(self, path: str, body: Any = None, *, method: str | None = None) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body; a body that is no bytes goes as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def say(self, text: str, sender: str | None = None, **metadata: str) -> dict[str, Any]:
        """Return the one message of a turn."""
        body = {"sender": sender or uuid.uuid4().hex, "message": text, "metadata": metadata}
        status, _, content = self.send("/webhooks/askwell/webhook", body)
        assert status == 200, content
        (message,) = json.loads(content)
        return dict(message)

    def action_server(self) -> psutil.Process:
        """Return the child that runs the actions."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(child for child in children if "actions.server" in " ".join(child.cmdline()))

    def wait_for_health(self, status: str, seconds: float) -> dict[str, Any]:
        """Wait until /health says so."""
        deadline = time.monotonic() + seconds
        while True:
            health: dict[str, Any] = json.loads(self.send("/health")[2])
            if health["status"] == status or time.monotonic() > deadline:
                return health
            time.sleep(0.2)
