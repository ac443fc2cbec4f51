"""Building the index: killed at any moment, it leaves an index that answers."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from knowledge.index import PassageIndex, current_build
from tests.build_values import COCAINE, SIDE_EFFECTS, WordEncoder, write_knowledge

# Builds in a loop, so that a kill falls into a build and not into the seconds in which libraries are loaded.
BUILDER = """
import sys
from pathlib import Path
from knowledge.document import read_corpus
from knowledge.corpus import make_corpus
from knowledge.index import build_index
from knowledge.references import read_references
from tests.build_values import TODAY, WordEncoder
knowledge, index = Path(sys.argv[1]), Path(sys.argv[2])
document = knowledge / "documents" / "side-effects.md"
text = document.read_text()
for number in range(10_000):
    document.write_text(text.replace("sleepy", f"sleepy{number}"))
    corpus = make_corpus(read_corpus(knowledge / "documents"), read_references(knowledge / "references.json"), TODAY)
    build_index(corpus, WordEncoder(), index)
    if number == 0:
        print("ready", flush=True)
"""


def test_a_build_killed_at_a_random_moment_leaves_a_whole_index(tmp_path: Path):
    moments = random.Random(0)
    folders = [tmp_path / str(number) for number in range(8)]
    with contextlib.ExitStack() as running:
        # All at once, since most of their time goes into loading libraries.
        for folder, process in [(folder, _start_builder(folder, running)) for folder in folders]:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.1 + 0.3 * moments.random())
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            index = PassageIndex.load(folder / "index", WordEncoder.name)
            assert index.corpus.passages
            assert current_build(folder / "index").name == index.name


def _start_builder(folder: Path, running: contextlib.ExitStack) -> subprocess.Popen[str]:
    knowledge = write_knowledge(folder / "knowledge", COCAINE, SIDE_EFFECTS)
    command = [sys.executable, "-c", BUILDER, str(knowledge), str(folder / "index")]
    process = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    running.callback(process.kill)
    return process
