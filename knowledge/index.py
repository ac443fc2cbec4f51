"""The passage index: everything that answering needs, in one folder that is complete or absent.

    <state>/index/current            one line: the name of the build that serves
    <state>/index/builds/<name>/     manifest.json, corpus.json, keys.json, vectors.npy
                                     (one row a passage, then one row a section heading)

A build is written beside the old one and becomes current by one atomic rename, so a build that is killed at any moment
leaves the old one serving. Nothing is pickled. FAISS is loaded only by `PassageIndex`.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.document import Document, Passage, Sentence
from knowledge.encoder import Encoder, Vectors
from knowledge.errors import IndexUnavailableError
from knowledge.references import Reference

FORMAT = 2
# Texts encoded between two reports of progress; large enough that sorting them by length pays.
SLICE = 2048
MEND = "run: askwell knowledge build"


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
    """All served documents, their passages in order, and the references they cite."""

    documents: Mapping[str, IndexedDocument]
    passages: tuple[Passage, ...]
    references: Mapping[str, Reference]


def make_corpus(documents: Iterable[Document], references: Mapping[str, Reference], today: datetime.date) -> Corpus:
    """Keep what patients may see: reviewed documents that are not overdue.

    Sentences that cite a key missing from `references` are kept but can't be quoted; `knowledge check` names them.
    """
    served = [document for document in documents if document.is_served(today)]
    return Corpus(
        documents={document.id: _indexed(document) for document in served},
        passages=tuple(passage for document in served for passage in document.passages),
        references=dict(references),
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


def passage_input(passage: Passage, document: IndexedDocument) -> str:
    """Return what is encoded for a passage: title and heading give it the context that its words may lack."""
    return f"{document.title}. {passage.section} {passage.text}".strip()


def headings_of(corpus: Corpus) -> tuple[str, ...]:
    """Return every section heading once, in order. They are written as patients' questions, so queries are near them."""
    return tuple(dict.fromkeys(passage.section for passage in corpus.passages))


def texts_of(corpus: Corpus) -> list[str]:
    """Return the texts whose vectors an index holds, in the order of its rows."""
    passages = [passage_input(passage, corpus.documents[passage.document_id]) for passage in corpus.passages]
    return [*passages, *headings_of(corpus)]


def text_key(encoder_name: str, text: str) -> str:
    """Return the content address of a vector: it depends on the encoder and on the text alone."""
    return hashlib.sha256(f"{encoder_name}\0{text}".encode()).hexdigest()[:24]


def fingerprint(corpus: Corpus, encoder_name: str) -> str:
    """Return the name of the build that these inputs give."""
    data = json.dumps([FORMAT, encoder_name, _corpus_json(corpus)], sort_keys=True)
    return hashlib.sha256(data.encode()).hexdigest()[:16]


