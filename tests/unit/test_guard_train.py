"""What the learned layer learns from besides the training utterances."""

from __future__ import annotations

from bot.guardrails.normalise import normalise
from bot.guardrails.train import rule_examples
from tests.guard_values import rules


def test_phrases_that_must_fire_teach_the_route_and_category_of_their_rule():
    labels = {example.text: example.label for example in rule_examples(rules())}
    assert labels["i took all my tablets and feel sleepy"] == "overdose"
    assert labels["quiero morir"] == "suicide"


def test_look_alikes_teach_that_a_message_passes_unless_a_rule_of_another_file_takes_them():
    examples = rule_examples(rules())
    passing = [example for example in examples if example.route == "pass"]
    guarded = [file for file in rules() if not file.after and file.route != "education"]
    assert len(passing) > 50
    assert not [one.text for one in passing for file in guarded if any(file.find(normalise(one.text)))]
