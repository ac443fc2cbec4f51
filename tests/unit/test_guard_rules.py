"""The rule files: what each must catch and what each must let pass, by its own examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.guardrails.errors import RuleFormatError
from bot.guardrails.normalise import normalise
from bot.guardrails.rules import RuleFile, load_rules
from tests.guard_values import rules

MUST_FIRE = [(file, text) for file in rules() for text in file.must_fire]
LOOK_ALIKES = [(file, text) for file in rules() for text in file.look_alikes]
# Rules for what follows a certain reply are tested in test_guard_context.
STANDING = [file for file in rules() if not file.after and file.route != "hint"]


@pytest.mark.parametrize(("file", "text"), MUST_FIRE, ids=[f"{file.name}: {text}" for file, text in MUST_FIRE])
def test_a_phrase_that_must_fire_fires(file: RuleFile, text: str):
    assert [firing.route for firing in file.find(normalise(text))]


@pytest.mark.parametrize(("file", "text"), LOOK_ALIKES, ids=[f"{file.name}: {text}" for file, text in LOOK_ALIKES])
def test_a_look_alike_passes(file: RuleFile, text: str):
    assert [firing.rule for firing in file.find(normalise(text))] == []


@pytest.mark.parametrize("file", STANDING, ids=lambda file: file.name)
def test_every_rule_file_shows_both_sides(file: RuleFile):
    assert file.must_fire
    assert file.look_alikes


def test_a_struck_out_phrase_does_not_hide_what_stands_beside_it():
    crisis = next(file for file in rules() if file.name == "crisis_suicide")
    assert list(crisis.find(normalise("this deadline is killing me and I want to kill myself")))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("route: crisis\nrules: [{id: a, phrases: [b], colour: red}]", "colour"),
        ("route: crisis\nshape: round\nrules: []", "shape"),
        ("route: crisis\nrules: [{id: a, phrases: ['(b']}]", "bracket"),
        ("- a\n- b", "list"),
        ("route: [", "YAML"),
    ],
)
def test_a_broken_rule_file_is_refused_with_its_fault(tmp_path: Path, content: str, named: str):
    (tmp_path / "words.yml").write_text("self: [myself]")
    (tmp_path / "broken.yml").write_text(content)
    with pytest.raises(RuleFormatError, match=named):
        load_rules(tmp_path)


def test_an_id_may_stand_only_once(tmp_path: Path):
    (tmp_path / "words.yml").write_text("self: [myself]")
    (tmp_path / "twice.yml").write_text("route: crisis\nrules: [{id: a, phrases: [b]}, {id: a, phrases: [c]}]")
    with pytest.raises(RuleFormatError, match="twice"):
        load_rules(tmp_path)


def test_rules_fire_in_the_order_of_their_file():
    # An order that came from a set of words would change with each process, and with it the rule and category named first.
    for file, text in MUST_FIRE:
        order = [rule.id for rule in file.rules]
        fired = [order.index(firing.rule) for firing in file.find(normalise(text))]
        assert fired == sorted(fired), text
