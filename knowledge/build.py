"""Builds the index from the reviewed documents, if anything changed."""

from __future__ import annotations

from collections.abc import Callable

from knowledge.corpus import Corpus, make_corpus, read_unanswered, read_wordings
from knowledge.document import read_corpus
from knowledge.encoder import SentenceTransformerEncoder, encoder_name
from knowledge.errors import DocumentError, IndexUnavailableError
from knowledge.index import build_index, current_build, fingerprint
from knowledge.references import read_references
from knowledge.settings import KnowledgeSettings, documents_folder, load_settings, state_folder, today


def load_corpus() -> Corpus:
    """Read documents and references and keep what patients may see.

    Raises:
        KnowledgeError: a document or references.json is not usable, or nothing is left to serve.
    """
    folder = documents_folder()
    corpus = make_corpus(
        read_corpus(folder / "documents"),
        read_references(folder / "references.json"),
        today(),
        read_wordings(folder / "asked.yml"),
        read_unanswered(folder / "unanswered.txt"),
    )
    if not corpus.passages:
        raise DocumentError(
            f"no reviewed document in {folder / 'documents'} that is not overdue; run: askwell knowledge check"
        )
    return corpus


def is_current() -> bool:
    """Whether the index was built from documents, references and encoder as they are now. Does not load the encoder.

    Raises:
        KnowledgeError: see `load_corpus`.
    """
    return _is_current(load_corpus(), load_settings())


def _is_current(corpus: Corpus, settings: KnowledgeSettings) -> bool:
    try:
        return current_build(state_folder() / "index").name == fingerprint(corpus, encoder_name(settings))
    except IndexUnavailableError:
        return False


def build_knowledge(say: Callable[[str], None], progress: Callable[[int, int], None] | None = None) -> str:
    """Bring the index up to date and return its name.

    Args:
        say: told what is being done.
        progress: called with (texts done, texts in all) while encoding.

    Raises:
        KnowledgeError: see `load_corpus`; also if the encoder is not usable.
    """
    settings = load_settings()
    corpus = load_corpus()
    folder = state_folder() / "index"
    if _is_current(corpus, settings):
        return current_build(folder).name
    say(f"Indexing {len(corpus.passages)} passages of {len(corpus.documents)} documents")
    return build_index(corpus, SentenceTransformerEncoder(settings), folder, progress=progress)
