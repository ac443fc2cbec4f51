"""Answers of one index build to a list of questions, as JSON lines: what `askwell knowledge diff` compares.

Run as `python -m actions.answers BUILD`, questions on standard input, a line each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from actions.phrases import load_phrases
from actions.turn import Means, Message, answer_turn
from bot.guardrails import Guard
from bot.settings import load_settings as load_service_settings
from knowledge.encoder import SentenceTransformerEncoder
from knowledge.errors import KnowledgeError
from knowledge.helplines import read_helplines
from knowledge.index import PassageIndex
from knowledge.retriever import Retriever
from knowledge.settings import load_settings, today


def main(arguments: list[str]) -> int:
    """Print {"question", "text"} for every question; returns 2 if the build cannot be used."""
    settings = load_settings()
    encoder = SentenceTransformerEncoder(settings)
    try:
        index = PassageIndex.load_build(Path(arguments[0]), encoder.name)
    except KnowledgeError as error:
        print(f"askwell: {error}", file=sys.stderr)
        return 2
    means = Means(
        guard=Guard.load(),
        retriever=Retriever(index, encoder, settings),
        phrases=load_phrases(),
        helplines=read_helplines(load_service_settings().country),
    )
    for line in sys.stdin:
        turn = answer_turn(Message(text=line.strip()), means=means, today=today())
        text = turn.reply.text if turn.reply else f"({turn.response})"
        print(json.dumps({"question": line.strip(), "text": text}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
