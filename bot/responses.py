"""Fixed replies: Rasa's response generator, made deterministic and filled with the country's help lines.

Named in bot/endpoints.yml as `nlg`. Rasa's own generator draws a variation at random; ours takes the first the first time,
the next one the second time, so that the same conversation gives the same bytes and a person in crisis is not met with the
same sentence twice.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.receipt import receipt_for
from bot.reply import Reply
from bot.resources import lines_of, resources_of, with_reminder
from bot.settings import load_settings
from bot.turns import PastReply, crisis_categories, past_replies, utterances
from knowledge.helplines import Helplines, read_helplines

class FixedReplies(TemplatedNaturalLanguageGenerator):
    """Renders the domain's responses as replies."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        """Take what Rasa hands to a custom generator; the help lines are those of the configured country."""
        super().__init__(domain.responses if domain else {})
        self._helplines = read_helplines(load_settings().country)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return the response as {"text", "custom": reply}; None if the domain has no such response."""
        variations = self.responses.get(utter_action)
        if not variations:
            return None
        events = [event.as_dict() for event in tracker.applied_events()]
        past = past_replies(events)
        message = tracker.latest_message
        response = choose_variation(variations, utter_action, past, _language(message))
        reply = render(response, self._helplines, **kwargs)
        if reply.route not in ("crisis", "error") and crisis_categories(past):
            reply = with_reminder(reply, self._helplines, _language(message))
        reply = reply.replace(receipt=receipt_for(utterances(events), reply))
        return {"text": reply.text, "custom": reply.to_json()}


def choose_variation(
    variations: Sequence[Mapping[str, Any]], response: str, past: Sequence[PastReply], language: str
) -> Mapping[str, Any]:
    """Return the n-th variation for the n-th time, the last one from then on; English if there is no translation."""
    translated = [one for one in variations if (one.get("custom") or {}).get("language", "en") == language]
    candidates = translated or [one for one in variations if "language" not in (one.get("custom") or {})]
    times = sum(1 for one in past if one.response == response)
    return candidates[min(times, len(candidates) - 1)]


def render(response: Mapping[str, Any], helplines: Helplines, **variables: str) -> Reply:
    """Fill a response with help lines and variables.

    Raises:
        KeyError: the text names a variable that nobody gave.
    """
    custom = copy.deepcopy(dict(response["custom"]))
    resources = resources_of(helplines, custom.get("needs", ()))
    text = response["text"].format(
        resources=lines_of(resources),
        emergency=helplines.emergency,
        **variables,
    )
    return Reply(
        route=custom["route"],
        category=custom["category"],
        text=text,
        resources=resources,
        suggestions=tuple(custom.get("suggestions", ())),
    )


def _language(message: UserUttered | None) -> str:
    verdict = (message.parse_data or {}).get("guard") if message else None
    return str((verdict or {}).get("language") or "en")
