"""Fixed replies: choosing the wording, filling in the help lines, keeping these in sight after a crisis. Pure, no Rasa."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from bot.reply import Reply, Resource
from bot.turns import PastReply
from knowledge.helplines import Helplines

# Kept in sight under every later reply of a conversation in which a crisis reply was given.
CRISIS_REMINDER = {
    "en": "The help lines stay here for you:",
    "es": "Las líneas de ayuda siguen aquí para ti:",
}
REMINDER_NEEDS = ("suicide", "emergency")


def choose_variation(
    variations: Sequence[Mapping[str, Any]], response: str, past: Sequence[PastReply], language: str
) -> Mapping[str, Any]:
    """Return the n-th variation for the n-th time, the last one from then on; English if there is no translation."""
    translated = [one for one in variations if (one.get("custom") or {}).get("language", "en") == language]
    candidates = translated or [one for one in variations if "language" not in (one.get("custom") or {})]
    times = sum(1 for one in past if one.response == response)
    return candidates[min(times, len(candidates) - 1)]


def render(response: Mapping[str, Any], helplines: Helplines, **variables: str) -> Reply:
    """Fill a response with help lines and variables; `help` is the word for help in the patient's language, if known.

    Raises:
        KeyError: the text names a variable that nobody gave.
    """
    custom = copy.deepcopy(dict(response["custom"]))
    resources = resources_of(helplines, custom.get("needs", ()))
    text = response["text"].format(
        resources=lines_of(resources),
        emergency=helplines.emergency,
        **{"help": "", **variables},
    )
    return Reply(
        route=custom["route"],
        category=custom["category"],
        text=text,
        resources=resources,
        suggestions=tuple(custom.get("suggestions", ())),
    )


def resources_of(helplines: Helplines, needs: Sequence[str]) -> tuple[Resource, ...]:
    """Return the help lines for some needs as a reply carries them."""
    return tuple(
        Resource(name=line.name, contact=line.contact, href=line.href, hours=line.hours) for line in helplines.of(needs)
    )


def with_reminder(reply: Reply, helplines: Helplines, language: str = "en") -> Reply:
    """Add the crisis lines beneath a reply that does not show them already."""
    missing = [one for one in resources_of(helplines, REMINDER_NEEDS) if one not in reply.resources]
    if not missing:
        return reply
    head = CRISIS_REMINDER.get(language, CRISIS_REMINDER["en"])
    return reply.replace(text=f"{reply.text}\n\n{head}\n{lines_of(missing)}", resources=(*reply.resources, *missing))


def lines_of(resources: Sequence[Resource]) -> str:
    """Return help lines as text, one a line, in their order."""
    return "\n".join(f"- {one.name}: {one.contact}{_hours(one)}" for one in resources)


def _hours(resource: Resource) -> str:
    return f" ({resource.hours})" if resource.hours and resource.hours != "24/7" else ""
