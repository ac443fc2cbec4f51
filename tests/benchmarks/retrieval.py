"""Own questions through the retriever: right passage, refusals and silence, by slice. Run: make bench-retrieval."""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from knowledge.retriever import Retriever
from knowledge.settings import today

QUESTIONS = Path(__file__).resolve().parent.parent / "questions"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of tests/questions; `passages` are the ids of those that answer it, none if nothing does."""

    id: str
    text: str
    split: str
    passages: tuple[str, ...] = ()
    slice: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A question with the rank of its right passage among the hits, if any, and whether it was refused."""

    question: Question
    rank: int | None
    refused: bool
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All results, with the shares that are held to bounds."""

    results: tuple[Result, ...]

    def of(self, *, split: str = "", slice: str = "") -> Figures:  # noqa: A002 - the name of the field
        """Return the figures of a split or slice."""
        kept = [one for one in self.results if split in ("", one.question.split) and slice in ("", one.question.slice)]
        return Figures(results=tuple(kept))

    @property
    def answerable(self) -> Sequence[Result]:
        """Results of questions that a passage answers."""
        return [one for one in self.results if one.question.passages]

    @property
    def first(self) -> float:
        """Share of answerable questions whose first hit answers; a refused one counts as a miss."""
        return _share(one.rank == 1 for one in self.answerable)

    @property
    def first_three(self) -> float:
        """Share of answerable questions with an answer among the first three hits."""
        return _share(one.rank is not None and one.rank <= 3 for one in self.answerable)

    @property
    def refused(self) -> float:
        """Share of answerable questions that got silence."""
        return _share(one.refused for one in self.answerable)

    @property
    def abstained(self) -> float:
        """Share of unanswerable questions that got silence."""
        return _share(one.refused for one in self.results if not one.question.passages)


def read_questions(name: str) -> list[Question]:
    """Read tests/questions/<name>.jsonl."""
    lines = (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [Question(**{**row, "passages": tuple(row.get("passages", ()))}) for row in rows]


def measure(retriever: Retriever) -> Figures:
    """Ask everything."""
    return Figures(
        results=tuple(_ask(one, retriever) for name in ("answerable", "unanswerable") for one in read_questions(name))
    )


def _ask(question: Question, retriever: Retriever) -> Result:
    begin = time.perf_counter()
    search = retriever.search(question.text, today=today())
    ranks = (hit.rank for hit in search.hits if hit.passage.id in question.passages)
    return Result(
        question=question,
        rank=next(ranks, None),
        refused=search.outcome != "found",
        seconds=time.perf_counter() - begin,
    )


def _share(truths: Iterable[bool]) -> float:
    known = list(truths)
    return sum(known) / len(known) if known else 0.0


def main() -> None:
    """Print the table; with --misses, the questions of the tuning split that went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--misses", action="store_true")
    arguments = parser.parse_args()
    from actions.means import load_means
    from bot.local import ensure_built

    ensure_built()
    figures = measure(load_means().retriever)
    print(f"{'':10} {'':9} {'number':>6} {'first':>7} {'first 3':>7} {'refused':>7} {'silent on unanswerable':>23}")
    for split in ("tuning", "held-out"):
        part = figures.of(split=split)
        slices = dict.fromkeys(one.question.slice for one in part.answerable)
        for name, some in [("all", part), *((name, part.of(slice=name)) for name in slices)]:
            silence = f"{some.abstained:23.1%}" if name == "all" else ""
            count = len(some.answerable)
            print(
                f"{split:10} {name:9} {count:6} {some.first:7.1%} {some.first_three:7.1%} {some.refused:7.1%} {silence}"
            )
    times = np.array([one.seconds for one in figures.results]) * 1000
    print(f"a search takes {np.percentile(times, 50):.1f} ms (p50), {np.percentile(times, 95):.1f} ms (p95)")
    for one in figures.of(split="tuning").results if arguments.misses else ():
        if one.refused == bool(one.question.passages) or ((one.rank or 99) > 3 and one.question.passages):
            print(f"{one.question.id} rank {one.rank} {'refused' if one.refused else 'answered'}: {one.question.text}")


if __name__ == "__main__":
    main()
