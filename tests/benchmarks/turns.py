"""How long a turn takes and what the service needs, beside a bare Rasa echo bot measured in the same run.

Run with `make bench`. One user at a time over HTTP, many at once, then the steps of a turn in one process, then batch speed.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil

from bot.rasa_environment import prepare_rasa
from bot.service import free_port

QUESTIONS = (
    "does baclofen help cocaine cravings?",
    "whats it do to your brain",
    "is it approved for alcohol addiction in the us",
    "what are the side effects",
    "why cant i just stop taking it",
    "does it help people drink less",
    "is it safe with kidney problems",
    "what treatment works best for cocaine use",
)
OTHERS = (
    ("crisis", "i don't want to be here anymore"),
    ("small talk", "thanks"),
    ("off topic", "who won the world cup"),
)
TURNS = 160
PATIENTS, TURNS_EACH = 16, 20
BIN = Path(sys.executable).parent


def main() -> None:
    """Print all tables."""
    print(
        f"machine: {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, Python {platform.python_version()}\n"
    )
    subprocess.run([sys.executable, "-m", "bot.build"], check=True, stdout=subprocess.DEVNULL)
    row("", "p50 ms", "p95 ms", "max ms")
    with served([str(BIN / "askwell"), "serve"], "Askwell") as (port, start, process):
        url = f"http://127.0.0.1:{port}/webhooks/askwell/webhook"
        report("answer turn over HTTP", [post(url, QUESTIONS[number % len(QUESTIONS)]) for number in range(TURNS)])
        for name, text in OTHERS:
            report(f"{name} turn over HTTP", [post(url, text) for _ in range(40)])
        begin = time.perf_counter()
        seconds = crowd(url)
        rate = len(seconds) / (time.perf_counter() - begin)
        report(f"answer turn, {PATIENTS} patients at once", seconds)
        memory = {"dialogue server": process, "action server": process.children(recursive=True)[-1]}
        sizes = {name: one.memory_info().rss / 2**20 for name, one in memory.items()}
    with bare_rasa() as (port, bare_start, bare_process):
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        report("bare Rasa echo turn over HTTP", [post(url, "hello there") for _ in range(TURNS)])
        bare_size = bare_process.memory_info().rss / 2**20
    print()
    asyncio.run(steps())
    print(f"\n{PATIENTS} patients at once: {rate:.1f} turns/s, no error")
    print(f"\nstart-up, models built: Askwell {start:.1f} s, bare Rasa {bare_start:.1f} s")
    for name, size in sizes.items():
        print(f"memory, {name}: {size:.0f} MiB")
    print(f"memory, both: {sum(sizes.values()):.0f} MiB; bare Rasa: {bare_size:.0f} MiB")


async def steps() -> None:
    """Time each step of a turn in this process, and the batch mode."""
    from actions.means import load_means
    from actions.turn import Message, answer_turn
    from bot.local import LocalBot
    from knowledge.settings import today

    bot = await asyncio.to_thread(LocalBot.load)
    means = load_means()
    await bot.converse([QUESTIONS[0]])
    report("step: guard", timed(means.guard.check))
    report("step: encode the query", timed(lambda text: means.retriever.encode([text])))
    report("step: retrieve, encoding included", timed(lambda text: means.retriever.search(text, today=today())))
    report(
        "step: whole answer, guard to reply",
        timed(lambda text: answer_turn(Message(text=text), means=means, today=today())),
    )
    parse = []
    for number in range(TURNS):
        begin = time.perf_counter()
        await bot.agent.parse_message(QUESTIONS[number % len(QUESTIONS)])
        parse.append(time.perf_counter() - begin)
    report("step: Rasa NLU and guard component", parse)
    begin = time.perf_counter()
    for number in range(TURNS):
        await bot.converse([QUESTIONS[number % len(QUESTIONS)]])
    print(f"\nbatch, in one process: {TURNS / (time.perf_counter() - begin):.1f} turns/s")


def crowd(url: str) -> list[float]:
    """Return the seconds of each turn of many patients who all ask at once, each again when answered; raises on an error."""
    with ThreadPoolExecutor(PATIENTS) as patients:
        asked = [QUESTIONS[number % len(QUESTIONS)] for number in range(PATIENTS * TURNS_EACH)]
        return list(patients.map(lambda text: post(url, text), asked))


def timed(step: Callable[[str], object]) -> list[float]:
    """Return the seconds of each of many runs of a step."""
    seconds = []
    for number in range(TURNS):
        begin = time.perf_counter()
        step(QUESTIONS[number % len(QUESTIONS)])
        seconds.append(time.perf_counter() - begin)
    return seconds


def post(url: str, text: str) -> float:
    """Return the seconds of one turn of a fresh conversation."""
    body = json.dumps({"sender": uuid.uuid4().hex, "message": text}).encode()
    begin = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=30) as response:
        assert json.loads(response.read()), "an empty reply is no turn"
    return time.perf_counter() - begin


def report(name: str, seconds: list[float]) -> None:
    """Print the percentiles of some durations."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    row(name, *(f"{1000 * value:.1f}" for value in (cuts[9], cuts[18], max(seconds))))


def row(name: str, *cells: str) -> None:
    """Print one line of a table."""
    print(f"{name:38}" + "".join(f"{cell:>10}" for cell in cells), flush=True)


@contextmanager
def served(command: list[str], name: str, **options: object) -> Iterator[tuple[int, float, psutil.Process]]:
    """Run a server until the block ends; yield its port, the seconds it took to answer, and its process."""
    port = free_port()
    environment = {**os.environ, "ASKWELL_MESSAGES_PER_MINUTE_PER_ADDRESS": "100000", "RASA_TELEMETRY_ENABLED": "false"}
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )
    try:
        if name == "Askwell":
            assert process.stdout is not None
            assert "ready" in process.stdout.readline(), "the service did not start, see above"
        else:
            wait_for(f"http://127.0.0.1:{port}/")
        yield port, time.perf_counter() - begin, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str) -> None:
    """Wait until an address answers."""
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)


@contextmanager
def bare_rasa() -> Iterator[tuple[int, float, psutil.Process]]:
    """Train and serve the smallest Rasa bot: one intent, one rule, one fixed reply, the stock REST channel."""
    files = {
        "config.yml": (
            "recipe: default.v1\nassistant_id: echo\nlanguage: en\npipeline:\n- name: WhitespaceTokenizer\n"
            "- name: CountVectorsFeaturizer\n- name: LogisticRegressionClassifier\npolicies:\n- name: RulePolicy\n"
        ),
        "domain.yml": "version: '3.1'\nintents: [hi, bye]\nresponses:\n  utter_hi:\n  - text: Hello.\n",
        "data/nlu.yml": (
            "version: '3.1'\nnlu:\n- intent: hi\n  examples: |\n    - hello there\n    - hello\n"
            "- intent: bye\n  examples: |\n    - goodbye\n    - see you\n"
        ),
        "data/rules.yml": (
            "version: '3.1'\nrules:\n- rule: hi\n  steps:\n  - intent: hi\n  - action: utter_hi\n"
            "- rule: bye\n  steps:\n  - intent: bye\n  - action: utter_hi\n"
        ),
        "credentials.yml": "rest:\n",
        "endpoints.yml": "{}\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        quiet = {"cwd": folder, "env": {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}}
        subprocess.run([str(BIN / "rasa"), "train"], check=True, capture_output=True, **quiet)
        with served([str(BIN / "rasa"), "run"], "Rasa", cwd=folder, stderr=subprocess.DEVNULL) as found:
            yield found


if __name__ == "__main__":
    prepare_rasa()
    main()
