"""Values for the tests of conversation tests: a reply that cites, its turn, a suite on disk, a bot without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.conversation_tests.cases import Case, Step, read_suite
from bot.conversation_tests.drivers import UnsupportedCaseError
from bot.conversation_tests.turns import Turn
from bot.receipt import receipt_for
from bot.reply import Citation, CitedReference, Hedge, Reply, Resource, Statement

DOCUMENT = "Baclofen is not proven for cocaine. It can make people sleepy."
DOCUMENTS = {"cocaine": DOCUMENT}
QUOTE = "Baclofen is not proven for cocaine."
LINE = Resource(name="Crisis line", contact="Call 988", href="tel:988", hours="24/7")


def answer(**changes: Any) -> Reply:
    """Return a reply that cites one sentence."""
    reference = CitedReference(id="kahn2009", text="Kahn 2009", url=None, kind="randomised trial", year=2009)
    citation = Citation(
        number=1,
        document_id="cocaine",
        passage_id="cocaine#1",
        title="Cocaine",
        section="Does it help?",
        quote=QUOTE,
        start=0,
        end=len(QUOTE),
        url=None,
        reviewed="2026-11-01",
        references=(reference,),
    )
    reply = Reply(
        route="answer",
        category="evidence",
        text=f"The evidence is mixed.\n\n{QUOTE} [1]\n\n- Crisis line: Call 988",
        hedge=Hedge(level="mixed", text="The evidence is mixed."),
        disagreement=True,
        statements=(Statement(text=QUOTE, citations=(1,)),),
        citations=(citation,),
        resources=(LINE,),
        suggestions=("Is it safe?",),
    )
    return reply.replace(**changes)


EVENTS: tuple[Mapping[str, Any], ...] = (
    {
        "event": "user",
        "text": "does it help",
        "parse_data": {
            "intent": {"name": "question", "confidence": 0.9},
            "guard": {"route": "pass", "category": None, "layer": "none", "rule": None, "score": None},
        },
    },
    {"event": "action", "name": "action_answer_question"},
    {"event": "slot", "name": "last_question", "value": "does it help"},
    {"event": "bot", "text": "…", "metadata": {"utter_action": "utter_greet"}},
)


def turn(reply: Reply | None = None, **changes: Any) -> Turn:
    """Return a turn with a receipt that belongs to it."""
    reply = reply or answer()
    said = ("does it help",)
    values: dict[str, Any] = {
        "said": said,
        "reply": reply if reply.receipt else reply.replace(receipt=receipt_for(said, reply)),
        "events": EVENTS,
        "slots": {},
        "seconds": 0.1,
    }
    return Turn(**{**values, **changes})


def suite(folder: Path, text: str, name: str = "suite.yml") -> list[Case]:
    """Write a suite and read its cases."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_suite(path)


def step_of(folder: Path, assertions: str) -> Step:
    """Return a step that holds some assertions, given as the lines of a YAML list."""
    lines = "".join(f"          {line}\n" for line in assertions.splitlines())
    text = f"test_cases:\n  - test_case: one\n    steps:\n      - user: does it help\n        assertions:\n{lines}"
    return suite(folder, text)[0].steps[0]


class ScriptedDriver:
    """A bot that answers from a script, one list of replies a conversation, over and over."""

    def __init__(self, *conversations: Sequence[Reply], refuses: str = "") -> None:
        self._conversations, self._refuses, self.begun = conversations, refuses, 0
        self.scenes: list[tuple[str | None, str | None]] = []

    async def begin(self, case: Case) -> str:
        if self._refuses:
            raise UnsupportedCaseError(self._refuses)
        self.begun += 1
        return str((self.begun - 1) % len(self._conversations))

    async def say(self, sender: str, step: Step, said: tuple[str, ...]) -> Turn:
        return turn(self._conversations[int(sender)][len(said)], said=(*said, step.user))

    async def end(self, sender: str) -> None:
        pass

    def set_scene(self, country: str | None, day: str | None) -> None:
        self.scenes.append((country, day))
