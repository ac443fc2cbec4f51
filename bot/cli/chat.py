"""`askwell chat`: a conversation in the terminal, with what an author wants to know about each answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.channel.payload import plain_text
from bot.conversation_tests.assertions import cited_ids
from bot.conversation_tests.golden import record, write_case
from bot.conversation_tests.turns import Turn
from bot.conversation_tests.why import why
from bot.reply import Reply

if TYPE_CHECKING:
    from bot.local import LocalBot

HELP = """\
/why          what the guard found, the intent, what retrieval saw
/sources      documents, passages and references of the last answer
/slots        what is remembered for follow-ups
/restart      begin a new conversation
/save FILE    write the conversation to a text file
/quit         end (also Ctrl-D)
A number sends the suggestion of that number."""


@click.command()
@click.option("--record", "file", type=click.Path(dir_okay=False, path_type=Path), help="Add the talk to a test suite.")
@click.option("--name", default="", help="With --record: the name of the test case; by default its first message.")
def chat(file: Path | None, name: str) -> None:
    """Talk to the bot in the terminal, over the same path as the web. /help lists commands; /quit or Ctrl-D ends.

    Piped, it reads a message a line and prints plain replies.
    """
    said = asyncio.run(_chat())
    if file is None:
        return
    if not said:
        raise click.ClickException(f"nothing was said, so {file} was not written")
    write_case(file, record(name or said[0][0], said))
    click.echo(f"Recorded in {file}; read it before you keep it.", err=True)


class Session:
    """One talk: the conversation under way and what was said in it."""

    def __init__(self, bot: LocalBot, sender: str) -> None:
        """Take a loaded bot and a fresh conversation."""
        self.bot, self.sender = bot, sender
        self.turns: list[Turn] = []

    async def answer(self, line: str) -> str:
        """Return what to show for a line: the reply, or what a command tells."""
        command, _, rest = line.strip().partition(" ")
        if not command.startswith("/"):
            return await self._say(line)
        if command in ("/why", "/sources"):
            return self._about_last(command)
        match command:
            case "/restart":
                return await self._restart()
            case "/slots":
                return _filled(await self.bot.slots(self.sender))
            case "/save":
                return self._save(Path(rest.strip() or "transcript.txt"))
        return HELP

    def _about_last(self, command: str) -> str:
        if not self.turns:
            return "nothing was said yet"
        last = self.turns[-1]
        return "\n".join(why(last, self.bot)) if command == "/why" else _sources(last.reply)

    async def _restart(self) -> str:
        await self.bot.forget(self.sender)
        self.sender, self.turns = await self.bot.begin(), []
        return "A new conversation."

    async def _say(self, line: str) -> str:
        text = self._suggestion(line.strip()) or line
        said = self.turns[-1].said if self.turns else ()
        turn = await self.bot.take_turn(self.sender, text)
        self.turns.append(Turn(said=(*said, text), reply=turn.reply, events=turn.events, slots=turn.slots, seconds=0.0))
        return turn.reply.text

    def _suggestion(self, number: str) -> str | None:
        suggestions = self.turns[-1].reply.suggestions if self.turns else ()
        return suggestions[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(suggestions) else None

    def _save(self, path: Path) -> str:
        text = "\n\n".join(f"you> {turn.user}\n\n{turn.reply.text}" for turn in self.turns)
        try:
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            return f"{path} could not be written: {error.strerror}"
        return f"Saved in {path}."


async def _chat() -> list[tuple[str, Reply]]:
    """Talk until the end; return what was said in the last conversation."""
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  # gives input() history and editing by being imported
    from bot.local import LocalBot

    click.echo("Loading …", err=True)
    bot = LocalBot.load()
    session = Session(bot, await bot.begin())
    color = is_terminal and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    while True:
        try:
            line = input("you> " if is_terminal else "")
        except EOFError:
            break
        if line.strip() == "/quit":
            break
        count = len(session.turns)
        click.echo(f"\n{await session.answer(line)}\n")
        if is_terminal and len(session.turns) > count:
            _show_suggestions(session.turns[-1].reply, color=color)
    return [(plain_text(turn.user), turn.reply) for turn in session.turns]


def _show_suggestions(reply: Reply, *, color: bool) -> None:
    for number, suggestion in enumerate(reply.suggestions, start=1):
        line = f"  [{number}] {suggestion}"
        click.echo(click.style(line, dim=True) if color else line)


def _filled(slots: Mapping[str, Any]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in slots.items() if value is not None) or "nothing yet"


def _sources(reply: Reply) -> str:
    if not reply.citations:
        return "the last reply cites nothing"
    lines = [
        f"[{one.number}] {one.passage_id} ({one.start} to {one.end}), {one.title} / {one.section}, reviewed {one.reviewed}: "
        + ", ".join(reference.id for reference in one.references)
        for one in reply.citations
    ]
    return "\n".join([*lines, f"ids: {', '.join(cited_ids(reply))}"])