def build_index(
    corpus: Corpus,
    encoder: Encoder,
    folder: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> str:
    """Encode what is new, write the build, make it current, and return its name.

    Args:
        corpus: what to index.
        encoder: what encodes it.
        folder: the index folder, created if missing.
        progress: called with (texts done, texts in all) while encoding.
    """
    name = fingerprint(corpus, encoder.name)
    target = folder / "builds" / name
    if not (target / "manifest.json").exists():
        texts = texts_of(corpus)
        keys = [text_key(encoder.name, text) for text in texts]
        vectors = _vectors(texts, keys, encoder, _cached_vectors(folder), progress)
        _write_build(target, corpus, encoder.name, keys, vectors)
    _write_atomically(folder / "current", name + "\n")
    _remove_old_builds(folder, keep=name)
    return name


def current_build(folder: Path) -> Path:
    """Return the folder of the build that serves.

    Raises:
        IndexUnavailableError: nothing was built yet, or the current build is incomplete.
    """
    pointer = folder / "current"
    try:
        build = folder / "builds" / pointer.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise IndexUnavailableError(f"no index at {folder}; {MEND}") from error
    if not (build / "manifest.json").exists():
        raise IndexUnavailableError(f"the index {build.name} at {folder} is incomplete; {MEND}")
    return build


class PassageIndex:
    """A loaded build: the corpus and its vectors, searchable."""

    def __init__(self, corpus: Corpus, vectors: Vectors, *, name: str) -> None:
        """Take finished parts, vectors in the order of `texts_of`; use `load` to read a build."""
        import faiss

        self.corpus = corpus
        self.name = name
        count = len(corpus.passages)
        self._faiss: Any = faiss.IndexFlatIP(vectors.shape[1] if vectors.size else 1)
        if count:
            self._faiss.add(np.ascontiguousarray(vectors[:count]))
        self._headings = vectors[count:]
        places = {heading: row for row, heading in enumerate(headings_of(corpus))}
        self._heading_of = np.array([places[passage.section] for passage in corpus.passages], dtype=np.int64)

    @classmethod
    def load(cls, folder: Path, encoder_name: str) -> PassageIndex:
        """Read the current build of an index folder.

        Raises:
            IndexUnavailableError: none is there, its files are damaged, or another encoder made it.
        """
        return cls.load_build(current_build(folder), encoder_name)

    @classmethod
    def load_build(cls, build: Path, encoder_name: str) -> PassageIndex:
        """Read one build.

        Raises:
            IndexUnavailableError: its files are missing or damaged, or another encoder made it.
        """
        try:
            manifest = json.loads((build / "manifest.json").read_text(encoding="utf-8"))
            corpus = _corpus_from_json(json.loads((build / "corpus.json").read_text(encoding="utf-8")))
            vectors = np.load(build / "vectors.npy", allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnavailableError(
                f"the index {build.name} is damaged ({type(error).__name__}); {MEND}"
            ) from error
        if manifest.get("format") != FORMAT or manifest.get("encoder") != encoder_name:
            raise IndexUnavailableError(
                f"the index {build.name} was built with {manifest.get('encoder')!r}, wanted {encoder_name!r}; {MEND}"
            )
        wanted = len(corpus.passages) + len(headings_of(corpus))
        if len(vectors) != wanted:
            raise IndexUnavailableError(f"the index {build.name} has {len(vectors)} vectors, wanted {wanted}; {MEND}")
        return cls(corpus, np.asarray(vectors, dtype=np.float32), name=build.name)

    def search(self, query_vector: Vectors, count: int) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Return (scores, rows) of the nearest passages to one query, each of shape (count,), best first."""
        scores, rows = self._faiss.search(query_vector.reshape(1, -1), min(count, max(1, len(self.corpus.passages))))
        return scores[0], rows[0]

    def heading_scores(self, query_vector: Vectors, rows: npt.NDArray[np.int64]) -> Vectors:
        """Return how near one query is to the section headings of some passages, shape (len(rows),)."""
        scores: Vectors = np.asarray(self._headings @ query_vector, dtype=np.float32)[self._heading_of[rows]]
        return scores


def _vectors(
    texts: Sequence[str],
    keys: Sequence[str],
    encoder: Encoder,
    cached: Mapping[str, Vectors],
    progress: Callable[[int, int], None] | None,
) -> Vectors:
    """Encode in slices, so that memory stays flat and progress can be told; reuse vectors of unchanged texts."""
    new = sorted(
        {key: row for row, key in enumerate(keys) if key not in cached}.values(), key=lambda row: len(texts[row])
    )
    fresh: dict[str, Vectors] = {}
    for begin in range(0, len(new), SLICE):
        rows = new[begin : begin + SLICE]
        for row, vector in zip(rows, encoder.encode_passages([texts[row] for row in rows]), strict=True):
            fresh[keys[row]] = vector
        if progress:
            progress(min(begin + SLICE, len(new)), len(new))
    if not keys:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([fresh[key] if key in fresh else cached[key] for key in keys])


def _cached_vectors(folder: Path) -> Mapping[str, Vectors]:
    """Return the vectors of the current build by content address; nothing if there is no usable build."""
    try:
        build = current_build(folder)
        keys = json.loads((build / "keys.json").read_text(encoding="utf-8"))
        vectors = np.load(build / "vectors.npy", allow_pickle=False)
    except (IndexUnavailableError, OSError, ValueError):
        return {}
    return dict(zip(keys, vectors, strict=False))


def _write_build(target: Path, corpus: Corpus, encoder_name: str, keys: Sequence[str], vectors: Vectors) -> None:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    np.save(unfinished / "vectors.npy", vectors, allow_pickle=False)
    _dump(unfinished / "keys.json", list(keys))
    _dump(unfinished / "corpus.json", _corpus_json(corpus))
    _dump(
        unfinished / "manifest.json",
        {
            "format": FORMAT,
            "encoder": encoder_name,
            "documents": len(corpus.documents),
            "passages": len(corpus.passages),
            "dimension": int(vectors.shape[1]),
        },
    )
    shutil.rmtree(target, ignore_errors=True)
    os.replace(unfinished, target)


def _remove_old_builds(folder: Path, *, keep: str) -> None:
    """Keep the current build and the one before it: a server may still be reading that one."""
    builds = sorted((folder / "builds").iterdir(), key=lambda path: path.stat().st_mtime)
    for path in [path for path in builds if path.name != keep][:-1]:
        shutil.rmtree(path, ignore_errors=True)


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def _dump(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _corpus_json(corpus: Corpus) -> dict[str, Any]:
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
    }


def _corpus_from_json(data: dict[str, Any]) -> Corpus:
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
    )
