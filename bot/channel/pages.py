"""The pages at the root: demo page and widget files, each with headers that let nothing else run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse, file

from bot.settings import ServiceSettings

FILES = Path(__file__).resolve().parent.parent / "widget" / "dist"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def security_headers(settings: ServiceSettings) -> dict[str, str]:
    """Return the headers of every page: no inline code, no foreign code, framed only by sites that were named."""
    ancestors = " ".join(["'self'", *settings.allowed_origins])
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
            f"frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; "
            "require-trusted-types-for 'script'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cross-Origin-Resource-Policy": "cross-origin",  # askwell.js is meant to be loaded by other sites
    }


def add_pages(app: Any, settings: ServiceSettings) -> None:
    """Serve the files of the widget's build by their names, and the demo page at /."""
    headers = security_headers(settings)

    def add(path: str, source: Path) -> None:
        async def page(request: Request) -> HTTPResponse:
            return await file(
                source,
                mime_type=TYPES[source.suffix],
                headers={**headers, "Cache-Control": "no-cache"},
            )

        app.add_route(page, path, name=f"page_{source.name.replace('.', '_')}{'_root' if path == '/' else ''}")

    for source in sorted(path for path in FILES.iterdir() if path.suffix in TYPES):
        add(f"/{source.name}", source)
    add("/", FILES / "index.html")
