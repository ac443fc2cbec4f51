"""Follow-up questions: what "what about alcohol?" or "is that proven?" ask, given the question before.

Pure: the question before comes from Rasa's slots, and what is returned are texts to search for. A message that stands by
itself is returned as it is, so that nothing of an old topic leaks into a new question.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence

from knowledge.query import PRONOUNS, STOPWORDS, Vocabulary, tokens

_CORRECTION = r"no(?: no)?|sorry|i mean|i meant|no i mean|no i meant|sorry i meant|i was asking about|not that"
_LEAD = re.compile(
    rf"(?:(?:ok|okay|thanks|thank you|yes|great|hmm|and|but|so|well|then|also|{_CORRECTION}"
    r"|what about|how about|what if)\b\s*)+"
)
_MORE = re.compile(
    r"(?:(?:ok|yes|please|and|can you|could you|tell me|say|give me|show me|i want|id like|to know|know)\s+)*"
    r"(?:more|go on|continue|more details?|more about (?:it|that|this)|anything else|what else|a bit more|some more)"
    r"(?:\s+(?:please|about (?:it|that|this)))?"
)
_PROOF = re.compile(
    r"(?:(?:is|was) (?:that|this|it) (?:proven|proved|true|certain|for sure|sure|a fact|right|real|scientific)"
    r"|(?:how )?(?:sure|certain|reliable|good) (?:is|are) (?:that|this|it|you|the (?:evidence|proof|studies))"
    r"(?: about (?:that|it))?"
    r"|are you sure(?: about (?:that|it))?|(?:is|are) there (?:any )?(?:proof|evidence|studies)(?: for (?:that|it))?"
    r"|(?:whats?|what is|wheres) the (?:evidence|proof)(?: for (?:that|it))?|(?:any )?(?:proof|evidence))"
)
_WHY = re.compile(r"(?:but |and |so )?(?:why|how come|why not|why is (?:that|this|it)|why so|how so|hows that)")
_QUESTION_WORDS = frozenset(
    "is are was were can could do does did will would should may might must has have".split()
    + "how what when where which who whom why".split()
)
_LEANING = PRONOUNS | {"its", "they", "them", "their", "those", "these", "there", "him", "her", "he", "she"}
# A question of its own has more meaningful words than this.
FEW_WORDS = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What the conversation is about: the last answered question, and the passages shown for it."""

    query: str
    shown: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a message asks.

    Attributes:
        texts: readings of it; whichever finds most is meant.
        otherwise: what is meant if none of them finds anything.
        wants_more: whether passages already shown should be left out.
        wants_evidence: whether studies come before plain facts.
        stays: whether the question before is still the one being talked about.
    """

    texts: tuple[str, ...]
    otherwise: str | None = None
    wants_more: bool = False
    wants_evidence: bool = False
    stays: bool = False


def read_follow_up(
    utterance: str, previous: Previous | None, vocabulary: Vocabulary, exchangeable: Sequence[Sequence[str]]
) -> Asked:
    """Read a message in the light of the question before.

    Args:
        utterance: the patient's words.
        previous: the question before, if one was answered.
        vocabulary: tells meaningful words.
        exchangeable: groups of words one of which "what about …" puts in the place of another: drugs, treatments.
    """
    alone = Asked(texts=(utterance,))
    said = " ".join(tokens(utterance))
    if previous is None or not said:
        return alone
    if _MORE.fullmatch(said):
        return Asked(texts=(previous.query,), wants_more=True, stays=True)
    if _PROOF.fullmatch(said):
        return Asked(texts=(previous.query,), wants_evidence=True, stays=True)
    if _WHY.fullmatch(said):
        return Asked(texts=(f"why {previous.query}",), stays=True)
    lead = _LEAD.match(said)
    rest = said[lead.end() :] if lead else said
    if asked := _elliptic(rest, previous, vocabulary, exchangeable, has_lead=lead is not None):
        return asked
    leans = _LEANING.intersection(rest.split())
    return dataclasses.replace(alone, otherwise=f"{previous.query} {rest}") if leans else alone


def _elliptic(
    rest: str,
    previous: Previous,
    vocabulary: Vocabulary,
    exchangeable: Sequence[Sequence[str]],
    *,
    has_lead: bool,
) -> Asked | None:
    """Read "(what about) alcohol", "(and) for women", "does it help them": words that lean on the question before."""
    words = rest.split()
    meaningful = [word for word in words if word not in STOPWORDS]
    swapped = _swapped(meaningful, previous.query, vocabulary, exchangeable)
    is_clause = words and words[0] in _QUESTION_WORDS
    if meaningful and len(meaningful) <= FEW_WORDS and not is_clause and (has_lead or (swapped and len(words) <= 2)):
        if not swapped and vocabulary.query(rest).unknown:  # the old question must not answer for a word we don't have
            return Asked(texts=(rest,))
        return Asked(texts=(swapped or f"{previous.query} {rest}", rest))
    if subject := _other_subject(words, previous.query, vocabulary, exchangeable):
        said = " ".join(subject if word in PRONOUNS else {"its": subject}.get(word, word) for word in words)
        return Asked(texts=(said,))
    return None


def _swapped(
    meaningful: Sequence[str], query: str, vocabulary: Vocabulary, exchangeable: Sequence[Sequence[str]]
) -> str | None:
    """Return the question before with its drug or treatment exchanged for the one named now."""
    for group in exchangeable:
        members = {stem for member in group for stem in vocabulary.stems(member)}
        named = [word for word in meaningful if members.intersection(vocabulary.stems(word))]
        words = query.split()
        places = [place for place, word in enumerate(words) if members.intersection(vocabulary.stems(word))]
        if named and places:
            words[places[-1]] = " ".join(named)
            return " ".join(word for place, word in enumerate(words) if place not in places[:-1])
    return None


def _other_subject(
    words: Sequence[str], query: str, vocabulary: Vocabulary, exchangeable: Sequence[Sequence[str]]
) -> str | None:
    """Return what a pronoun stands for when the question before was about a treatment and none is named before it."""
    if not {*PRONOUNS, "its"}.intersection(words) or not exchangeable:
        return None
    treatments = {stem: member for member in exchangeable[-1] for stem in vocabulary.stems(member)}
    before = itertools.takewhile(lambda word: word not in PRONOUNS and word != "its", words)
    if any(stem in treatments for word in before for stem in vocabulary.stems(word)):
        return None
    return next((treatments[stem] for stem in vocabulary.stems(query) if stem in treatments), None)
