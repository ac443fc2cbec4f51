"""Normalisation: what look-alike text becomes before the rules read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guardrails.normalise import normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("I can’t go on…", "i can not go on", id="curly apostrophe and ellipsis"),
        pytest.param("I want to die. Now!", "i want to die . now .", id="sentence ends are words"),
        pytest.param("ѕuісіdе", "suicide", id="Cyrillic look-alikes"),
        pytest.param("𝓲 𝔀𝓪𝓷𝓽 𝓽𝓸 𝓭𝓲𝓮", "i want to die", id="mathematical letters"),
        pytest.param("ｋｉｌｌ ｍｅ", "kill me", id="fullwidth"),
        pytest.param("I w\u200bant to d\u200bie", "i want to die", id="zero-width"),
        pytest.param("i want to d\u0336i\u0336e\u0336", "i want to die", id="struck through"),
        pytest.param("k i l l  m y s e l f", "kill myself", id="spaced-out letters"),
        pytest.param("s.u.i.c.i.d.e", "suicide", id="dotted letters"),
        pytest.param("su1c1de", "suicide", id="digits for letters"),
        pytest.param("k*ll mys3lf", "kill myself", id="censored"),
        pytest.param("i wanna dieeee", "i want to die", id="repeated letters"),
        pytest.param("iwanttodie", "i want to die", id="no spaces"),
        pytest.param("#wannadie", "want to die", id="hashtag"),
        pytest.param("kms rn", "kill myself right now", id="text-speak"),
        pytest.param("i dont wanna be here nemore", "i do not want to be here anymore", id="no apostrophe"),
        pytest.param("overdsoe on baclofin", "overdose on baclofen", id="misspelt"),
        pytest.param("<b>kill</b> me", "kill me", id="markup"),
        pytest.param("10mg 2x, 0.5ml", "10 mg 2 x 0.5 ml", id="units are words"),
        pytest.param("took all the 💊", "took all the pills", id="emoji"),
        pytest.param("wen dose the clinic open", "when does the clinic open", id="dose for does"),
        pytest.param("when dose is missed", "when dose is missed", id="a dose that is meant"),
        pytest.param("two tables please", "two tables please", id="a real word stays"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_text_becomes_what_it_reads_like(text: str, normal: str):
    assert normalise(text).split() == [".", *normal.split(), "."] or normalise(text).split() == [".", *normal.split()]


@given(st.text(max_size=300))
def test_any_text_becomes_lower_case_words_with_one_space_between(text: str):
    normal = normalise(text)
    assert normal.startswith(" . ")
    assert normal.endswith(" . ")
    assert "  " not in normal.strip()
    assert normal == normal.lower()


def test_a_word_of_another_script_is_left_alone():
    assert "жизнь" in normalise("жизнь")
