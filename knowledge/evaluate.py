"""Retrieval measured on public test collections in BEIR's form, with the encoder and the hybrid search that serve patients.

A text of such a collection has a title and sentences but no questions that it answers, so title and sentences are its parts.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from knowledge.encoder import Encoder, Vectors
from knowledge.errors import EvaluationError
from knowledge.hybrid import HybridIndex, Weights
from knowledge.query import Vocabulary

# Chosen on the 809 training claims of SciFact, never on its test claims.
WEIGHTS = Weights(dense=0.2, part=0.3, lexical=0.4, feedback=0.2)
# A word in the title counts as often as in so many sentences.
TITLE_COUNT = 3
# Abstracts are not always typed with a space behind the full stop.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s*(?=[A-Z][A-Za-z]|[A-Z] )")
# What is shorter is a heading or an abbreviation cut in two.
SHORTEST_SENTENCE = 20
DEPTH = 100
SLICE = 2048


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of a collection."""

    id: str
    title: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalReport:
    """Figures over all queries that have a relevant text; times are of this machine."""

    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    queries: int
    passages: int
    passages_per_second: float
    queries_per_second: float
    index_bytes: int


def evaluate(
    corpus: Sequence[Text],
    queries: Mapping[str, str],
    relevance: Mapping[str, Mapping[str, int]],
    encoder: Encoder,
    progress: Callable[[int, int], None] | None = None,
) -> RetrievalReport:
    """Index the corpus, ask every query that has a relevant text, and compare.

    Raises:
        EvaluationError: no query has a relevant text.
    """
    asked = {key: text for key, text in queries.items() if any(score > 0 for score in relevance.get(key, {}).values())}
    if not asked:
        raise EvaluationError(
            "no query has a relevant text; the ids of the queries and of the judgements must be the same"
        )
    begin = time.perf_counter()
    index, size = build(corpus, encoder, progress)
    indexed = time.perf_counter() - begin
    begin = time.perf_counter()
    ranked = dict(zip(asked, search(index, list(asked.values()), [text.id for text in corpus], encoder), strict=True))
    took = time.perf_counter() - begin
    figures = np.array([figures_of(ranked[key], relevance[key]) for key in asked]).mean(axis=0)
    return RetrievalReport(
        ndcg_at_10=round(float(figures[0]), 4),
        recall_at_10=round(float(figures[1]), 4),
        recall_at_100=round(float(figures[2]), 4),
        mrr_at_10=round(float(figures[3]), 4),
        queries=len(asked),
        passages=len(corpus),
        passages_per_second=round(len(corpus) / indexed, 1),
        queries_per_second=round(len(asked) / took, 1),
        index_bytes=size,
    )


def build(
    corpus: Sequence[Text], encoder: Encoder, progress: Callable[[int, int], None] | None = None
) -> tuple[HybridIndex, int]:
    """Return the index of a corpus, and how many bytes its vectors take."""
    parts = [(row, part) for row, text in enumerate(corpus) for part in (text.title, *_sentences(text.text)) if part]
    texts = [f"{text.title}. {text.text}" for text in corpus] + [part for _, part in parts]
    vectors = _encoded(texts, encoder, progress)
    vocabulary = _vocabulary()
    stems = [vocabulary.stems(text.title) * TITLE_COUNT + vocabulary.stems(text.text) for text in corpus]
    wholes, rest = vectors[: len(corpus)], vectors[len(corpus) :]
    return HybridIndex(stems, wholes, rest, [row for row, _ in parts], WEIGHTS), vectors.nbytes


def search(
    index: HybridIndex, queries: Sequence[str], identifiers: Sequence[str], encoder: Encoder
) -> Iterator[list[str]]:
    """Yield the ids of the best texts for each query, best first."""
    vocabulary = _vocabulary()
    for begin in range(0, len(queries), SLICE):
        some = queries[begin : begin + SLICE]
        for query, vector in zip(some, encoder.encode_queries(some), strict=True):
            terms = list(dict.fromkeys(vocabulary.stems(query)))
            fused = index.signals(vector, terms).fused
            best = np.argpartition(-fused, min(DEPTH, len(fused) - 1))[:DEPTH]
            yield [identifiers[row] for row in best[np.lexsort((best, -fused[best]))]]


