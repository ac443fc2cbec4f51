"""The whole check on one screen: rules, other languages, learned layer, context; the most urgent finding is the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.guardrails.context import HINT, earlier_texts, find_hints, find_in_context, joined
from bot.guardrails.encoder import UtteranceEncoder
from bot.guardrails.errors import GuardUnavailableError
from bot.guardrails.language import SPANISH, LanguageDetector
from bot.guardrails.learned import LearnedLayer
from bot.guardrails.normalise import normalise
from bot.guardrails.rules import EDUCATION, Firing, RuleFile, load_rules
from bot.guardrails.verdict import CRISIS_CATEGORIES, DISTRESS, GUARDED, PRECEDENCE, PastTurn, Verdict
from knowledge.settings import state_folder

THRESHOLDS = Path(__file__).resolve().parent / "thresholds.yml"
# Symptoms are what half of all health questions are made of, so that the learned layer must be surer of these.
_OF_BODY = ("medical_emergency", "withdrawal")


class Guard:
    """Reads an utterance in its conversation and returns a verdict. Has no state; the tracker keeps the conversation."""

    def __init__(
        self,
        *,
        rules: Sequence[RuleFile],
        languages: LanguageDetector,
        learned: LearnedLayer,
        thresholds: Mapping[str, float],
    ) -> None:
        """Take the layers; `load` reads them from where they are kept."""
        self._rules = rules
        self._plain_rules = [file for file in rules if not file.after and file.route != HINT]
        self._languages = languages
        self._learned = learned
        self._thresholds = thresholds

    @classmethod
    def load(cls, folder: Path | None = None) -> Guard:
        """Read the rules of the package and the learned layer of a folder.

        Raises:
            RuleFormatError: a rule file does not read as one.
            GuardUnavailableError: the learned layer or the thresholds are missing or damaged.
        """
        return cls(
            rules=load_rules(),
            languages=LanguageDetector.load(),
            learned=LearnedLayer.load(folder or state_folder() / "guard", load_encoder=UtteranceEncoder.load),
            thresholds=read_thresholds(),
        )

    def check(self, utterance: str, *, previous: Sequence[PastTurn] = ()) -> Verdict:
        """Return the most urgent finding of all layers."""
        text = normalise(utterance)
        language = self._languages.detect(utterance)
        firings = [firing for file in self._plain_rules for firing in file.find(text)]
        education = any(firing.route == EDUCATION for firing in firings)
        ruled = [_of_rule(firing, "rules") for firing in firings if firing.route != EDUCATION]
        ruled += [_of_rule(firing, "rules") for firing in find_hints(text, self._rules)]
        settled = [_of_rule(firing, "context") for firing in find_in_context(text, previous, self._rules)]
        settled += [] if language is None else [Verdict(route="language", category=language, layer="rules")]
        if (crisis := self._languages.crisis(utterance)) is not None:
            code, category = crisis
            # Spanish shares words with its neighbours, and the learned layer reads it: there, "suicidio" is only a rule's.
            spanish = language == SPANISH and self._languages.has_more_words_of(SPANISH, code, utterance)
            foreign = Verdict(route="crisis", category=category, layer="rules", rule=f"{code}.{category}")
            (ruled if spanish else settled).append(foreign)
        try:
            verdicts = self._weighed(ruled, settled, text, language, previous) + settled
        except Exception:  # a broken learned layer takes nothing back: what a rule calls a crisis is one
            verdicts = [verdict for verdict in ruled + settled if verdict.route == "crisis"]
            if not verdicts:
                raise
        first = min(verdicts, key=lambda verdict: PRECEDENCE.index(verdict.route), default=Verdict(route="pass"))
        return dataclasses.replace(
            first,
            language=SPANISH if language == SPANISH or (first.rule or "").startswith("es.") else "en",
            education=education and first.route in ("pass", "personal_advice"),
        )

    def _weighed(
        self,
        ruled: Sequence[Verdict],
        settled: Sequence[Verdict],
        text: str,
        language: str | None,
        previous: Sequence[PastTurn],
    ) -> list[Verdict]:
        """The rules' verdicts that the learned layer does not take back, and its own unless there is a crisis already."""
        if language not in (None, SPANISH):
            return list(ruled)
        probabilities = self._learned.probabilities(text)
        kept = [verdict for verdict in ruled if not self._is_taken_back(verdict, probabilities)]
        if any(verdict.route == "crisis" for verdict in (*settled, *kept)):
            return kept
        return kept + self._learned_verdicts(text, probabilities, previous)

    def _is_taken_back(self, verdict: Verdict, probabilities: NDArray[np.float64]) -> bool:
        """Whether every reading of the message is so surely about something that nobody guards that a rule must be mistaken."""
        harmless = self._learned.harmless(probabilities).min()
        return bool(harmless >= self._thresholds["harmless_crisis" if verdict.route == "crisis" else "harmless"])

    def _learned_verdicts(
        self, text: str, probabilities: NDArray[np.float64], previous: Sequence[PastTurn]
    ) -> list[Verdict]:
        """What the learned layer finds in the message, and in the last two messages together."""
        found = self._reaching(probabilities, self._thresholds, "model") + self._distress(probabilities)
        if any(verdict.route == "crisis" for verdict in found):
            return found
        hint = {"crisis": self._thresholds["crisis_hint"]}
        if (earlier := earlier_texts(previous)[-1:]) and self._reaching(probabilities, hint, "context"):
            together = self._learned.probabilities(joined(earlier[0], text))
            found += self._reaching(together, _crisis_only(self._thresholds), "context")
        return found

    def _distress(self, probabilities: NDArray[np.float64]) -> list[Verdict]:
        """A message that passes may still be grief; whoever has no answer to it shall at least not sound like a machine."""
        columns = [index for index, label in enumerate(self._learned.labels) if label == DISTRESS]
        score = round(float(probabilities[0, columns].sum()), 4)
        if score < self._thresholds[DISTRESS]:
            return []
        return [Verdict(route="pass", category=DISTRESS, layer="model", score=score)]

    def _reaching(
        self, probabilities: NDArray[np.float64], thresholds: Mapping[str, float], layer: str
    ) -> list[Verdict]:
        """A verdict for each route whose probability reaches its threshold in some reading."""
        labels = self._learned.labels
        found = []
        for route in (route for route in GUARDED if route in thresholds):
            meant = CRISIS_CATEGORIES if route == "crisis" else (route,)
            columns = [index for index, label in enumerate(labels) if label in meant]
            for number, row in enumerate(probabilities[:, columns] if columns else ()):
                category = labels[columns[int(row.argmax())]]
                wanted = max(
                    thresholds[route],
                    thresholds.get("crisis_of_body", 0.0) if category in _OF_BODY else 0.0,
                    thresholds.get("window", 0.0) if number else 0.0,
                )
                if row.sum() >= wanted:
                    score = round(float(row.sum()), 4)
                    found.append(Verdict(route=route, category=category, layer=layer, score=score))
                    break
        return found


def read_thresholds(path: Path = THRESHOLDS) -> dict[str, float]:
    """Read the thresholds of the learned layer.

    Raises:
        GuardUnavailableError: the file is missing or damaged, a key is missing or unknown, a value is not between 0 and 1.
    """
    mend = f"restore it with: git checkout {path}"
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise GuardUnavailableError(f"{path} is missing or damaged; {mend}") from error
    wanted = {*GUARDED, DISTRESS, "crisis_of_body", "window", "harmless", "harmless_crisis", "crisis_hint"}
    if not isinstance(values, dict) or set(values) != wanted:
        raise GuardUnavailableError(f"{path} wants exactly the keys {', '.join(sorted(wanted))}; {mend}")
    for key, value in values.items():
        if not isinstance(value, float) or not 0 < value < 1:
            raise GuardUnavailableError(f"{key} in {path} is no number between 0 and 1; {mend}")
    return values


def _crisis_only(thresholds: Mapping[str, float]) -> dict[str, float]:
    return {key: thresholds[key] for key in ("crisis", "crisis_of_body", "window")}


def _of_rule(firing: Firing, layer: str) -> Verdict:
    return Verdict(route=firing.route, category=firing.category, layer=layer, rule=firing.rule)
