"""Misspells training utterances as people in haste do, so that the learned layer has met wrong letters before."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable

from bot.guardrails.utterances import Utterance

# One utterance in so many is misspelt, with about one wrong word in so many.
_UTTERANCES, _WORDS = 10, 4
# Shorter words are left alone: with a letter less they would be other words.
_SHORTEST = 4


def misspelt(utterances: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """Return misspelt copies of every `_UTTERANCES`-th utterance; always the same ones."""
    return tuple(
        dataclasses.replace(utterance, id=f"{utterance.id}-misspelt", text=misspell(utterance.text))
        for number, utterance in enumerate(utterances)
        if number % _UTTERANCES == 0
    )


def misspell(text: str) -> str:
    """Return the text with a letter left out, doubled or swapped with the next one in some of its words."""
    draw = random.Random(text)  # the same errors every time
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) >= _SHORTEST]
    for place in draw.sample(long, min(len(long), 1 + len(words) // _WORDS)):
        word = words[place]
        cut = draw.randrange(1, len(word) - 1)
        wrong = (
            word[:cut] + word[cut + 1 :],
            word[:cut] + word[cut] + word[cut:],
            word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :],
        )
        words[place] = draw.choice(wrong)
    return " ".join(words)