def read_corpus(path: Path) -> list[Text]:
    """Read texts: JSON lines {"_id", "title", "text"}.

    Raises:
        EvaluationError: see `_lines`; also if there is none.
    """
    texts = [
        Text(id=str(row["_id"]), title=str(row.get("title") or ""), text=str(row["text"]))
        for row in _lines(path, ("_id", "text"))
    ]
    if not texts:
        raise EvaluationError(f"{path} is empty; it should hold a JSON object a line with _id, title and text")
    return texts


def read_queries(path: Path) -> dict[str, str]:
    """Read queries: JSON lines {"_id", "text"}.

    Raises:
        EvaluationError: see `_lines`.
    """
    return {str(row["_id"]): str(row["text"]) for row in _lines(path, ("_id", "text"))}


def read_relevance(path: Path) -> dict[str, dict[str, int]]:
    """Read judgements: tab-separated query-id, corpus-id, score, with a header.

    Raises:
        EvaluationError: a line does not have three columns, or its score is no number.
    """
    relevance: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), start=1):
            if number == 1 or not row:
                continue
            try:
                query, text, score = row
                relevance.setdefault(query, {})[text] = int(score)
            except ValueError as error:
                raise EvaluationError(
                    f"{path}:{number}: wanted query-id, corpus-id and a whole number, separated by tabs"
                ) from error
    if not relevance:
        raise EvaluationError(f"{path} holds no judgements behind its header")
    return relevance


def _lines(path: Path, wanted: Sequence[str]) -> Iterator[dict[str, object]]:
    """Yield the objects of a JSON lines file, or raise EvaluationError with the line that is none or lacks a key."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise EvaluationError(f"{path}:{number}: not a JSON object; wanted one a line") from error
            if not isinstance(row, dict) or any(key not in row for key in wanted):
                raise EvaluationError(f"{path}:{number}: wanted an object with {' and '.join(wanted)}")
            yield row


@functools.cache
def _vocabulary() -> Vocabulary:
    """Stems and stop words alone: synonyms and spelling belong to our own documents."""
    return Vocabulary(frozenset(), {})


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text) if len(sentence) > SHORTEST_SENTENCE]


def _encoded(texts: Sequence[str], encoder: Encoder, progress: Callable[[int, int], None] | None) -> Vectors:
    """Encode in slices of like length: less padding, flat memory."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    vectors: Vectors | None = None
    for begin in range(0, len(order), SLICE):
        rows = order[begin : begin + SLICE]
        found = encoder.encode_passages([texts[row] for row in rows])
        vectors = np.zeros((len(texts), found.shape[1]), dtype=np.float32) if vectors is None else vectors
        vectors[rows] = found
        if progress:
            progress(min(begin + SLICE, len(order)), len(order))
    assert vectors is not None  # a corpus is never empty
    return vectors


def figures_of(ranked: Sequence[str], relevance: Mapping[str, int]) -> tuple[float, float, float, float]:
    """Return nDCG@10, Recall@10, Recall@100 and MRR@10 of one query."""
    gains = [max(0, relevance.get(key, 0)) for key in ranked[:10]]
    ideal = sorted((score for score in relevance.values() if score > 0), reverse=True)
    relevant = {key for key, score in relevance.items() if score > 0}
    first = next((place for place, gain in enumerate(gains, start=1) if gain), None)
    return (
        _discounted(gains) / _discounted(ideal[:10]),
        len(relevant.intersection(ranked[:10])) / len(relevant),
        len(relevant.intersection(ranked[:100])) / len(relevant),
        1 / first if first else 0.0,
    )


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
