"""Queries: what a patient typed, in the words of our documents.

Folds case and accents, replaces slang and brand names (knowledge/synonyms.yml), repairs misspelt words that are close to a
word of the corpus, and tells which words carry meaning.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from knowledge.settings import PACKAGE, read_mapping

# Medical texts write "TNF-alpha" and "TNFα".
_GREEK = str.maketrans({letter: f"-{unicodedata.name(letter).split()[-1].lower()}-" for letter in "αβγδεκλμω"})
_HYPHENS = re.compile(r"-{2,}")
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Function words and the small change of a chat: they say nothing about the topic.
STOPWORDS = frozenset(
    """a about actually after again all also always am an and any anyone anything are aren arent around as ask at be because
    been before being but by can cannot cant come could couldn did didn do does doesn doesnt doing don done dont down even ever
    every everyone find for from gave get gets getting give gives go going good got had has have haven having he hello help
    helped helping helps her here hey hi him his how hows i id if ill im in into is isn isnt it its ive just keep kind know
    known lets like likely lot made make makes many may maybe me mean means might mine more most much must my myself need
    needs never new no not now of off ok okay on one only or other our out over own people perhaps person please possible
    put question quite really reason right said same say says see seem she should show so some somebody someone something
    start still such sure take taken takes taking talk tell than thank thanks that thats the their them then there these they
    thing things think this those through time to too took tried true try trying u up upon ur us use used uses using very
    want wanted wants was way we well went were what whatever whats when where whether which while who whom whos whose why
    will wish with within without wonder wondering work worked working works worth would wouldn wouldnt wrong ya yeah yes
    yet you your youre yours hmm hm huh um uh er eh oh ah""".split()
)


PRONOUNS = frozenset(["it", "this", "that"])


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A patient's words, made ready for retrieval.

    Attributes:
        text: the words with slang and spelling repaired; what is encoded.
        terms: stems of the words that carry meaning, synonyms included; what lexical search looks for.
        unknown: meaningful words that the corpus does not have, as typed; a sign that we have no answer.
    """

    text: str
    terms: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_unclear(self) -> bool:
        """Whether no word carries meaning, or a single unknown word is all there is."""
        return not self.terms and (not self.unknown or self.text == self.unknown[0])

    @property
    def is_bare(self) -> bool:
        """Whether it is a word or two that ask nothing yet: "acamprosate"."""
        return len(self.text.split()) <= 2


