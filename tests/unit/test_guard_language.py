"""Telling languages apart, and their crisis words."""

from __future__ import annotations

import pytest

from tests.guard_values import languages


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("¿Qué es el baclofeno?", "es"),
        ("¿una o dos?", "es"),
        ("Qu'est-ce que le baclofène?", "fr"),
        ("Was ist Baclofen und wie wirkt es?", "de"),
        ("o que é baclofeno e para que serve", "pt"),
        ("che cosa è il baclofene e a cosa serve", "it"),
        ("wat is baclofen en hoe werkt het", "nl"),
        ("co to jest baklofen i jak działa", "pl"),
        ("что такое баклофен", "ru"),
        ("що таке баклофен і як він діє", "uk"),
        ("ما هو باكلوفين", "ar"),
        ("什么是巴氯芬", "zh"),
        ("バクロフェンとは何ですか", "ja"),
        ("바클로펜이 뭐예요", "ko"),
        ("बैक्लोफेन क्या है", "hi"),
    ],
)
def test_a_language_is_told(text: str, code: str):
    assert languages().detect(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "what is baclofen",
        "hola",
        "no",
        "que sera sera",
        "ѕuісіdе",
        "10 mg?",
        "",
        "!!!",
        "does it help me or my son",
        "lol",
    ],
)
def test_english_and_what_cannot_be_told_is_none(text: str):
    assert languages().detect(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("je veux mourir", ("fr", "suicide")),
        ("ich bekomme keine Luft", ("de", "medical_emergency")),
        ("quero me matar", ("pt", "suicide")),
        ("хочу умереть", ("ru", "suicide")),
        ("我想自杀", ("zh", "suicide")),
        ("죽고 싶어요", ("ko", "suicide")),
        ("mój mąż bije mnie", ("pl", "violence")),
    ],
)
def test_crisis_words_of_other_languages_are_found(text: str, found: tuple[str, str]):
    assert languages().crisis(text) == found


@pytest.mark.parametrize(
    "text", ["overdose", "suicidal", "delirium tremens", "convulsions", "what are the signs of an overdose"]
)
def test_words_shared_with_english_are_not(text: str):
    assert languages().crisis(text) is None
