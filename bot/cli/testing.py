"""`askwell test`: conversation tests on the command line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.errors import ServiceError
from knowledge.settings import state_folder

if TYPE_CHECKING:
    from bot.conversation_tests.cases import Case
    from bot.conversation_tests.drivers import Driver
    from bot.conversation_tests.report import Report
    from bot.conversation_tests.runner import CaseResult
    from bot.local import LocalBot

DEFAULT = "tests/conversations"
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("test")
@click.argument("paths", nargs=-1)
@click.option("--url", help="Test a running service, for instance http://localhost:5005.")
@click.option("--api-token", envvar="ASKWELL_API_TOKEN", help="With --url: the token the service was started with.")
@click.option("-k", "keyword", default="", help="Only cases whose file or name contains these words.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first case that fails.")
@click.option("--rerun-failed", is_flag=True, help="Only cases that failed in the last run.")
@click.option("--repeat", type=click.IntRange(1), default=1, help="Run each case so many times and compare the bytes.")
@click.option("--jobs", type=click.IntRange(1), default=1, help="So many conversations at once.")
@click.option("--junit", type=_FILE, help="Write JUnit XML.")
@click.option("--json", "json_file", type=_FILE, help="Write JSON.")
@click.option("--markdown", type=_FILE, help="Write Markdown.")
@click.option("--html", type=_FILE, help="Write one HTML page.")
@click.option("--coverage", is_flag=True, help="Show what of the bot the conversations reached.")
@click.option("--coverage-floor", "floors", multiple=True, help="Fail under so many percent: 90, or documents=100.")
@click.option("--mutate", is_flag=True, help="Break the bot in one way at a time; show which breaks no test notices.")
@click.option("--mutate-floor", type=float, default=0.0, help="With --mutate: fail under so many percent noticed.")
@click.option("--update", is_flag=True, help="Show how golden texts have changed, and write them after a yes.")
@click.option("--yes", is_flag=True, help="With --update: write without asking.")
def test(paths: tuple[str, ...], **options: Any) -> None:
    """Run conversation tests: files or folders of YAML in Rasa Pro's form, by default tests/conversations.

    FILE::NAME runs one case. Exit code 0: all passed; 1: something failed, or no case was found; 2: could not run.
    """
    from bot.conversation_tests.cases import read_cases

    _refuse(options)
    floors = dict(_floor(text) for text in options["floors"])
    cases = _chosen(read_cases(paths or (DEFAULT,)), options)
    if not cases:
        click.echo("askwell: no test case was found, so nothing is tested", err=True)
        sys.exit(1)
    sys.exit(asyncio.run(_run(cases, options, floors)))


def _refuse(options: dict[str, Any]) -> None:
    if options["mutate"] and options["url"]:
        raise click.UsageError("--mutate breaks the bot in this process; it does not work with --url")
    if options["update"] and os.environ.get("CI"):
        raise click.UsageError("--update is refused where CI is set: somebody has to read the difference")


def _floor(text: str) -> tuple[str, float]:
    from bot.conversation_tests.coverage import KINDS

    kind, found, number = text.rpartition("=")
    if found and kind not in KINDS:
        raise click.UsageError(f"--coverage-floor: unknown kind {kind!r}; known: {', '.join(KINDS)}")
    try:
        return kind, float(number)
    except ValueError as error:
        raise click.UsageError(f"--coverage-floor is {text!r}, wanted 90 or documents=100") from error


def _chosen(cases: Sequence[Case], options: dict[str, Any]) -> list[Case]:
    words = options["keyword"].lower().split()
    chosen = [case for case in cases if all(word in case.id.lower() for word in words)]
    if options["rerun_failed"]:
        failed = set(_last_failed())
        chosen = [case for case in chosen if case.id in failed]
    return chosen


def _last_failed() -> list[str]:
    try:
        names: list[str] = json.loads(_failed_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ServiceError("no run has been kept; run askwell test once without --rerun-failed") from None
    return names


def _failed_file() -> Path:
    return state_folder() / "failed-tests.json"


async def _run(cases: Sequence[Case], options: dict[str, Any], floors: dict[str, float]) -> int:
    """Run the cases, write the reports, return the exit code."""
    from bot.conversation_tests import coverage, golden
    from bot.conversation_tests.mutate import run_mutations
    from bot.conversation_tests.report import Report, as_json
    from bot.conversation_tests.runner import Options, read_documents, run_cases

    how = Options(fail_fast=options["fail_fast"], repeat=options["repeat"], jobs=options["jobs"])
    documents = read_documents()
    async with _driver(options["url"], options["api_token"]) as (driver, bot):
        begin = time.perf_counter()
        results = await run_cases(cases, driver, documents, how, _progress(len(cases)))
        seconds = time.perf_counter() - begin
        covered = coverage.coverage_of(results) if options["coverage"] or floors else ()
        mutations = await run_mutations(results, driver, documents, _breaking) if options["mutate"] else ()
        report = Report(results=tuple(results), seconds=seconds, coverage=covered, mutations=mutations)
        data = as_json(report, bot)
    _keep_failed(results)
    _write(data, options)
    faults = coverage.below(covered, floors)
    if mutations and _noticed(report) < options["mutate_floor"]:
        faults.append(f"{_noticed(report):.1f} % of the breaks were noticed, wanted {options['mutate_floor']:g} %")
    for fault in faults:
        click.echo(f"askwell: {fault}", err=True)
    if options["update"]:
        return _update(*golden.updates(results), ask=not options["yes"])
    return 1 if faults or report.count("failed") else 0


@contextlib.asynccontextmanager
async def _driver(url: str | None, api_token: str | None) -> AsyncIterator[tuple[Driver, LocalBot | None]]:
    from bot.conversation_tests.drivers import InProcess, OverHttp

    if url is None:
        from bot.local import LocalBot

        click.echo("Loading …", err=True)
        bot = LocalBot.load()
        bot.explain("baclofen", {})  # loads the encoder before any turn is timed
        yield InProcess(bot), bot
        return
    import aiohttp

    async with aiohttp.ClientSession() as session:
        yield OverHttp(url, session, api_token), None


def _progress(total: int) -> Callable[[CaseResult], None]:
    done = 0

    def tell(result: CaseResult) -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            click.echo(f"\r{done} of {total} ", nl=done == total, err=True)

    return tell


def _breaking(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rbreak {done} of {total} ", nl=False, err=True)


def _noticed(report: Report) -> float:
    return 100 * sum(1 for one in report.mutations if one.noticed_by) / len(report.mutations)


def _keep_failed(results: Sequence[CaseResult]) -> None:
    """Keep the names of what failed for --rerun-failed."""
    file = _failed_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    failed = [result.case.id for result in results if result.outcome == "failed"]
    file.write_text(json.dumps(failed, ensure_ascii=False, indent=1), encoding="utf-8")


def _write(data: dict[str, Any], options: dict[str, Any]) -> None:
    from bot.conversation_tests.reports import junit, markdown, page, terminal

    color = None if not os.environ.get("NO_COLOR") else False
    click.echo(terminal.render(data), color=color)
    renders: dict[str, Callable[[dict[str, Any]], str]] = {
        "junit": junit.render,
        "json_file": lambda data: json.dumps(data, ensure_ascii=False, indent=1) + "\n",
        "markdown": markdown.render,
        "html": page.render,
    }
    for option, render in renders.items():
        path: Path | None = options[option]
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(render(data), encoding="utf-8")


def _update(changes: dict[Path, str], refused: Sequence[str], *, ask: bool) -> int:
    """Show and write new golden texts; returns the exit code."""
    from bot.conversation_tests import golden

    for case in refused:
        click.echo(f"askwell: {case} also fails in what keeps patients safe; its text stays as it is", err=True)
    for path, new in changes.items():
        click.echo(golden.shown_difference(path, new))
    if changes and ask and not (sys.stdin.isatty() and click.confirm("Write these texts?")):
        click.echo("askwell: nothing was written; --yes writes without asking", err=True)
        return 1
    for path, new in changes.items():
        path.write_text(new, encoding="utf-8")
    return 1 if refused else 0
