"""Builders of values for tests: documents, references and an encoder that needs no model."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.corpus import Corpus, make_corpus
from knowledge.document import Document, parse_document
from knowledge.encoder import Vectors
from knowledge.index import PassageIndex, texts_of
from knowledge.query import tokens
from knowledge.references import Reference
from knowledge.retriever import Retriever

TODAY = datetime.date(2026, 11, 20)

COCAINE = """\
---
id: cocaine
title: Baclofen and cocaine
status: reviewed
reviewed_by: A reviewer
reviewed_on: 2026-11-01
review_due: 2027-11-01
audience: patients
language: en
topics: [cocaine]
---

## Does baclofen help people who use cocaine?

Baclofen is not a proven treatment for cocaine use. [@small; @large] In a small early trial, people on baclofen used less cocaine. [@small]

In a larger trial, baclofen and a dummy pill did not differ for cocaine use. [@large]

> Cocaine may hold fentanyl, so naloxone can save a life. [@label]
"""

SIDE_EFFECTS = """\
---
id: side-effects
title: Side effects of baclofen
status: reviewed
reviewed_by: A reviewer
reviewed_on: 2026-11-01
review_due: 2027-11-01
audience: patients
language: en
topics: [safety]
---

## What are the side effects of baclofen?

Common side effects of baclofen are that people feel sleepy, dizzy and weak. [@label]

- Call for help if a person on baclofen cannot be woken. [@label]
- Call for help if a person on baclofen has a seizure. [@label]
"""


class WordEncoder:
    """A fake encoder: each word adds to one of 64 places of the vector, so texts that share words are near."""

    name = "words"
    words: frozenset[str] = frozenset()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self.encode_queries(texts)

    def _vector(self, text: str) -> Any:
        vector = np.zeros(64, dtype=np.float32)
        for word in tokens(text):
            vector[sum(map(ord, word)) * 7 % 64] += 1.0
        return vector / max(float(np.linalg.norm(vector)), 1e-6)


def make_document(text: str = COCAINE, **changes: str) -> Document:
    """Parse a document; `changes` replace lines of its front matter."""
    lines = [
        f"{line.split(':')[0]}: {changes[line.split(':')[0]]}" if line.split(":")[0] in changes else line
        for line in text.split("\n")
    ]
    return parse_document("\n".join(lines), Path("document.md"))


def make_reference(identifier: str, **changes: Any) -> Reference:
    """Make a reference of an early positive trial on cocaine, with changes."""
    values: dict[str, Any] = {
        "id": identifier,
        "text": f"{identifier.title()} 2003, A trial",
        "url": f"https://doi.org/10.1/{identifier}",
        "kind": "randomised trial",
        "direction": "supports",
        "topic": "cocaine",
        "population": "70 adults",
        "year": 2003,
        "is_small": True,
    }
    return Reference(**{**values, **changes})


REFERENCES = {
    "small": make_reference("small"),
    "large": make_reference("large", direction="against", is_small=False, year=2009),
    "label": make_reference("label", kind="drug label", direction="none", topic="safety"),
}


def make_test_corpus(*texts: str) -> Corpus:
    """Make a corpus of documents; without texts, of the two above."""
    documents = [make_document(text) for text in texts or (COCAINE, SIDE_EFFECTS)]
    return make_corpus(documents, REFERENCES, TODAY)


def make_retriever(corpus: Corpus | None = None) -> Retriever:
    """Make a retriever with the fake encoder."""
    corpus = corpus or make_test_corpus()
    encoder = WordEncoder()
    return Retriever(PassageIndex(corpus, encoder.encode_passages(texts_of(corpus)), name="test"), encoder)


def write_knowledge(folder: Path, *texts: str) -> Path:
    """Write documents and their references as files; return the folder for ASKWELL_KNOWLEDGE."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    for text in texts or (COCAINE, SIDE_EFFECTS):
        document = make_document(text)
        (folder / "documents" / f"{document.id}.md").write_text(text, encoding="utf-8")
    items = [
        {
            "id": one.id,
            "type": "article-journal",
            "title": "A trial",
            "author": [{"family": one.id.title()}],
            "issued": {"date-parts": [[one.year]]},
            "DOI": f"10.1/{one.id}",
            "custom": {"kind": one.kind, "direction": one.direction, "topic": one.topic, "small": one.is_small},
        }
        for one in REFERENCES.values()
    ]
    (folder / "references.json").write_text(json.dumps(items), encoding="utf-8")
    return folder
