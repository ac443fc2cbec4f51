"""Hedging: from the evidence labels of the references an answer cites to a fixed sentence about how sure they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actions.phrases import HedgeRule
from bot.reply import Hedge
from knowledge.references import KINDS, Reference

# Kinds whose direction counts as evidence for or against; a label or an agency page reports, it does not test.
EVIDENCE_KINDS = frozenset(
    ["guideline", "meta-analysis", "randomised trial", "non-randomised trial", "laboratory study", "cohort study"]
)


def hedge_for(references: Iterable[Reference], rules: Sequence[HedgeRule], *, disagreement: bool = False) -> Hedge:
    """Return the hedge of an answer that rests on these references; the last rule fits everything."""
    cited = list(references)
    directed = [reference for reference in cited if reference.direction != "none"]
    basis = directed or cited
    strongest = min((reference.kind for reference in basis), key=KINDS.index, default="press report")
    direction = "disagree" if disagreement else direction_of(directed)
    small = all(reference.is_small for reference in basis)
    rule = next(rule for rule in rules if _fits(rule, strongest, direction, small))
    return Hedge(level=rule.level, text=rule.text)


def direction_of(references: Sequence[Reference]) -> str:
    """Return "disagree", "mixed", "supports", "against" or "none" for references together."""
    if disagree(references):
        return "disagree"
    directions = {reference.direction for reference in references if reference.direction != "none"}
    if not directions:
        return "none"
    return directions.pop() if len(directions) == 1 else "mixed"


def disagree(references: Iterable[Reference]) -> bool:
    """Whether, on one topic, evidence for and evidence against stand beside each other."""
    evidence = [reference for reference in references if reference.kind in EVIDENCE_KINDS]
    sides = {(reference.topic, reference.direction) for reference in evidence}
    return any((topic, "against") in sides for topic, direction in sides if direction == "supports")


def _fits(rule: HedgeRule, kind: str, direction: str, small: bool) -> bool:
    return (
        (not rule.kinds or kind in rule.kinds) and rule.direction in ("any", direction) and rule.small in (None, small)
    )
