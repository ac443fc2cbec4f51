"""Fixed replies: each renders for every country, carries help, says what it is, and reads easily."""

from __future__ import annotations

import itertools

import pytest
import yaml

from actions.checks import findings
from bot.fixed_replies import choose_variation, render
from bot.settings import PACKAGE
from bot.turns import PastReply
from knowledge.helplines import read_helplines
from knowledge.settings import PACKAGE as KNOWLEDGE

COUNTRIES = sorted(yaml.safe_load((KNOWLEDGE / "helplines.yml").read_text())["countries"])
RESPONSES = {
    name: variations
    for file in ("responses_safety.yml", "responses_general.yml")
    for name, variations in yaml.safe_load((PACKAGE / "domain" / file).read_text())["responses"].items()
}
VARIATIONS = [(name, number) for name, variations in RESPONSES.items() for number in range(len(variations))]


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize(("name", "number"), VARIATIONS)
def test_every_reply_renders_for_every_country_and_passes_the_output_check(name: str, number: int, country: str):
    helplines = read_helplines(country)
    reply = render(RESPONSES[name][number], helplines, language_note="")
    assert "{" not in reply.text
    assert findings(reply, (line.contact for line in helplines.lines)) == ()
    if reply.route in ("crisis", "error"):
        assert any(one.contact == helplines.emergency for one in reply.resources)


@pytest.mark.parametrize(
    ("name", "number"), [one for one in VARIATIONS if one[0].startswith(("utter_crisis", "utter_d"))]
)
def test_a_safety_reply_says_that_it_is_automated(name: str, number: int):
    text = RESPONSES[name][number]["text"].lower()
    assert any(word in text for word in ("automated", "computer program", "program", "automátic", "programa"))


def test_the_second_crisis_reply_is_worded_differently():
    for name, variations in RESPONSES.items():
        if not name.startswith("utter_crisis"):
            continue
        said = PastReply(utterance="", reply={"route": "crisis", "category": "x"}, response=name)
        texts = [choose_variation(variations, name, [said] * times, "en")["text"] for times in range(4)]
        assert texts[0] != texts[1]
        assert texts[1] == texts[2] == texts[3]


def test_a_translation_is_chosen_by_language_and_english_is_the_fallback():
    variations = RESPONSES["utter_crisis_suicide"]
    assert "Me alegra" in choose_variation(variations, "utter_crisis_suicide", [], "es")["text"]
    assert "really glad" in choose_variation(variations, "utter_crisis_suicide", [], "fr")["text"]


def test_no_two_fixed_replies_are_the_same():
    texts = [variation["text"] for variations in RESPONSES.values() for variation in variations]
    assert all(one != other for one, other in itertools.combinations(texts, 2))
