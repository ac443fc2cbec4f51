"""Judging a turn: each assertion passes, fails with what was wanted and what was found, or can't be told here.

Everything is compared exactly; nothing here asks a model. `text_similar_to` is a plain ratio of equal characters, and only used
where a case asks for it.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.channel.payload import plain_text
from bot.conversation_tests.cases import Assertion, Step
from bot.conversation_tests.schema import KINDS, UNSUPPORTED, matches
from bot.conversation_tests.turns import Event, Turn
from bot.receipt import ReceiptError, digest_of, read_receipt
from bot.reply import Reply
from knowledge.reading import reading_grade
from knowledge.wording import dose_amounts

PASSED, FAILED, UNTOLD = "passed", "failed", "unsupported"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one assertion; `wanted` and `found` are for people."""

    assertion: Assertion
    outcome: str
    wanted: str = ""
    found: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class _Verdict:
    """`place` is the index of the event that satisfied the assertion, None where events play no part."""

    holds: bool
    wanted: str
    found: str
    place: int | None = None


Documents = Mapping[str, str]  # normalised text by document id


def judge(step: Step, turn: Turn, documents: Documents) -> tuple[Finding, ...]:
    """Judge all assertions of a step."""
    findings, begin = [], 0
    for assertion in step.assertions:
        reason = _why_untold(assertion, turn)
        if reason is not None:
            findings.append(Finding(assertion=assertion, outcome=UNTOLD, wanted=assertion.kind, found=reason))
            continue
        verdict = _CHECKS[assertion.kind](assertion.value, turn, documents, begin)
        if step.in_order and verdict.place is not None:
            begin = verdict.place
        outcome = PASSED if verdict.holds else FAILED
        findings.append(Finding(assertion=assertion, outcome=outcome, wanted=verdict.wanted, found=verdict.found))
    return tuple(findings)


def _why_untold(assertion: Assertion, turn: Turn) -> str | None:
    if assertion.kind in UNSUPPORTED:
        return UNSUPPORTED[assertion.kind]
    needs_events = KINDS[assertion.kind].from_events or (
        assertion.kind in ("bot_uttered", "bot_did_not_utter") and "utter_name" in assertion.value
    )
    return "the service does not tell its events; see --api-token" if needs_events and turn.events is None else None


