"""Composition: from hits to an answer made of sentences that stand verbatim in the documents.

Chooses sentences, never words: the one that answers first, then others that add references, and always both sides where
references disagree. Deterministic: equal hits give an equal answer.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from actions.hedging import EVIDENCE_KINDS, disagree
from knowledge.corpus import Corpus, section_of
from knowledge.document import Passage, Sentence
from knowledge.query import Vocabulary
from knowledge.references import Reference
from knowledge.retriever import Hit, Search

MOST_STATEMENTS = 5
MOST_OF_ONE_PASSAGE = 3
# More warnings than these are not read; those of the section that answers come first.
MOST_SAFETY_LINES = 2
# A passage much weaker than the best one is about something else; it would pad the answer, not add to it.
SHARE_OF_BEST = 0.84
# So is one of another section whose questions are less like the query than those of the section that answers, by this much, or
# less like it than this.
LESS_LIKE, LEAST_LIKE = 0.08, 0.70
# The first sentence of a passage is written to answer its heading; words of the question in a sentence count more.
FIRST_SENTENCE = 0.06
SHARED_WORDS = 0.20
# Two sentences that share more of their words than this say the same thing.
SAME_WORDS = 0.60
# A sentence that begins like this is only understood behind the one before it.
_LEANING = re.compile(r"(?:It|They|This|These|That|Those|Such|He|She|Their|Its|However|But|Also|Instead)\b")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A sentence chosen for the answer, with its passage and its references."""

    passage: Passage
    sentence: Sentence
    references: tuple[Reference, ...]
    score: float

    @property
    def evidence(self) -> tuple[Reference, ...]:
        """The studies whose result it tells; none if it states a fact that a label or an agency also gives."""
        tells_result = all(reference.direction != "none" for reference in self.references)
        return tuple(one for one in self.references if one.kind in EVIDENCE_KINDS) if tells_result else ()

    @property
    def key(self) -> tuple[str, int]:
        """What tells two selected sentences apart."""
        return self.passage.id, self.sentence.start


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What will be said: statements in order, safety lines of their sections, and whether the sources disagree."""

    statements: tuple[Selected, ...]
    safety_lines: tuple[Selected, ...]
    disagreement: bool

    @property
    def basis(self) -> tuple[Reference, ...]:
        """The references that say how sure the answer is: the studies whose results lead it, or else those of its facts."""
        lead = [one for one in self.statements if one.passage.id == self.statements[0].passage.id]
        evidence = [reference for one in lead for reference in one.evidence]
        cited = [reference for one in lead for reference in one.references]
        facts = [reference for reference in cited if reference.direction == "none"]
        return tuple(dict.fromkeys(evidence or facts or cited))


def compose(search: Search, corpus: Corpus, vocabulary: Vocabulary, *, evidence_first: bool = False) -> Answer | None:
    """Return the answer to a query, or None if no hit holds a sentence that may be quoted.

    With `evidence_first`, sentences that tell what studies found come before plain facts.
    """
    if not search.hits:
        return None
    best = search.nearest[0].score
    near = [hit for hit in search.hits if hit.score >= SHARE_OF_BEST * best and _bears_on(hit, search, vocabulary)]
    candidates = sorted(
        _candidates(near, search, corpus, vocabulary),
        key=lambda one: (evidence_first and not one.evidence, -one.score, one.key),
    )
    if not evidence_first:
        candidates = _opened_by(search.hits[0].passage, candidates)
    chosen = _choose(candidates, vocabulary)
    if not chosen:
        return None
    chosen = _in_reading_order(_with_both_sides(chosen, search, corpus, vocabulary))
    return Answer(
        statements=tuple(chosen),
        safety_lines=tuple(itertools.islice(_safety_lines(chosen, corpus), MOST_SAFETY_LINES)),
        disagreement=disagree(reference for one in chosen for reference in one.evidence),
    )


def _opened_by(passage: Passage, candidates: Sequence[Selected]) -> list[Selected]:
    """Put the best sentence of the passage that answers best before all others."""
    opening = next((one for one in candidates if one.passage.id == passage.id), None)
    return sorted(candidates, key=lambda one: one is not opening) if opening else list(candidates)


def _bears_on(hit: Hit, search: Search, vocabulary: Vocabulary) -> bool:
    """Whether a passage is of the section that answers, or of one asked for nearly alike that shares more than the subject."""
    best = search.nearest[0]
    if section_of(hit.passage) == section_of(best.passage):
        return True
    if hit.question < max(best.question - LESS_LIKE, LEAST_LIKE):
        return False
    if hit.passage.document_id == best.passage.document_id:
        return True
    wanted = set(search.query.terms) - set(vocabulary.stems(vocabulary.subject))
    return bool(wanted & set(vocabulary.stems(f"{hit.passage.section} {hit.passage.text}")))


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
        group = [one for one in (*_leads_up_to(candidate, candidates), candidate) if one not in chosen]
        from_passage = sum(1 for one in chosen if one.passage.id == candidate.passage.id)
        if len(chosen) + len(group) > MOST_STATEMENTS or from_passage + len(group) > MOST_OF_ONE_PASSAGE:
            continue
        if candidate not in chosen and not any(_say_the_same(candidate, one, vocabulary) for one in chosen):
            chosen += group
    return chosen


def _leads_up_to(candidate: Selected, candidates: Sequence[Selected]) -> list[Selected]:
    """Return what must be said before a sentence: its passage's first, and those between that a leaning one rests on."""
    sentences = candidate.passage.sentences
    position = sentences.index(candidate.sentence)
    first = position
    while first > 0 and _LEANING.match(sentences[first].text):
        first -= 1
    before = (sentences[0], *sentences[first:position]) if position else ()
    found = (one for one in candidates if one.passage.id == candidate.passage.id and one.sentence in before)
    return sorted(found, key=lambda one: one.sentence.start)


def _in_reading_order(chosen: Sequence[Selected]) -> list[Selected]:
    """Keep passages in the order of their best sentence, and the sentences of each as the document has them."""
    order = list(dict.fromkeys(one.passage.id for one in chosen))
    return sorted(chosen, key=lambda one: (order.index(one.passage.id), one.sentence.start))


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
            if any(reference.topic == topic and reference.direction == missing for reference in one.evidence)
            and not _LEANING.match(one.sentence.text)
        ]
        if others:
            addition = max(others, key=lambda one: one.score)
            chosen = [*chosen[: MOST_STATEMENTS - 1], addition]
    return chosen


def _one_sided_topics(chosen: Sequence[Selected]) -> list[tuple[str, str]]:
    evidence = [reference for one in chosen for reference in one.evidence]
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
