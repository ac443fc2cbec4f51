"""Composition: from hits to an answer made of sentences that stand verbatim in the documents.

Chooses sentences, never words: the one that answers first, then others that add references, and always both sides where
references disagree. Deterministic: equal hits give an equal answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from actions.hedging import EVIDENCE_KINDS, disagree
from knowledge.document import Passage, Sentence
from knowledge.index import Corpus
from knowledge.query import Vocabulary
from knowledge.references import Reference
from knowledge.retriever import Hit, Search

MOST_STATEMENTS = 5
# A passage much weaker than the best one is about something else; it would pad the answer, not add to it.
SHARE_OF_BEST = 0.78
# The first sentence of a passage is written to answer its heading; words of the question in a sentence count more.
FIRST_SENTENCE = 0.06
SHARED_WORDS = 0.20
# Two sentences that share more of their words than this say the same thing.
SAME_WORDS = 0.60


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A sentence chosen for the answer, with its passage and its references."""

    passage: Passage
    sentence: Sentence
    references: tuple[Reference, ...]
    score: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What will be said: statements in order, safety lines of their sections, and whether the sources disagree."""

    statements: tuple[Selected, ...]
    safety_lines: tuple[Selected, ...]
    disagreement: bool

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every reference of the statements, in order, each once."""
        return tuple(dict.fromkeys(reference for one in self.statements for reference in one.references))


def compose(search: Search, corpus: Corpus, vocabulary: Vocabulary) -> Answer | None:
    """Return the answer to a query, or None if no hit holds a sentence that may be quoted."""
    if not search.hits:
        return None
    best = search.hits[0].score
    near = [hit for hit in search.hits if hit.score >= SHARE_OF_BEST * best]
    candidates = sorted(_candidates(near, search, corpus, vocabulary), key=lambda one: (-one.score, one.passage.id))
    chosen = _choose(candidates, vocabulary)
    if not chosen:
        return None
    chosen = _with_both_sides(chosen, search, corpus, vocabulary)
    references = [reference for one in chosen for reference in one.references]
    return Answer(
        statements=tuple(chosen),
        safety_lines=tuple(_safety_lines(chosen, corpus)),
        disagreement=disagree(references),
    )


def _candidates(hits: Iterable[Hit], search: Search, corpus: Corpus, vocabulary: Vocabulary) -> Iterator[Selected]:
    wanted = set(search.query.terms)
    for hit in hits:
        if hit.passage.is_safety_line:
            continue
        for position, sentence in enumerate(hit.passage.sentences):
            references = _known(sentence, corpus)
            if not references:
                continue
            shared = len(wanted & set(vocabulary.stems(sentence.text))) / max(1, len(wanted))
            score = hit.score + SHARED_WORDS * shared + (FIRST_SENTENCE if position == 0 else 0.0)
            yield Selected(passage=hit.passage, sentence=sentence, references=references, score=round(score, 4))


def _known(sentence: Sentence, corpus: Corpus) -> tuple[Reference, ...]:
    return tuple(corpus.references[key] for key in sentence.references if key in corpus.references)


def _choose(candidates: Sequence[Selected], vocabulary: Vocabulary) -> list[Selected]:
    """Take the best, then the best of the rest that neither repeats what is said nor crowds in from one passage."""
    chosen: list[Selected] = []
    for candidate in candidates:
        if len(chosen) == MOST_STATEMENTS:
            break
        from_passage = sum(1 for one in chosen if one.passage.id == candidate.passage.id)
        if from_passage < 2 and not any(_say_the_same(candidate, one, vocabulary) for one in chosen):
            chosen.append(candidate)
    return chosen


def _say_the_same(one: Selected, other: Selected, vocabulary: Vocabulary) -> bool:
    words, others = set(vocabulary.stems(one.sentence.text)), set(vocabulary.stems(other.sentence.text))
    return len(words & others) > SAME_WORDS * min(len(words), len(others)) if words and others else False


def _with_both_sides(chosen: list[Selected], search: Search, corpus: Corpus, vocabulary: Vocabulary) -> list[Selected]:
    """Add the best sentence of the missing side for every topic on which only one side was chosen."""
    for topic, missing in _one_sided_topics(chosen):
        rest = _candidates(search.nearest, search, corpus, vocabulary)
        others = [
            one
            for one in rest
            if any(
                reference.topic == topic and reference.direction == missing and reference.kind in EVIDENCE_KINDS
                for reference in one.references
            )
        ]
        if others:
            addition = max(others, key=lambda one: one.score)
            chosen = [*chosen[: MOST_STATEMENTS - 1], addition]
    return chosen


def _one_sided_topics(chosen: Sequence[Selected]) -> list[tuple[str, str]]:
    evidence = [reference for one in chosen for reference in one.references if reference.kind in EVIDENCE_KINDS]
    topics = dict.fromkeys(reference.topic for reference in evidence if reference.direction in ("supports", "against"))
    sides = {(reference.topic, reference.direction) for reference in evidence}
    opposite = {"supports": "against", "against": "supports"}
    return [
        (topic, opposite[direction])
        for topic in topics
        for direction in opposite
        if (topic, direction) in sides and (topic, opposite[direction]) not in sides
    ]


def _safety_lines(chosen: Sequence[Selected], corpus: Corpus) -> Iterator[Selected]:
    """Yield the safety lines of the sections that were quoted, each once."""
    sections = dict.fromkeys((one.passage.document_id, one.passage.section) for one in chosen)
    for passage in corpus.passages:
        if passage.is_safety_line and (passage.document_id, passage.section) in sections:
            for sentence in passage.sentences:
                yield Selected(passage=passage, sentence=sentence, references=_known(sentence, corpus), score=0.0)
