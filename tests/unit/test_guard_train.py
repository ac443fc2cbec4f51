"""What the learned layer learns from besides the training utterances."""

from __future__ import annotations

import numpy as np

from bot.guardrails.encoder import unit
from bot.guardrails.normalise import normalise
from bot.guardrails.train import hardest, rule_examples
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


def test_learned_from_are_texts_unlike_others_of_their_label_and_a_part_of_the_rest():
    draw = np.random.default_rng(0)
    targets = np.arange(5000) % 2
    vectors = unit((draw.normal(size=(2, 384))[targets] + draw.normal(size=(5000, 384))).astype(np.float32))
    unlike = [7, 1001, 4999]
    targets[unlike] = 0
    rows = hardest(vectors, targets, [1.0, 1.0]).tolist()
    assert set(unlike) <= set(rows)
    assert rows == sorted(set(rows))
    assert len(rows) == 1500 + 700
