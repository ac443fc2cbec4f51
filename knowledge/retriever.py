"""The retriever: from a patient's words to the passages that may answer them, or to the reason why there are none."""

from __future__ import annotations

import dataclasses
import datetime
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from knowledge.document import Passage
from knowledge.encoder import Encoder, Vectors
from knowledge.index import Corpus, PassageIndex, passage_input
from knowledge.query import Query, Vocabulary, corpus_words, read_synonyms

# How much each signal counts in the fused score: likeness of the passage, likeness of its heading, shared words.
# Chosen on tests/model/questions.jsonl; see README, Retrieval.
WEIGHTS = (0.35, 0.35, 0.30)
# A hit must reach this fused score; under it the passage is about something else.
FLOOR = 0.40
# Best similarity under which a query without a single word of ours is about something else entirely.
OFF_TOPIC = 0.30
# How many passages are looked at for the missing side of a disagreement, beyond the hits.
NEAREST = 60


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage for one query.

    `score` fuses `dense` and `heading` (cosine of the query with the passage and with its heading) and `lexical` (0 to 1).
    """

    passage: Passage
    rank: int
    score: float
    dense: float
    heading: float
    lexical: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What one query found.

    Attributes:
        outcome: "found", "nothing_found", "off_topic" or "unclear"; hits are empty unless "found".
        vector: the query's unit vector, for ranking sentences.
        nearest: the best passages whatever their score, to see what retrieval saw.
    """

    query: Query
    outcome: str
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...]
    vector: Vectors


class Retriever:
    """Hybrid search over one index: FAISS for meaning, BM25 for words."""

    def __init__(self, index: PassageIndex, encoder: Encoder, *, hits: int = 12, subject: str = "baclofen") -> None:
        """Prepare lexical search; takes well under a second for a few hundred passages."""
        import bm25s

        self._index, self._encoder, self._count = index, encoder, hits
        corpus = index.corpus
        texts = [passage_input(passage, corpus.documents[passage.document_id]) for passage in corpus.passages]
        self.vocabulary = Vocabulary(corpus_words(texts), read_synonyms(), subject=subject)
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it announces its work at debug level by itself
        self._bm25: Any = bm25s.BM25()
        self._stems = [self.vocabulary.stems(text) for text in texts]
        self._frequency = _document_frequency(self._stems)
        if texts:
            self._bm25.index(self._stems, show_progress=False)

    @property
    def corpus(self) -> Corpus:
        """What is searched."""
        return self._index.corpus

    @property
    def index_name(self) -> str:
        """Name of the build that is searched."""
        return self._index.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts as queries, one unit vector each."""
        return self._encoder.encode_queries(texts)

    def search(self, utterance: str, *, today: datetime.date) -> Search:
        """Find passages of documents whose review has not run out by `today`."""
        query = self.vocabulary.query(utterance)
        if query.is_unclear or not self.corpus.passages:
            return Search(query=query, outcome="unclear", hits=(), nearest=(), vector=np.zeros((0,), dtype=np.float32))
        vector = self.encode([query.text])[0]
        nearest = self._rank(query, vector, today)
        hits = tuple(hit for hit in nearest[: self._count] if hit.score >= FLOOR)
        outcome = self._outcome(query, nearest, hits)
        return Search(
            query=query, outcome=outcome, hits=hits if outcome == "found" else (), nearest=nearest, vector=vector
        )

    def _rank(self, query: Query, vector: Vectors, today: datetime.date) -> tuple[Hit, ...]:
        passages = self.corpus.passages
        rows = np.arange(len(passages))
        dense = np.zeros(len(passages), dtype=np.float32)
        scores, found = self._index.search(vector, len(passages))
        dense[found] = scores
        heading = self._index.heading_scores(vector, rows)
        lexical = self._lexical(query)
        fused = WEIGHTS[0] * dense + WEIGHTS[1] * heading + WEIGHTS[2] * lexical
        order = np.lexsort((rows, -fused))
        served = [row for row in order if self.corpus.documents[passages[row].document_id].review_due >= today]
        return tuple(
            Hit(
                passage=passages[row],
                rank=rank,
                score=round(float(fused[row]), 4),
                dense=round(float(dense[row]), 4),
                heading=round(float(heading[row]), 4),
                lexical=round(float(lexical[row]), 4),
            )
            for rank, row in enumerate(served[:NEAREST], start=1)
        )

    def _lexical(self, query: Query) -> Any:
        """BM25 scaled by what a passage with every meaningful word of the query could score: unknown words count too."""
        scores = np.zeros(len(self._stems), dtype=np.float32)
        terms = [term for term in query.terms if term in self._frequency]
        if terms:
            scores = np.asarray(self._bm25.get_scores(terms), dtype=np.float32)
        ideal = sum(self._weight(term) for term in query.terms) + len(query.unknown) * self._weight("")
        return np.clip(scores / max(ideal, 1e-6), 0.0, 1.0)

    def _weight(self, term: str) -> float:
        """Inverse document frequency, as BM25 weighs a word; a word that no passage has weighs most."""
        count = self._frequency.get(term, 0)
        total = len(self._stems)
        return float(np.log(1 + (total - count + 0.5) / (count + 0.5)))

    def _outcome(self, query: Query, nearest: Sequence[Hit], hits: Sequence[Hit]) -> str:
        best = max((hit.dense for hit in nearest), default=0.0)
        if not query.terms and best < OFF_TOPIC:
            return "off_topic"
        if hits and not self._asks_for_something_unknown(query):
            return "found"
        known = sum(self._weight(term) for term in query.terms)
        return "nothing_found" if known or best >= OFF_TOPIC else "off_topic"

    def _asks_for_something_unknown(self, query: Query) -> bool:
        """Whether a meaningful word that no document has, a disease or another drug, is what was asked about."""
        return any(len(word) >= 4 for word in query.unknown)


def _document_frequency(stems: Sequence[Sequence[str]]) -> dict[str, int]:
    frequency: dict[str, int] = {}
    for passage in stems:
        for stem in set(passage):
            frequency[stem] = frequency.get(stem, 0) + 1
    return frequency