def _action_executed(value: str, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    place = _first(turn, begin, lambda event: event.get("event") == "action" and event.get("name") == value)
    return _Verdict(place is not None, f"action {value}", _listed(turn.actions), place)


def _slot_was_set(value: Sequence[Mapping[str, Any]], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    place = begin
    for slot in value:
        found = _first(turn, begin, functools.partial(_sets, slot=slot))
        if found is None:
            return _Verdict(False, f"slot {_shown(slot)}", _slots_set(turn))
        place = max(place, found)
    return _Verdict(True, "", "", place)


def _slot_was_not_set(value: Sequence[Mapping[str, Any]], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    for slot in value:
        if any(_sets(event, slot) for event in turn.events or ()):
            return _Verdict(False, f"slot {_shown(slot)} not set", _slots_set(turn))
    return _Verdict(True, "", "")


def _sets(event: Event, slot: Mapping[str, Any]) -> bool:
    if event.get("event") != "slot" or event.get("name") != slot["name"]:
        return False
    return event.get("value") == slot["value"] if "value" in slot else event.get("value") is not None


def _slots_set(turn: Turn) -> str:
    return _listed([f"{event['name']}={event['value']!r}" for event in turn.events or () if event["event"] == "slot"])


def _bot_uttered(value: Mapping[str, Any], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    missing = [text for holds, text in _parts(value, turn) if not holds]
    place = _first(turn, begin, lambda event: event.get("event") == "bot")
    if place is None and begin:  # in order: nothing was uttered behind what came before
        missing.append("an utterance at this place of the turn")
    return _Verdict(not missing, "; ".join(missing), _uttered(value, turn), place)


def _bot_did_not_utter(value: Mapping[str, Any], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    parts = _parts(value, turn)
    holds = not all(found for found, _ in parts)
    return _Verdict(holds, f"not {' and '.join(text for _, text in parts)}", _uttered(value, turn))


def _parts(value: Mapping[str, Any], turn: Turn) -> list[tuple[bool, str]]:
    parts = []
    if (name := value.get("utter_name")) is not None:
        parts.append((name in turn.responses, f"response {name}"))
    if (pattern := value.get("text_matches")) is not None:
        parts.append((matches(pattern, turn.reply.text), f"text that matches {pattern!r}"))
    if (buttons := value.get("buttons")) is not None:
        titles = tuple(button["title"] for button in buttons)
        payloads = tuple(button.get("payload", button["title"]) for button in buttons)
        # A button of ours sends its own words.
        parts.append((titles == payloads == turn.reply.suggestions, f"buttons {_listed(titles)}"))
    return parts


def _uttered(value: Mapping[str, Any], turn: Turn) -> str:
    found = []
    if "utter_name" in value:
        found.append(f"response {_listed(turn.responses) if turn.responses else 'none, the reply was composed'}")
    if "text_matches" in value:
        found.append(f"text {textwrap.shorten(turn.reply.text, 80, placeholder=' …')!r}")
    if "buttons" in value:
        found.append(f"buttons {_listed(turn.reply.suggestions)}")
    return "; ".join(found)


def _route(value: str, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    return _Verdict(turn.reply.route == value, f"route {value}", f"{turn.reply.route} ({turn.reply.category})")


def _category(value: str, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    return _Verdict(turn.reply.category == value, f"category {value}", f"{turn.reply.category} ({turn.reply.route})")


def _intent(value: Mapping[str, Any], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    name, confidence = turn.intent
    holds = name == value["name"] and confidence >= value["min_confidence"]
    return _Verdict(holds, f"intent {value['name']} at {value['min_confidence']}", f"{name} at {confidence}")


def cited_ids(reply: Reply) -> tuple[str, ...]:
    """Return the ids of the documents, passages and references that a reply cites."""
    ids = [
        name
        for citation in reply.citations
        for name in (citation.document_id, citation.passage_id, *(one.id for one in citation.references))
    ]
    return tuple(dict.fromkeys(ids))


def _cites(value: Sequence[str], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    found = cited_ids(turn.reply)
    return _Verdict(set(value) <= set(found), f"citations of {_listed(value)}", _listed(found))


def _does_not_cite(value: Sequence[str], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    found = cited_ids(turn.reply)
    return _Verdict(not set(value) & set(found), f"no citation of {_listed(value)}", _listed(found))


def _has_resources(value: bool | Sequence[str], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    contacts = [one.contact for one in turn.reply.resources]
    if isinstance(value, bool):
        return _Verdict(bool(contacts) == value, "resources" if value else "no resources", _listed(contacts))
    names = {text for one in turn.reply.resources for text in (one.contact, one.name)}
    readable = [one for one in value if one in turn.reply.text]
    return _Verdict(
        set(value) <= names and len(readable) == len(value), f"resources {_listed(value)}, readable", _listed(contacts)
    )


def _hedge(value: str | bool | None, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    hedge = turn.reply.hedge
    found = hedge.level if hedge and hedge.text in turn.reply.text else None
    if value is None or isinstance(value, bool):
        return _Verdict((found is not None) == bool(value), "a hedge, readable" if value else "no hedge", str(found))
    return _Verdict(found == value, f"hedge {value}, readable", str(found))


def _disagreement(value: bool, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    return _Verdict(turn.reply.disagreement == value, f"disagreement {value}", str(turn.reply.disagreement))


def _grounded(value: bool, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    faults = ungrounded(turn.reply, documents)
    return _Verdict(
        (not faults) == value, "every statement a slice of its cited document", "; ".join(faults) or "it is"
    )


def ungrounded(reply: Reply, documents: Documents) -> list[str]:
    """Return what keeps a reply from being grounded; nothing if every statement is a slice of its cited document."""
    faults = [] if reply.statements else ["no statement"]
    for one in reply.citations:
        if documents.get(one.document_id, "")[one.start : one.end] != one.quote or not one.quote:
            faults.append(f"citation {one.number} is not what {one.document_id} says at {one.start} to {one.end}")
        if not one.references:
            faults.append(f"citation {one.number} names no reference")
    for number, statement in enumerate(reply.statements, start=1):
        quotes = [reply.citations[cited - 1].quote for cited in statement.citations]
        if not any(statement.text in quote for quote in quotes):
            faults.append(f"statement {number} is not in its citation")
        if f"{statement.text} [{statement.citations[0]}]" not in reply.text:
            faults.append(f"statement {number} is not in the text with its number")
    return faults


def _no_dose(value: bool, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    amounts = dose_amounts(turn.reply.text)
    return _Verdict((not amounts) == value, "no amount of a medicine", _listed(amounts))


def _receipt(value: bool, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    try:
        receipt = read_receipt(turn.reply.receipt)
    except ReceiptError as error:
        return _Verdict(not value, "a receipt of this reply", str(error))
    said = tuple(plain_text(text) for text in turn.said)
    holds = receipt.digest == digest_of(turn.reply) and receipt.utterances == said
    return _Verdict(holds == value, "a receipt of this reply", "one of this reply" if holds else "one of another reply")


def _reading_grade(value: float, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    grade = reading_grade(_own_words(turn.reply))
    return _Verdict(grade <= value, f"reading grade at most {value:g}", f"{grade:g}")


def _own_words(reply: Reply) -> str:
    """Return what a patient reads as sentences: without the list of sources and without help lines."""
    said = [reply.hedge.text] if reply.hedge else []
    said += [statement.text for statement in reply.statements]
    return "\n".join(said) or "\n".join(line for line in reply.text.splitlines() if not line.startswith(("- ", "[")))


def _latency(value: float, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    taken = round(turn.seconds * 1000)
    return _Verdict(taken <= value, f"at most {value:g} ms", f"{taken} ms")


def _text(value: str, turn: Turn, documents: Documents, begin: int) -> _Verdict:
    return _Verdict(turn.reply.text.strip() == value.strip(), value, turn.reply.text)


def _text_similar_to(value: Mapping[str, Any], turn: Turn, documents: Documents, begin: int) -> _Verdict:
    ratio = round(difflib.SequenceMatcher(None, value["text"], turn.reply.text, autojunk=False).ratio(), 3)
    return _Verdict(ratio >= value["at_least"], f"likeness of at least {value['at_least']:g}", f"{ratio:g}")


def _first(turn: Turn, begin: int, fits: Callable[[Event], bool]) -> int | None:
    events = turn.events or ()
    return next((place for place in range(begin, len(events)) if fits(events[place])), None)


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts) if texts else "none"


def _shown(slot: Mapping[str, Any]) -> str:
    return f"{slot['name']}={slot['value']!r}" if "value" in slot else str(slot["name"])


_CHECKS: Mapping[str, Callable[[Any, Turn, Documents, int], _Verdict]] = {
    "action_executed": _action_executed,
    "slot_was_set": _slot_was_set,
    "slot_was_not_set": _slot_was_not_set,
    "bot_uttered": _bot_uttered,
    "bot_did_not_utter": _bot_did_not_utter,
    "route": _route,
    "category": _category,
    "cites": _cites,
    "does_not_cite": _does_not_cite,
    "has_resources": _has_resources,
    "hedge": _hedge,
    "disagreement": _disagreement,
    "grounded": _grounded,
    "no_dose": _no_dose,
    "receipt": _receipt,
    "intent": _intent,
    "reading_grade_at_most": _reading_grade,
    "latency_ms_at_most": _latency,
    "text": _text,
    "text_similar_to": _text_similar_to,
}
