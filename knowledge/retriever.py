"""The retriever: from a patient's words to the passages that may answer them, or to the reason why there are none."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from knowledge.corpus import Corpus, Section, passage_input, questions_of, section_of
from knowledge.document import Passage
from knowledge.encoder import Encoder, Vectors
from knowledge.hybrid import HybridIndex, Signals, Weights, mean_of
from knowledge.index import PassageIndex
from knowledge.query import Query, Vocabulary, corpus_words, is_everyday, read_everyday, read_synonyms
from knowledge.settings import KnowledgeSettings

# All numbers here were chosen on the tuning half of tests/questions; see README, Measuring.
# How much each signal counts: likeness of the passage, likeness of the best question of its section, shared words.
WEIGHTS = Weights(dense=0.25, part=0.45, lexical=0.30)
# A section's first passage is its main point; a later one needs this much more to come before it.
LATER_PASSAGE = 0.02
# A section on another drug or treatment than the one that was named is this much behind.
STRAY = 0.15
# A section on one drug or treatment is this much behind when none was named.
SPECIAL = 0.04
# What the best hit must reach when everything asked about is accounted for; under it, it is about something else.
FLOOR = 0.46
# How much it counts that a word which bears on the question's meaning is in no document, or only in other sections.
UNKNOWN_WORD, ABSENT_WORD = 1.8, 0.75
# So far under the floor, with nothing unaccounted for, a question is unclear rather than unanswered.
NEARLY, LITTLE = 0.10, 0.08
# So like must a question of ours be to one that names nothing but the subject.
SAME_QUESTION = 0.75
# Best likeness to any passage or question of ours under which a query is about something else entirely.
OFF_TOPIC = 0.45
# So much nearer to a question that no document answers than to any that one does, a query has no answer either.
NEARER = 0.04
# How many passages are looked at for the missing side of a disagreement, beyond the hits.
NEAREST = 60
# Readings of one message, at most, and where its sentences end.
MOST_READINGS = 5
_SENTENCE_END = re.compile(r"[.?!;\n]+\s+")
# Words whose bearing is measured, at most: each costs an encoding.
MOST_MEASURED = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage for one query.

    `score` fuses `dense` (cosine of the query with the passage), `question` (with the nearest question that its section
    answers) and `lexical` (shared words, 0 to 1).
    """

    passage: Passage
    rank: int
    score: float
    dense: float
    question: float
    lexical: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What one query found.

    Attributes:
        outcome: "found", "nothing_found", "off_topic" or "unclear"; hits are empty unless "found".
        nearest: the best passages whatever their score, to see what retrieval saw.
        unaccounted: words of the question that the best section does not speak of, and what each takes off its score.
        unanswered: cosine of the query with the nearest question that no document answers.
        vector: the query's unit vector.
    """

    query: Query
    outcome: str
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...]
    unaccounted: tuple[tuple[str, float], ...] = ()
    unanswered: float = 0.0
    vector: Vectors

    @property
    def score(self) -> float:
        """What the best passage reaches once everything asked about is accounted for."""
        best = self.nearest[0].score if self.nearest else 0.0
        unknown = max((weight for word, weight in self.unaccounted if word in self.query.unknown), default=0.0)
        absent = max((weight for word, weight in self.unaccounted if word not in self.query.unknown), default=0.0)
        return best - unknown - absent


class Retriever:
    """Hybrid search over one index: vectors for meaning, BM25 for words."""

    def __init__(self, index: PassageIndex, encoder: Encoder, settings: KnowledgeSettings | None = None) -> None:
        """Prepare search; takes well under a second for a few hundred passages."""
        self.settings = settings or KnowledgeSettings()
        self._index, self._encoder, self._subject = index, encoder, self.settings.subject
        corpus = index.corpus
        questions = questions_of(corpus)
        sections = list(dict.fromkeys(section for section, _ in questions))
        places = {section: place for place, section in enumerate(sections)}
        asked: dict[Section, list[str]] = defaultdict(list)
        for section, question in questions:
            asked[section].append(question)
        texts = [passage_input(passage, corpus.documents[passage.document_id]) for passage in corpus.passages]
        everyday = read_everyday()
        # "My brother" in one wording of a section does not make every question about a brother one for that section.
        wordings = corpus_words(question for _, question in questions)
        words = corpus_words(texts) | {word for word in wordings if not is_everyday(word, everyday)}
        self.vocabulary = Vocabulary(
            words, read_synonyms(), subject=self._subject, english=encoder.words, everyday=everyday
        )
        asked_stems = {
            section: self.vocabulary.stems(" ".join(asked[section])) for section in map(section_of, corpus.passages)
        }
        stems = [
            self.vocabulary.stems(text) + asked_stems[section_of(passage)]
            for text, passage in zip(texts, corpus.passages, strict=True)
        ]
        owners = [places[section] for section, _ in questions]
        self._hybrid = HybridIndex(stems, index.passages, index.questions, owners, WEIGHTS)
        self._groups = np.array([places[section_of(passage)] for passage in corpus.passages], dtype=np.int64)
        self._topics = [
            frozenset(self.vocabulary.stems(" ".join(words))) - {self.vocabulary.stems(self._subject)[0]}
            for words in (self.settings.substances, self.settings.treatments)
        ]
        self._headings = [
            frozenset(self.vocabulary.stems(f"{corpus.documents[passage.document_id].title} {passage.section}"))
            for passage in corpus.passages
        ]
        self._wordings = [
            heading.union(asked_stems[section_of(passage)])
            for heading, passage in zip(self._headings, corpus.passages, strict=True)
        ]
        self._order = _handicaps(corpus.passages)
        self._words_of: dict[Section, set[str]] = defaultdict(set)
        for passage, found in zip(corpus.passages, stems, strict=True):
            self._words_of[section_of(passage)].update(found)

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

    def search(self, utterance: str, *, today: datetime.date, without: Collection[str] = ()) -> Search:
        """Find passages of documents whose review has not run out by `today`, leaving out those with ids in `without`."""
        query = self.vocabulary.query(utterance)
        if query.is_unclear or not self.corpus.passages:
            return Search(query=query, outcome="unclear", hits=(), nearest=(), vector=np.zeros((0,), dtype=np.float32))
        vector, nearest = self._nearest(query, self._readings(query, utterance), today)
        unaccounted = self._unaccounted(query, vector, nearest[0].passage) if nearest else ()
        search = Search(
            query=query,
            outcome="found",
            hits=(),
            nearest=nearest,
            unaccounted=unaccounted,
            unanswered=round(float((self._index.unanswered @ vector).max(initial=0.0)), 4),
            vector=vector,
        )
        outcome = self._outcome(search)
        hits = (
            [hit for hit in nearest if hit.passage.id not in without][: self.settings.hits]
            if outcome == "found"
            else []
        )
        return dataclasses.replace(search, outcome=outcome, hits=tuple(hits))

    def _readings(self, query: Query, utterance: str) -> list[Query]:
        """Return the query, and what else may be its point: a bare word asked of the subject, one sentence of several."""
        if self._subject not in query.text and not self._names_a_topic(query):
            return [query, dataclasses.replace(query, text=f"{query.text} {self._subject}")]
        sentences = [self.vocabulary.query(sentence) for sentence in _SENTENCE_END.split(utterance)]
        if len(sentences) == 1:
            return [query]
        return [query, *(sentence for sentence in sentences if len(sentence.terms) > 1)][:MOST_READINGS]

    def _nearest(
        self, query: Query, readings: Sequence[Query], today: datetime.date
    ) -> tuple[Vectors, tuple[Hit, ...]]:
        """Rank by the whole query and, if that finds more, by another reading together with it."""
        vectors = self.encode([reading.text for reading in readings])
        signals = [
            self._hybrid.signals(vector, reading.terms, len(reading.unknown), self._groups)
            for reading, vector in zip(readings, vectors, strict=True)
        ]
        best = max(signals, key=lambda one: float(one.fused.max()))
        signal = best if query.is_bare else mean_of(signals[0], best)
        return vectors[0], self._ranked(signal, self._order + self._strays(query), today)

    def _names_a_topic(self, query: Query) -> bool:
        return any(topics.intersection(query.terms) for topics in self._topics)

    def _strays(self, query: Query) -> Vectors:
        """Return what each passage is behind by if its heading names another drug or treatment than the one asked about.

        A section that somebody asked for with that drug ("how can I help my brother who uses cocaine") is not behind.
        """
        strays = np.zeros(len(self._headings), dtype=np.float32)
        names_topic = self._names_a_topic(query)
        for topics in self._topics:
            asked = topics.intersection(query.terms)
            behind = STRAY if asked else 0.0 if names_topic else SPECIAL
            strays += [
                behind if (heading & topics) and not (words & asked) else 0.0
                for heading, words in zip(self._headings, self._wordings, strict=True)
            ]
        return strays

    def _ranked(self, signals: Signals, handicaps: Vectors, today: datetime.date) -> tuple[Hit, ...]:
        passages = self.corpus.passages
        order = np.lexsort((np.arange(len(passages)), handicaps - signals.fused))
        served = (
            row
            for row in order
            # A safety line is shown with its section; it answers nothing by itself.
            if self.corpus.documents[passages[row].document_id].review_due >= today and not passages[row].is_safety_line
        )
        return tuple(
            self._hit(row, rank, signals, float(handicaps[row]))
            for rank, row in zip(range(1, NEAREST + 1), served, strict=False)
        )

    def _hit(self, row: int, rank: int, signals: Signals, handicap: float) -> Hit:
        return Hit(
            passage=self.corpus.passages[row],
            rank=rank,
            score=round(float(signals.fused[row]) - handicap, 4),
            dense=round(float(signals.dense[row]), 4),
            question=round(float(signals.part[row]), 4),
            lexical=round(float(signals.lexical[row]), 4),
        )

    def _unaccounted(self, query: Query, vector: Vectors, best: Passage) -> tuple[tuple[str, float], ...]:
        """Weigh the words that the best section lacks by how far the question's meaning moves without them.

        "Does baclofen cure lupus" without lupus is another question; "my brother's lupus" in a long one about cravings is not.
        """
        words = query.text.split()
        section = self._words_of[section_of(best)]
        lacking = [
            place
            for place, word in enumerate(words)
            if word != self._subject
            and self.vocabulary.is_topical(word)
            and not section.issuperset(self.vocabulary.stems(word))
        ]
        lacking = sorted(lacking, key=lambda place: words[place] not in query.unknown)[:MOST_MEASURED]
        if not lacking:
            return ()
        without = [" ".join(words[:place] + words[place + 1 :]) or self._subject for place in lacking]
        bearing = 1.0 - self.encode(without) @ vector
        return tuple(
            (words[place], round(float(one) * (UNKNOWN_WORD if words[place] in query.unknown else ABSENT_WORD), 4))
            for place, one in zip(lacking, bearing, strict=True)
        )

    def _outcome(self, search: Search) -> str:
        nearest = max((hit.question for hit in search.nearest), default=0.0)
        has_answer = search.query.is_bare or search.unanswered <= nearest + NEARER
        if search.score >= FLOOR and has_answer:
            return "unclear" if self._is_vague(search) else "found"
        best = search.nearest[0].score if search.nearest else 0.0
        if has_answer and best >= FLOOR - NEARLY and best - search.score < LITTLE:
            return "unclear"
        similar = max((max(hit.dense, hit.question) for hit in search.nearest), default=0.0)
        is_ours = self._subject in search.query.text or self._names_a_topic(search.query)
        return "nothing_found" if is_ours or similar >= OFF_TOPIC else "off_topic"

    def _is_vague(self, search: Search) -> bool:
        """Whether nothing but the subject is named, and no question of ours says nearly the same: "is it strong"."""
        words = (word for word in search.query.text.split() if word != self._subject)
        is_plain = not any(self.vocabulary.is_topical(word) for word in words)
        return is_plain and search.nearest[0].question < SAME_QUESTION


def _handicaps(passages: Sequence[Passage]) -> Vectors:
    """Return what each passage is behind by for its place in its section, safety lines not counted."""
    seen: set[Section] = set()
    handicaps = np.zeros(len(passages), dtype=np.float32)
    for row, passage in enumerate(passages):
        if not passage.is_safety_line:
            handicaps[row] = LATER_PASSAGE if section_of(passage) in seen else 0.0
            seen.add(section_of(passage))
    return handicaps
