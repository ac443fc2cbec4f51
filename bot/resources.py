"""Help lines in replies: which are shown, how they read, and keeping them in sight after a crisis. Pure, no Rasa."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reply import Reply, Resource
from knowledge.helplines import Helplines

# Kept in sight under every later reply of a conversation in which a crisis reply was given.
CRISIS_REMINDER = {
    "en": "The help lines stay here for you:",
    "es": "Las líneas de ayuda siguen aquí para ti:",
}
REMINDER_NEEDS = ("suicide", "emergency")


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
