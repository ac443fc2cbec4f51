"""`askwell ask`, `receipt` and `feedback`: the real bot in this process, loaded once."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

import click

from bot.receipt import ReceiptError, digest_of, read_receipt
from bot.reply import Reply
from knowledge.settings import state_folder

if TYPE_CHECKING:
    from bot.local import LocalBot


@click.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the reply as JSON.")
@click.option(
    "--jsonl", type=click.File("r", encoding="utf-8"), help="Batch: a file of JSON lines, or - for standard input."
)
def ask(question: str | None, as_json: bool, jsonl: IO[str] | None) -> None:
    """Ask one QUESTION and print the reply.

    Without QUESTION it is read from standard input. With --jsonl, each line {"id", "text"} or {"id", "turns": [text, …]}
    is a fresh conversation, and each line of output {"id", "replies": […]} answers it, in the same order.
    """
    if (question is not None) and jsonl:
        raise click.UsageError("give a QUESTION or --jsonl, not both")
    if jsonl:
        sys.exit(asyncio.run(_batch(jsonl)))
    text = question if question is not None else sys.stdin.read()
    reply = asyncio.run(_one(text))
    click.echo(json.dumps(reply.to_json(), ensure_ascii=False, indent=2) if as_json else reply.text)


@click.command()
@click.argument("code")
def receipt(code: str) -> None:
    """Run the answer behind a receipt CODE again and say whether it is the same, byte for byte."""
    try:
        wanted = read_receipt(code)
    except ReceiptError as error:
        raise click.ClickException(str(error)) from error
    replies = asyncio.run(_converse(wanted.utterances))
    if digest_of(replies[-1]) == wanted.digest:
        click.echo("identical")
        return
    click.echo("different: the documents, the settings or the program have changed since. The answer is now:\n")
    click.echo(replies[-1].text)
    sys.exit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def feedback(as_json: bool) -> None:
    """List what patients said about answers: when, helpful or not, why, and the receipt of the answer."""
    from bot.feedback import FeedbackStore

    for at, given in FeedbackStore(state_folder() / "feedback.sqlite").all():
        if as_json:
            data = {"at": at, "helpful": given.helpful, "reason": given.reason, "receipt": given.receipt}
            click.echo(json.dumps(data, ensure_ascii=False))
        else:
            click.echo(
                f"{at}  {'helpful    ' if given.helpful else 'not helpful'}  {given.reason or '-'}  {given.receipt}"
            )


def _load() -> LocalBot:
    from bot.local import LocalBot

    click.echo("Loading …", err=True)
    return LocalBot.load()


async def _one(text: str) -> Reply:
    return (await _load().converse([text]))[0]


async def _converse(texts: tuple[str, ...]) -> list[Reply]:
    return await _load().converse(texts)


async def _batch(lines: IO[str]) -> int:
    """Answer every line; return the exit code."""
    bot = _load()
    failed = False
    for result in _read_lines(lines):
        if "error" not in result:
            replies = await bot.converse(result.pop("turns"))
            result["replies"] = [reply.to_json() for reply in replies]
        failed = failed or "error" in result
        click.echo(json.dumps(result, ensure_ascii=False))
    return 1 if failed else 0


def _read_lines(lines: IO[str]) -> Iterator[dict[str, Any]]:
    """Yield {"id", "turns"} for each good line and {"id", "error"} for each bad one."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except ValueError:
            yield {"id": None, "error": f"line {number} is not JSON"}
            continue
        identifier = data.get("id") if isinstance(data, dict) else None
        turns = _turns(data)
        if identifier is None:
            yield {"id": None, "error": f"line {number} has no id"}
        elif turns is None:
            yield {"id": identifier, "error": f'line {number} needs "text", or "turns" as a list of texts'}
        else:
            yield {"id": identifier, "turns": turns}


def _turns(data: Any) -> list[str] | None:
    if not isinstance(data, dict):
        return None
    turns = data["turns"] if "turns" in data else [data.get("text")]
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        return None
    return [str(turn) for turn in turns]
