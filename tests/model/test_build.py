"""Building the index with the real encoder: killed at any moment, it leaves an index that answers."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from knowledge.encoder import encoder_name
from knowledge.index import PassageIndex, current_build
from knowledge.settings import load_settings
from tests.build_values import COCAINE, SIDE_EFFECTS, write_knowledge

# Builds in a loop, so that a kill falls into a build and not into the seconds in which libraries are loaded.
BUILDER = """
import sys
from pathlib import Path
from knowledge.document import read_corpus
from knowledge.encoder import SentenceTransformerEncoder
from knowledge.corpus import make_corpus
from knowledge.index import build_index
from knowledge.references import read_references
from knowledge.settings import load_settings, today
knowledge, index = Path(sys.argv[1]), Path(sys.argv[2])
encoder = SentenceTransformerEncoder(load_settings())
document = knowledge / "documents" / "side-effects.md"
text = document.read_text()
print("ready", flush=True)
for number in range(10_000):
    document.write_text(text.replace("sleepy", f"sleepy{number}"))
    corpus = make_corpus(read_corpus(knowledge / "documents"), read_references(knowledge / "references.json"), today())
    build_index(corpus, encoder, index)
"""


def test_a_build_killed_at_a_random_moment_leaves_a_whole_index(tmp_path: Path):
    folder = write_knowledge(tmp_path / "knowledge", COCAINE, SIDE_EFFECTS)
    moments = random.Random(0)
    name = encoder_name(load_settings())
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", BUILDER, str(folder), str(tmp_path / "index")], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.3 + moments.random())
            os.kill(process.pid, signal.SIGKILL)
        index = PassageIndex.load(tmp_path / "index", name)
        assert index.corpus.passages
        assert current_build(tmp_path / "index").name == index.name
