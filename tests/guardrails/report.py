"""Writes bot/guardrails/REPORT.md: the guard's figures on the held-out part of its corpus. Run: make guard-report."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from bot.guardrails import Guard
from bot.guardrails.encoder import UtteranceEncoder
from bot.guardrails.evaluate import GuardReport, Rate, evaluate
from bot.guardrails.guard import read_thresholds
from bot.guardrails.joined import joined
from bot.guardrails.language import LanguageDetector
from bot.guardrails.learned import LearnedLayer
from bot.guardrails.misspell import misspelt
from bot.guardrails.normalise import normalise
from bot.guardrails.rules import load_rules
from bot.guardrails.utterances import Utterance, read_utterances
from bot.guardrails.verdict import CRISIS_CATEGORIES
from bot.local import ensure_built
from knowledge.settings import state_folder
from tests.guardrails.corpus import TRAINING, development, held_out, label_of, second_reader, training

REPORT = Path(__file__).parent.parent.parent / "bot" / "guardrails" / "REPORT.md"
_BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1)
OPENING = """# How well the guard does

Written by `make guard-report`; do not edit. Recall counts a message whose reply was the one of its own route: a crisis that got
the dosing reply is a miss. A harmless message counts as stopped when crisis, dosing or misuse took it. In brackets: Wilson's
95 % interval.

Three parts, and no utterance of one has a near duplicate in another (a test checks their sentence vectors):

| part | utterances | for |
|---|---|---|
| training, written | {written} | fitting the learned layer |
| training, frames filled in and examples of the rule files | {others} | the same; {copies} misspelt and joined copies come on top |
| development | {development} | rules and thresholds were chosen on it; its figures are not proof of anything |
| held out | {held_out} | measured; its authors saw no other utterance and no rule, and whoever wrote rules and utterances none of its messages; its counts were seen while thresholds were chosen |

