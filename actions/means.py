"""What answering needs, loaded once a process and renewed when a new index has become current."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Mapping
from typing import Any

from actions.phrases import load_phrases
from actions.turn import Means, find
from bot.guardrails import Guard
from bot.settings import load_settings as load_service_settings
from knowledge.encoder import Encoder, SentenceTransformerEncoder
from knowledge.errors import IndexUnavailableError
from knowledge.followup import Previous
from knowledge.helplines import Helplines, read_helplines
from knowledge.index import PassageIndex, current_build
from knowledge.retriever import Retriever, Search
from knowledge.settings import KnowledgeSettings, load_settings, state_folder, today

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_loaded: tuple[Means, Encoder, KnowledgeSettings] | None = None


def load_means() -> Means:
    """Load encoder, index, guard and phrases. Takes seconds: the action server calls it before it says it is ready.

    Raises:
        KnowledgeError: a setting, the encoder or the index is not usable.
    """
    global _loaded  # one per process: rasa-sdk makes the action objects itself and hands them nothing
    with _lock:
        settings = load_settings()
        encoder = SentenceTransformerEncoder(settings)
        means = Means(
            guard=Guard.load(),
            retriever=_retriever(encoder, settings),
            phrases=load_phrases(),
            helplines=read_helplines(load_service_settings().country),
        )
        means.retriever.encode(["warm up"])
        _loaded = (means, encoder, settings)
    return means


def means_now() -> Means:
    """Return what was loaded, with the index that is current now. A new index that can't be read leaves the old one."""
    global _loaded
    if _loaded is None:
        return load_means()
    means, encoder, settings = _loaded
    try:
        name = current_build(state_folder() / "index").name
        if name == means.retriever.index_name:
            return means
        with _lock:
            renewed = Means(
                guard=means.guard,
                retriever=_retriever(encoder, settings),
                phrases=means.phrases,
                helplines=means.helplines,
            )
            _loaded = (renewed, encoder, settings)
        logger.info("Now serving index %s", name)
        return renewed
    except IndexUnavailableError as error:
        logger.error("The new index cannot be used, the old one goes on: %s", error)
        return means


def use_helplines(helplines: Helplines) -> None:
    """Show these help lines from now on: conversation tests take place in several countries."""
    global _loaded
    means_now()
    assert _loaded is not None
    means, encoder, settings = _loaded
    _loaded = (dataclasses.replace(means, helplines=helplines), encoder, settings)


def explain(utterance: str, slots: Mapping[str, Any]) -> Search:
    """Return what an action would find for a message, given the slots before it."""
    query = slots.get("last_question")
    previous = Previous(query=query, shown=tuple(slots.get("last_passages") or ())) if query else None
    return find(utterance, previous, means_now().retriever, today())[1]


def _retriever(encoder: Encoder, settings: KnowledgeSettings) -> Retriever:
    index = PassageIndex.load(state_folder() / "index", encoder.name)
    return Retriever(index, encoder, settings)
