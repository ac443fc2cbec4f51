"""Why a turn went the way it did: what the guard found, the intent, and what retrieval saw. For reports and for `/why`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.conversation_tests.turns import Turn

if TYPE_CHECKING:
    from bot.local import LocalBot
    from knowledge.retriever import Search

MOST_HITS = 3
# Actions of every conversation; they explain nothing.
_RASAS_OWN = frozenset({"action_session_start", "action_listen"})


def why(turn: Turn, bot: LocalBot | None) -> tuple[str, ...]:
    """Return the reasons as lines; hits only where the bot is in this process."""
    reply = turn.reply
    lines = [f"reply: route {reply.route}, category {reply.category}"]
    if turn.guard:
        lines.append(f"guard: {_guard(turn)}")
        name, confidence = turn.intent
        lines.append(f"intent: {name} ({confidence:.2f})")
    if actions := [action for action in turn.actions if action not in _RASAS_OWN]:
        lines.append(f"actions: {', '.join(actions)}")
    if bot is not None and "action_answer_question" in turn.actions:
        lines += _found(bot.explain(turn.user, turn.slots))
    return tuple(lines)


def _guard(turn: Turn) -> str:
    guard = turn.guard
    parts = [str(guard["route"]) + (f"/{guard['category']}" if guard.get("category") else "")]
    parts.append(f"layer {guard['layer']}")
    if guard.get("rule"):
        parts.append(f"rule {guard['rule']}")
    if guard.get("score") is not None:
        parts.append(f"score {guard['score']:.2f}")
    return ", ".join(parts)


def _found(search: Search) -> list[str]:
    from knowledge.retriever import FLOOR

    lines = [f"search: {search.outcome}, score {search.score:.2f} (floor {FLOOR:.2f}), for {search.query.text!r}"]
    for hit in search.nearest[:MOST_HITS]:
        lines.append(
            f"hit {hit.rank}: {hit.passage.id} {hit.score:.2f} (meaning {hit.dense:.2f}, question {hit.question:.2f}, "
            f"words {hit.lexical:.2f})"
        )
    if search.unaccounted:
        lines.append("not accounted for: " + ", ".join(f"{word} -{cost:.2f}" for word, cost in search.unaccounted))
    lines.append(f"nearest question that no document answers: {search.unanswered:.2f}")
    return lines
