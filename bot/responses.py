"""Fixed replies: Rasa's response generator, made deterministic and filled with the country's help lines.

Named in bot/endpoints.yml as `nlg`. Rasa's own generator draws a variation at random; ours takes the first the first time,
the next one the second time, so that the same conversation gives the same bytes and a person in crisis is not met with the
same sentence twice.
"""

from __future__ import annotations

from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.fixed_replies import choose_variation, render, with_reminder
from bot.guardrails.language import LanguageDetector
from bot.receipt import receipt_for
from bot.settings import load_settings
from bot.turns import crisis_categories, past_replies, utterances
from knowledge.helplines import read_helplines


class FixedReplies(TemplatedNaturalLanguageGenerator):
    """Renders the domain's responses as replies."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        """Take what Rasa hands to a custom generator; the help lines are those of the configured country."""
        super().__init__(domain.responses if domain else {})
        self.helplines = read_helplines(load_settings().country)
        self._languages = LanguageDetector.load()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return the response as {"text", "custom": reply}; None if the domain has no such response."""
        variations = self.responses.get(utter_action)
        if not variations:
            return None
        events = [event.as_dict() for event in tracker.applied_events()]
        past = past_replies(events)
        verdict = _verdict(tracker.latest_message)
        language = verdict.get("language") or "en"
        response = choose_variation(variations, utter_action, past, language)
        reply = render(response, self.helplines, help=self._languages.help_in(verdict.get("category")), **kwargs)
        if reply.route not in ("crisis", "error") and crisis_categories(past):
            reply = with_reminder(reply, self.helplines, language)
        reply = reply.replace(receipt=receipt_for(utterances(events), reply))
        return {"text": reply.text, "custom": reply.to_json()}


def _verdict(message: UserUttered | None) -> dict[str, Any]:
    return ((message.parse_data or {}).get("guard") if message else None) or {}