class Vocabulary:
    """The words of the corpus and of the synonym list; makes queries from utterances."""

    def __init__(
        self,
        words: Set[str],
        synonyms: Mapping[str, str],
        *,
        subject: str = "",
        english: Set[str] = frozenset(),
        everyday: Set[str] = frozenset(),
    ) -> None:
        """Take what is known.

        Args:
            words: the corpus's words, in small letters.
            synonyms: the synonym list.
            subject: what "it" means while nothing else is named.
            english: words that are spelt right, whether or not the corpus has them; they are never "repaired".
            everyday: words that are no sign of a missing answer when the corpus does not have them.
        """
        import Stemmer

        self._stemmer: Any = Stemmer.Stemmer("english")
        self._words = frozenset(words)
        self._stems = frozenset(self._stemmer.stemWords(sorted(words)))
        self._english = frozenset(self._stemmer.stemWords(sorted(english | everyday)))
        self._everyday = frozenset(everyday)
        self._synonyms = dict(synonyms)
        self.subject = subject
        phrases = sorted((key for key in synonyms if " " in key), key=len, reverse=True)
        self._phrases = re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b" if phrases else r"(?!)")
        # The sentences of the documents are asked for at every turn.
        self._remembered = functools.lru_cache(maxsize=50_000)(self._stem)
        self._targets = sorted(word for word in self._words | set(self._synonyms) | STOPWORDS if len(word) >= 4)

    def stems(self, text: str) -> list[str]:
        """Return the stems of the meaningful words of a text, in order, each synonym as what it stands for."""
        return list(self._remembered(text))

    def _stem(self, text: str) -> tuple[str, ...]:
        words = [self._synonyms.get(word, word) for word in tokens(text) if word not in STOPWORDS]
        parts = (part for word in words for whole in word.split() for part in (whole, *_inner(whole)))
        return tuple(self._stemmer.stemWords([part for part in parts if part not in STOPWORDS]))

    def is_topical(self, word: str) -> bool:
        """Whether a word can be what a question is about."""
        return word not in STOPWORDS and not is_everyday(word, self._everyday)

    def query(self, utterance: str) -> Query:
        """Make a query from what a patient typed."""
        repaired: list[str] = []
        terms: list[str] = []
        unknown: list[str] = []
        for word in tokens(self._phrases.sub(self._stands_for, " ".join(tokens(utterance)))):
            known = word if word in STOPWORDS else self._known(word)
            if known is None:
                unknown += [] if is_everyday(word, self._everyday) else [word]
                repaired.append(word)
                continue
            repaired.append(known if known in self._words else self._synonyms.get(known, known))
            terms += self.stems(known)
        return Query(
            text=self._with_subject(repaired), terms=tuple(dict.fromkeys(terms)), unknown=tuple(dict.fromkeys(unknown))
        )

    def _stands_for(self, phrase: re.Match[str]) -> str:
        return self._synonyms[phrase.group()]

    def _with_subject(self, words: Sequence[str]) -> str:
        """Put the subject in the place of the last pronoun that may stand for it, unless it is named anyway."""
        text = list(words)
        places = [place for place, word in enumerate(text) if word in PRONOUNS and not _is_filler(text, place)]
        if self.subject and places and not any(self.subject in word for word in text):
            text[places[-1]] = self.subject
        return " ".join(text)

    def _known(self, word: str) -> str | None:
        """Return the word itself, or the known word that it misspells, or None."""
        if word in self._words or word in self._synonyms:
            return word
        stem = self._stemmer.stemWord(word)
        if stem in self._stems and stem != word:  # another form of a word of ours; "cocain" is none, though a stem
            return word
        if stem not in self._english and (repaired := self._repaired(word)):
            return repaired
        return word if stem in self._stems else None

    def _repaired(self, word: str) -> str | None:
        """Return the known word that this one most likely misspells: first letter right, one slip, two in long words."""
        if len(word) < 4 or any(character.isdigit() for character in word):
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        limit = 1 if len(word) < 8 else 2
        found = process.extract(word, self._targets, scorer=OSA.distance, score_cutoff=limit, limit=8)
        return next((str(target) for target, _, _ in found if target[0] == word[0]), None)


def _inner(word: str) -> list[str]:
    """Return the parts of a hyphenated word, which are looked for beside it."""
    return word.split("-") if "-" in word else []


def _is_filler(words: Sequence[str], place: int) -> bool:
    """Whether a pronoun stands for nothing: "is it dangerous to …", "was it true that …"."""
    before, after = words[place - 1 : place], words[place + 2 : place + 4]
    return bool({"is", "isnt", "was", "be"} & set(before)) and bool({"to", "that", "if", "when"} & set(after))


def tokens(text: str) -> list[str]:
    """Split into words of small ASCII letters, digits and inner hyphens; apostrophes vanish ("can't" → "cant")."""
    folded = unicodedata.normalize("NFKD", text.lower()).replace("'", "").replace("\u2019", "").translate(_GREEK)
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return _WORD.findall(_HYPHENS.sub("-", plain))


def read_synonyms(path: Path | None = None) -> dict[str, str]:
    """Read the synonym list.

    Raises:
        SettingsError: the file is missing or is not a mapping.
    """
    values = read_mapping(path or PACKAGE / "synonyms.yml")
    return {str(word): str(meaning).lower() for word, meaning in values.items()}


@functools.cache
def read_everyday(path: Path = PACKAGE / "everyday.txt") -> frozenset[str]:
    """Read the list of everyday words."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def is_everyday(word: str, everyday: Set[str]) -> bool:
    """Whether it is an everyday word, or several or whose: "husband's" reaches here as "husbands"."""
    return word in everyday or word.removesuffix("s") in everyday


def corpus_words(texts: Iterable[str]) -> set[str]:
    """Return every word of some texts, hyphenated words also by their parts."""
    words = {word for text in texts for word in tokens(text)}
    return words | {part for word in words for part in word.split("-")}