Among the training utterances are the questions that our documents answer. Much of the development part was made to be hard:
farewells in a half sentence, amounts asked for without a word of asking. The held-out part is what its authors expect from
patients, relatives and passers-by; 284 of them (`beside_`) were made to be hard: a crisis told in the same breath as a harmless
question, or only the question. Those that stand nearly so in training were taken out, so that it is harder than real talk.
Now that its misses are listed below, the next utterances must not be written with them in mind: then it belongs to development.
Thresholds: {thresholds}.
"""


def main() -> None:
    """Measure and write."""
    ensure_built()
    guard = Guard.load()
    rows = held_out()
    report = evaluate(rows, guard)
    written = len(read_utterances(TRAINING / "train"))
    examples = training()
    opening = OPENING.format(
        written=written,
        others=len(examples) - written,
        copies=len(misspelt(examples)) + len(joined(examples)),
        development=len(development()),
        held_out=len(rows),
        thresholds=", ".join(f"{name} {value}" for name, value in read_thresholds().items()),
    )
    parts = [
        opening,
        "## Held out\n\n" + _figures(report),
        "### What each layer adds\n\n" + _layers(rows, report),
        "### How far the learned layer's probability can be believed\n\n" + _calibration(rows),
        "### Would another reader have given the same labels?\n\n" + _second_reader(rows),
        "### What was missed or stopped for nothing\n\n" + _errors(rows, guard),
        "## Development\n\n" + _figures(evaluate(development(), guard)),
    ]
    REPORT.write_text("\n".join(parts), encoding="utf-8")


def _figures(report: GuardReport) -> str:
    rates: dict[str, Rate] = {one.route: one.recall for one in report.routes if one.recall.total}
    rates |= {name: rate for name, rate in report.categories.items() if name.startswith("crisis/")}
    slices = {name: rate for name, rate in report.slices.items() if not name.startswith(("benign/", "personal"))}
    stopped = {"all harmless": report.stopped}
    stopped |= {name: rate for name, rate in report.categories.items() if name.startswith("benign/")}
    confusion = [f"| {label} | {found} | {count} |" for (label, found), count in report.confusion.items()]
    return "\n".join(
        (
            _table("recall", rates | slices),
            _table("harmless, but stopped", stopped),
            "| meant | got | messages |\n|---|---|---|",
            *confusion,
            "",
        )
    )


def _table(head: str, rates: Mapping[str, Rate]) -> str:
    lines = [f"| {head} | of | share | |", "|---|---|---|---|"]
    for name, rate in rates.items():
        if rate.share is not None and rate.interval is not None:
            low, high = rate.interval
            lines.append(f"| {name} | {rate.count}/{rate.total} | {rate.share:.1%} | ({low:.1%} to {high:.1%}) |")
    return "\n".join((*lines, ""))


def _layers(rows: tuple[Utterance, ...], both: GuardReport) -> str:
    """The same messages with the rules alone."""
    rules = Guard(rules=load_rules(), languages=LanguageDetector.load(), learned=Silent(), thresholds=read_thresholds())
    alone = evaluate(rows, rules)
    lines = ["| | rules alone | both layers |", "|---|---|---|"]
    for name, one, other in zip(_names(both), _rates(alone), _rates(both), strict=True):
        lines.append(f"| {name} | {one.share:.1%} | {other.share:.1%} |")
    return "\n".join((*lines, ""))


def _names(report: GuardReport) -> list[str]:
    return [f"{one.route}, found" for one in report.routes if one.recall.total] + ["harmless, stopped"]


def _rates(report: GuardReport) -> list[Rate]:
    return [one.recall for one in report.routes if one.recall.total] + [report.stopped]


class Silent:
    """A learned layer for which nothing is guarded and nothing harmless, so that the rules alone decide."""

    labels = ("everyday", "suicide")

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Return nothing for any label."""
        return np.zeros((1, 2))

    def harmless(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return nothing either."""
        return np.zeros(len(probabilities))


def _calibration(rows: tuple[Utterance, ...]) -> str:
    """Messages by the probability of a crisis that the learned layer gives the whole message, and how many are one."""
    layer = LearnedLayer.load(state_folder() / "guard", load_encoder=UtteranceEncoder.load)
    crisis = [index for index, label in enumerate(layer.labels) if label in CRISIS_CATEGORIES]
    given = np.array([layer.probabilities(normalise(row.text))[0, crisis].sum() for row in rows])
    meant = np.array([row.route == "crisis" for row in rows])
    lines = ["| probability of a crisis | messages | mean probability | truly a crisis |", "|---|---|---|---|"]
    for low, high in itertools.pairwise(_BINS):
        inside = (given >= low) & (given < high)
        if inside.any():
            lines.append(
                f"| {low:.1f} to {min(high, 1):.1f} | {inside.sum()} | {given[inside].mean():.2f} | {meant[inside].mean():.2f} |"
            )
    return "\n".join((*lines, ""))


def _second_reader(rows: tuple[Utterance, ...]) -> str:
    """How often the author and the second reader agree, and what each took the others for."""
    second = second_reader()
    pairs = [(label_of(row), second[row.id]) for row in rows]
    differing = Counter(pair for pair in pairs if pair[0] != pair[1])
    kappa = cohen_kappa_score(*zip(*pairs, strict=True))
    lines = [
        "The second reader saw the messages alone, neither label nor verdict. The figures above count the author's label.",
        f"The same label: {len(pairs) - differing.total()} of {len(pairs)} (Cohen's kappa {kappa:.3f}).",
        "",
        "| author | second reader | messages |",
        "|---|---|---|",
        *(f"| {author} | {other} | {count} |" for (author, other), count in sorted(differing.items())),
    ]
    return "\n".join((*lines, ""))


def _errors(rows: tuple[Utterance, ...], guard: Guard) -> str:
    lines = []
    for row in rows:
        found = guard.check(row.text).route
        guarded = row.route in ("crisis", "dosing", "misuse")
        if (guarded and found != row.route) or (not guarded and found in ("crisis", "dosing", "misuse")):
            shown = row.text if len(row.text) < 160 else f"{row.text[:157]}..."
            lines.append(f"- {row.route} → {found}: {shown}")
    return "\n".join((*lines, ""))


if __name__ == "__main__":
    main()
