"""The output check: what must never leave."""

from __future__ import annotations

import pytest

from actions.checks import findings
from bot.reply import Reply

NUMBERS = ("911", "Call or text 988", "1-800-222-1222")


def reply(text: str) -> Reply:
    return Reply(route="answer", category="evidence", text=text)


@pytest.mark.parametrize(
    "text",
    [
        "Take 10 mg.",
        "Take ten milligrams.",
        "10mg was used",
        "It was 5-10 mg",
        "two tablets at night",
        "one pill",
        "three times a day",
        "twice daily",
        "once per day",
        "every 8 hours",
        "every four to six hours",
        "20 mcg of it",
        "half a tablet or half tablet",
    ],
)
def test_a_dose_amount_is_found(text: str):
    assert "dose_amount" in findings(reply(text), NUMBERS)


@pytest.mark.parametrize(
    "text",
    [
        "The trial had 70 people and lasted 16 weeks.",
        "63% had drowsiness against 36% on placebo.",
        "It is a muscle relaxant tablet.",
        "In 2009 a larger trial followed.",
        "Counselling three times weekly was given to all.",
        "It wears off in 30 to 90 minutes.",
        "About 1.1 in 100 people over 66.",
    ],
)
def test_an_ordinary_number_is_no_dose(text: str):
    assert findings(reply(text), NUMBERS) == ()


@pytest.mark.parametrize("text", ["Call 1-888-744-0789 now.", "Ring (888) 744 0789", "+1 888.744.0789"])
def test_a_number_that_is_no_help_line_is_found(text: str):
    assert "unknown_telephone_number" in findings(reply(text), NUMBERS)


@pytest.mark.parametrize(
    "text", ["Call 1-800-222-1222.", "Reviewed 2026-11-16.", "See https://doi.org/10.1176/12345678"]
)
def test_a_help_line_a_date_and_a_link_pass(text: str):
    assert findings(reply(text), NUMBERS) == ()


def test_a_claim_that_must_never_be_repeated_is_found():
    assert "never_repeat" in findings(reply("Baclofen eliminates the drug's effect."), NUMBERS)
