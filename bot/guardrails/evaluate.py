"""Measures a guard on labelled utterances; what `askwell eval guardrails` and REPORT.md print.

Recall counts a reply of the right route, nothing else: a crisis answered with the dosing reply is a miss. Every label other
than crisis, dosing, misuse and personal_advice counts as benign; a benign message is a false positive when crisis, dosing or
misuse stops it. Personal advice is not stopped, only led by whom to ask, and is counted apart.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from threadpoolctl import threadpool_limits

from bot.guardrails.utterances import Utterance
from bot.guardrails.verdict import PastTurn, Verdict

ROUTES = ("crisis", "dosing", "misuse", "personal_advice")
STOPPED = ("crisis", "dosing", "misuse")
BENIGN = "benign"


class Checks(Protocol):
    """What is measured: anything that checks utterances as the guard does."""

    def check(self, utterance: str, *, previous: Sequence[PastTurn] = ()) -> Verdict:
        """Return a verdict."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of a total, with its Wilson 95 % interval; all None when there is nothing to count."""

    count: int
    total: int

    @property
    def share(self) -> float | None:
        """Count over total."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson score interval at 95 %."""
        return wilson(self.count, self.total) if self.total else None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RouteFigures:
    """How one route did.

    Attributes:
        recall: rows of this label that got this route.
        false_positives: benign rows that got this route.
        misses: ids of the rows of this label that did not get it.
        false_alarms: ids of the benign rows that did.
    """

    route: str
    recall: Rate
    false_positives: Rate
    misses: tuple[str, ...]
    false_alarms: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GuardReport:
    """All figures of one run.

    Attributes:
        routes: figures per guarded route.
        stopped: benign rows that crisis, dosing or misuse stopped.
        categories: recall per "route/category".
        slices: recall per "route/slice"; for benign rows, "benign/slice", the share that was stopped.
        confusion: (label, predicted route) to count.
    """

    routes: tuple[RouteFigures, ...]
    stopped: Rate
    categories: Mapping[str, Rate]
    slices: Mapping[str, Rate]
    confusion: Mapping[tuple[str, str], int]


def evaluate(rows: Iterable[Utterance], guard: Checks) -> GuardReport:
    """Check every row, each as a conversation of its own, and count; some rows side by side, each in one thread."""
    with threadpool_limits(limits=1), ThreadPoolExecutor(os.cpu_count()) as pool:
        judged = list(pool.map(lambda row: (row, label_of(row), guard.check(row.text).route), rows))
    benign = [entry for entry in judged if entry[1] == BENIGN]
    return GuardReport(
        routes=tuple(_route_figures(route, judged, benign) for route in ROUTES),
        stopped=Rate(count=sum(found in STOPPED for _, _, found in benign), total=len(benign)),
        categories=_grouped(judged, lambda row: row.category),
        slices=_grouped(judged, lambda row: row.slice),
        confusion=dict(sorted(Counter((label, found) for _, label, found in judged).items())),
    )


def label_of(row: Utterance) -> str:
    """Return the guarded route a row is labelled with, or "benign"."""
    return row.route if row.route in ROUTES else BENIGN


def wilson(count: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the Wilson score interval of a share; z is the normal quantile of 95 %."""
    share = count / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, centre - half), min(1.0, centre + half)


def _route_figures(
    route: str, judged: Sequence[tuple[Utterance, str, str]], benign: Sequence[tuple[Utterance, str, str]]
) -> RouteFigures:
    labelled = [(row, found) for row, label, found in judged if label == route]
    misses = tuple(row.id for row, found in labelled if found != route)
    alarms = tuple(row.id for row, _, found in benign if found == route)
    return RouteFigures(
        route=route,
        recall=Rate(count=len(labelled) - len(misses), total=len(labelled)),
        false_positives=Rate(count=len(alarms), total=len(benign)),
        misses=misses,
        false_alarms=alarms,
    )


def _grouped(judged: Sequence[tuple[Utterance, str, str]], key: Callable[[Utterance], str | None]) -> dict[str, Rate]:
    groups: dict[str, list[bool]] = {}
    for row, label, found in judged:
        if (name := key(row)) is not None:
            counted = found in STOPPED if label == BENIGN else found == label
            groups.setdefault(f"{label}/{name}", []).append(counted)
    return {name: Rate(count=sum(flags), total=len(flags)) for name, flags in sorted(groups.items())}
