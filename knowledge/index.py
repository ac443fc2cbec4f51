"""The passage index: everything that answering needs, in one folder that is complete or absent.

    <state>/index/current            one line: the name of the build that serves
    <state>/index/builds/<name>/     manifest.json, corpus.json, keys.json, vectors.npy
                                     (one row a passage, then a question that a section answers, then an unanswered one)

A build is written beside the old one and becomes current by one atomic rename, so a build that is killed at any moment
leaves the old one serving. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.corpus import Corpus, corpus_from_json, corpus_to_json, passage_input, questions_of
from knowledge.encoder import Encoder, Vectors
from knowledge.errors import IndexUnavailableError

FORMAT = 4
# Texts encoded between two reports of progress; large enough that sorting them by length pays.
SLICE = 2048
MEND = "run: askwell knowledge build"


def texts_of(corpus: Corpus) -> list[str]:
    """Return the texts whose vectors an index holds, in its rows' order: passages, questions, unanswered ones."""
    passages = [passage_input(passage, corpus.documents[passage.document_id]) for passage in corpus.passages]
    return [*passages, *(question for _, question in questions_of(corpus)), *corpus.unanswered]


def text_key(encoder_name: str, text: str) -> str:
    """Return the content address of a vector: it depends on the encoder and on the text alone."""
    return hashlib.sha256(f"{encoder_name}\0{text}".encode()).hexdigest()[:24]


def fingerprint(corpus: Corpus, encoder_name: str) -> str:
    """Return the name of the build that these inputs give."""
    data = json.dumps([FORMAT, encoder_name, corpus_to_json(corpus)], sort_keys=True)
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
    """A loaded build: the corpus and its vectors."""

    def __init__(self, corpus: Corpus, vectors: Vectors, *, name: str) -> None:
        """Take finished parts, vectors in the order of `texts_of`; use `load` to read a build."""
        self.corpus = corpus
        self.name = name
        self.passages = vectors[: len(corpus.passages)]
        self.questions = vectors[len(corpus.passages) : len(vectors) - len(corpus.unanswered)]
        self.unanswered = vectors[len(vectors) - len(corpus.unanswered) :]

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
            corpus = corpus_from_json(json.loads((build / "corpus.json").read_text(encoding="utf-8")))
            vectors = np.load(build / "vectors.npy", allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnavailableError(
                f"the index {build.name} is damaged ({type(error).__name__}); {MEND}"
            ) from error
        if manifest.get("format") != FORMAT or manifest.get("encoder") != encoder_name:
            raise IndexUnavailableError(
                f"the index {build.name} was built with {manifest.get('encoder')!r}, wanted {encoder_name!r}; {MEND}"
            )
        wanted = len(corpus.passages) + len(questions_of(corpus)) + len(corpus.unanswered)
        if len(vectors) != wanted:
            raise IndexUnavailableError(f"the index {build.name} has {len(vectors)} vectors, wanted {wanted}; {MEND}")
        return cls(corpus, np.asarray(vectors, dtype=np.float32), name=build.name)


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
    _dump(unfinished / "corpus.json", corpus_to_json(corpus))
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
