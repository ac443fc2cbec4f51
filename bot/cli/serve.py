"""`askwell serve`."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=5005, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--api-token",
    envvar="ASKWELL_API_TOKEN",
    help="Also open Rasa's own HTTP API, to callers with this token. Off without it.",
)
def serve(host: str, port: int, api_token: str | None) -> None:
    """Serve the chat: dialogue and answers as one service, until Ctrl-C.

    Documents are indexed and models trained first, if their inputs changed.
    """
    from bot.local import ensure_built
    from bot.rasa_environment import prepare_rasa

    ensure_built()
    prepare_rasa()
    from bot.service import serve as run

    run(host=host, port=port, api_token=api_token)
