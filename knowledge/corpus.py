"""The corpus: what may be served of all documents, as one value that is written into every index build."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from knowledge.document import Document, Passage, Sentence
from knowledge.errors import SettingsError
from knowledge.references import Reference
from knowledge.settings import read_mapping

Wordings = Mapping[str, Mapping[str, tuple[str, ...]]]
Section = tuple[str, str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IndexedDocument:
    """What an answer needs to know of a document."""

    id: str
    title: str
    reviewed_on: datetime.date
    review_due: datetime.date
    topics: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All served documents, their passages in order, and the references they cite.

    `wordings` holds, by document and heading, other ways in which patients ask what a section answers; `unanswered`,
    questions near the documents' topics that none of them answers.
    """

    documents: Mapping[str, IndexedDocument]
    passages: tuple[Passage, ...]
    references: Mapping[str, Reference]
    wordings: Wordings = dataclasses.field(default_factory=dict)
    unanswered: tuple[str, ...] = ()


def make_corpus(
    documents: Iterable[Document],
    references: Mapping[str, Reference],
    today: datetime.date,
    wordings: Wordings | None = None,
    unanswered: Sequence[str] = (),
) -> Corpus:
    """Keep what patients may see: reviewed documents that are not overdue.

    Sentences that cite a key missing from `references` are kept but can't be quoted; `knowledge check` names them.
    """
    served = [document for document in documents if document.is_served(today)]
    return Corpus(
        documents={document.id: _indexed(document) for document in served},
        passages=tuple(passage for document in served for passage in document.passages),
        references=dict(references),
        wordings={document.id: (wordings or {}).get(document.id, {}) for document in served},
        unanswered=tuple(unanswered),
    )


def _indexed(document: Document) -> IndexedDocument:
    assert document.review_due is not None  # is_served() requires it
    return IndexedDocument(
        id=document.id,
        title=document.title,
        reviewed_on=document.reviewed_on or document.review_due,
        review_due=document.review_due,
        topics=document.topics,
    )


def read_wordings(path: Path) -> Wordings:
    """Read the wordings of sections; an absent file means that there are none.

    Raises:
        SettingsError: the file is not a mapping of document to heading to a list of texts.
    """
    if not path.exists():
        return {}
    try:
        return {
            str(document): {str(heading): tuple(map(str, texts)) for heading, texts in headings.items()}
            for document, headings in read_mapping(path).items()
        }
    except (AttributeError, TypeError) as error:
        raise SettingsError(f"{path} must map documents to headings to lists of wordings: {error}") from error


def read_unanswered(path: Path) -> tuple[str, ...]:
    """Read the questions that no document answers, one a line, # before a remark; an absent file means that there are none."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.startswith("#")))


def section_of(passage: Passage) -> Section:
    """Return what tells the section of a passage from all others."""
    return passage.document_id, passage.section


def passage_input(passage: Passage, document: IndexedDocument) -> str:
    """Return what is encoded for a passage: title and heading give it the context that its words may lack."""
    return f"{document.title}. {passage.section} {passage.text}".strip()


def questions_of(corpus: Corpus) -> tuple[tuple[Section, str], ...]:
    """Return the questions that each section answers: its heading and its wordings.

    A document's title asks for its first section: who types no more than "baclofen and cocaine" wants the main point.
    """
    questions: dict[tuple[Section, str], None] = {}
    seen: set[str] = set()
    for passage in corpus.passages:
        section = section_of(passage)
        questions[section, passage.section] = None
        if passage.document_id not in seen:
            questions[section, corpus.documents[passage.document_id].title] = None
        seen.add(passage.document_id)
        for wording in corpus.wordings.get(passage.document_id, {}).get(passage.section, ()):
            questions[section, wording] = None
    return tuple(questions)


def corpus_to_json(corpus: Corpus) -> dict[str, Any]:
    """Return the corpus as plain values."""
    return {
        "documents": [
            {
                **dataclasses.asdict(one),
                "reviewed_on": one.reviewed_on.isoformat(),
                "review_due": one.review_due.isoformat(),
            }
            for one in corpus.documents.values()
        ],
        "passages": [dataclasses.asdict(passage) for passage in corpus.passages],
        "references": [dataclasses.asdict(reference) for reference in corpus.references.values()],
        "wordings": corpus.wordings,
        "unanswered": list(corpus.unanswered),
    }


def corpus_from_json(data: dict[str, Any]) -> Corpus:
    """Return the corpus that `corpus_to_json` gave."""
    documents = [
        IndexedDocument(
            id=one["id"],
            title=one["title"],
            reviewed_on=datetime.date.fromisoformat(one["reviewed_on"]),
            review_due=datetime.date.fromisoformat(one["review_due"]),
            topics=tuple(one["topics"]),
        )
        for one in data["documents"]
    ]
    passages = [
        Passage(
            **{
                **one,
                "sentences": tuple(Sentence(**{**s, "references": tuple(s["references"])}) for s in one["sentences"]),
            }
        )
        for one in data["passages"]
    ]
    return Corpus(
        documents={document.id: document for document in documents},
        passages=tuple(passages),
        references={one["id"]: Reference(**one) for one in data["references"]},
        wordings={
            document: {heading: tuple(texts) for heading, texts in headings.items()}
            for document, headings in data["wordings"].items()
        },
        unanswered=tuple(data["unanswered"]),
    )
