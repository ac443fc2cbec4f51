"""Our retrieval beside others with the same encoder, corpus and queries. Run: make bench-peers CORPUS= QUERIES= QRELS=.

The files are in BEIR's form (see `askwell eval retrieval`). Every system runs alone, in a process of its own, once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from knowledge.encoder import model_source
from knowledge.evaluate import figures_of, read_queries, read_relevance
from knowledge.settings import ROOT, load_settings

SYSTEMS = ("askwell", "haystack", "langchain", "bm25s")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser()
    for name in ("corpus", "queries", "qrels", "peers"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--systems", nargs="*", default=SYSTEMS, choices=SYSTEMS)
    arguments = parser.parse_args()
    relevance = read_relevance(arguments.qrels)
    asked = [key for key in read_queries(arguments.queries) if any(relevance.get(key, {}).values())]
    print(
        f"{'':10} {'nDCG@10':>8} {'Recall@10':>9} {'queries/s':>9} {'passages/s':>10} {'memory MB':>9} {'start s':>8}",
        flush=True,
    )
    for name in arguments.systems:
        python = sys.executable if name == "askwell" else str(arguments.peers)
        result = _run(python, name, arguments.corpus, arguments.queries)
        figures = np.array([figures_of(result["ranked"][key], relevance[key]) for key in asked]).mean(axis=0)
        print(
            f"{name:10} {figures[0]:8.3f} {figures[1]:9.3f} {result['queries_per_second']:9.1f} "
            f"{result['passages_per_second']:10.1f} {result['megabytes']:9.0f} {result['start_seconds']:8.1f}",
            flush=True,
        )


def _run(python: str, name: str, corpus: Path, queries: Path) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "result.json"
        command = [python, "-m", "tests.benchmarks.peer_systems", name, model_source(load_settings().encoder)]
        quiet = {
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "USE_TF": "0",
            "HAYSTACK_TELEMETRY_ENABLED": "False",
        }
        subprocess.run(
            [*command, str(corpus), str(queries), str(output)],
            check=True,
            cwd=ROOT,
            env={**os.environ, **quiet},
            stderr=subprocess.DEVNULL,
        )
        result: dict[str, object] = json.loads(output.read_text(encoding="utf-8"))
        return result


if __name__ == "__main__":
    main()
