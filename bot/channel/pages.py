"""The pages at the root: demo page, page for frames and widget, each with headers that let nothing else run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse, raw

from bot.settings import ServiceSettings

WIDGET = Path(__file__).resolve().parent.parent / "widget"
LANGUAGES = ("en", "es")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


def security_headers(settings: ServiceSettings) -> dict[str, str]:
    """Return the headers of every page: no inline code, no foreign code, framed only by sites that were named."""
    ancestors = " ".join(["'self'", *settings.allowed_origins])
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cross-Origin-Resource-Policy": "cross-origin",  # askwell.js is meant to be loaded by other sites
    }


def add_pages(app: Any, settings: ServiceSettings) -> None:
    """Serve the widget's files by their names, the demo page at / and the page for frames at /embed."""
    headers = {**security_headers(settings), "Cache-Control": "no-cache"}

    def add(path: str, source: Path) -> None:
        async def page(request: Request) -> HTTPResponse:
            content = source.read_bytes()
            if source.suffix == ".html":
                content = filled(content.decode(), settings.country, request.args.get("language", "")).encode()
            return raw(content, content_type=TYPES[source.suffix], headers=headers)

        app.add_route(page, path, name=f"page_{source.name.replace('.', '_')}")

    for source in sorted(path for folder in ("dist", "pages") for path in (WIDGET / folder).iterdir()):
        name = source.stem if source.suffix == ".html" else source.name
        add("/" if name == "index" else f"/{name}", source)


def filled(page: str, country: str, language: str) -> str:
    """Return a page with the service's country and a known language; what a visitor asks for never reaches the page."""
    return page.replace("{country}", country).replace("{language}", language if language in LANGUAGES else LANGUAGES[0])
