"""The notation of the rule files."""

from __future__ import annotations

import pytest

from bot.guardrails.errors import RuleFormatError
from bot.guardrails.normalise import canonical_word, normalise
from bot.guardrails.patterns import Pattern, compile_pattern

LISTS = {"self": "myself | himself"}


def pattern(source: str) -> Pattern:
    return compile_pattern(source, lists=LISTS, canonical=canonical_word)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("want to die", "I want to die"),
        ("suicid*", "feeling suicidal"),
        ("(kill|hurt) myself", "I'll hurt myself"),
        ("want [so much] to die", "want to die"),
        ("want [so much] to die", "want so much to die"),
        ("kill <self>", "he'll kill himself"),
        ("want .. die", "want to just die"),
        ("want ... die", "want it all to end and die"),
        ("how _ mg", "how many mg"),
        ("^ how much $", "Hello. How much?"),
        ("stopped & shaking", "shaking all over, I stopped yesterday"),
        ("stopped & shaking", f"I stopped the car. {'We went on. ' * 30} I stopped drinking and I am shaking"),
        ("don't want", "I don’t want this"),
    ],
)
def test_a_phrase_matches(source: str, text: str):
    assert pattern(source).search(normalise(text)) is not None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("die", "diet"),
        ("want .. die", "want to see them all die"),
        ("want ... die", "I want. They die"),
        ("^ how much $", "how much is it"),
        ("stopped & shaking", "I stopped yesterday"),
        ("stopped & shaking", f"I stopped the car. {'We went on. ' * 30} She was shaking with laughter"),
    ],
)
def test_a_phrase_does_not_match(source: str, text: str):
    assert pattern(source).search(normalise(text)) is None


@pytest.mark.parametrize("source", ["(a", "a)", "a | | b", "<nobody>", "(a|)", "want ?"])
def test_a_broken_phrase_is_refused(source: str):
    with pytest.raises(RuleFormatError):
        pattern(source)


def test_a_pattern_names_words_that_every_match_contains():
    assert pattern("i want to (die|end it)").needed == {"want"}
