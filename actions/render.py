"""Rendering: an answer as a reply, numbered citations and readable text included. Writes fixed phrases and quotes, no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actions.compose import Answer, Selected
from actions.hedging import hedge_for
from actions.phrases import Phrases
from bot.reply import Citation, CitedReference, Hedge, Reply, Statement
from knowledge.corpus import Corpus
from knowledge.references import Reference
from knowledge.retriever import Search

MOST_SUGGESTIONS = 3


def render_answer(answer: Answer, corpus: Corpus, phrases: Phrases, *, advice: bool) -> Reply:
    """Return the reply for an answer; with `advice`, it leads with whom to ask."""
    quoted = _in_order((*answer.statements, *answer.safety_lines))
    numbers = {(one.passage.id, one.sentence.start): number for number, one in enumerate(quoted, start=1)}
    citations = tuple(_citation(number, one, corpus) for number, one in enumerate(quoted, start=1))
    statements = tuple(
        Statement(text=one.sentence.text, citations=(numbers[one.passage.id, one.sentence.start],)) for one in quoted
    )
    hedge = hedge_for(answer.basis, phrases.hedges, disagreement=answer.disagreement)
    return Reply(
        route="personal_advice" if advice else "answer",
        category="evidence" if any(one.evidence for one in answer.statements) else "information",
        text=_text(answer, citations, hedge, phrases, advice=advice),
        hedge=hedge,
        disagreement=answer.disagreement,
        statements=statements,
        citations=citations,
        suggestions=_suggestions(answer, corpus, phrases),
    )


def render_advice_only(phrases: Phrases) -> Reply:
    """Return the reply to a personal question about which the documents say nothing."""
    return Reply(
        route="personal_advice",
        category="personal_advice",
        text=phrases.personal_advice,
        suggestions=phrases.default_suggestions,
    )


def render_sources(citations: Sequence[Citation], phrases: Phrases) -> Reply:
    """Return the reply that lists the sources of the last answer."""
    return Reply(
        route="smalltalk",
        category="sources",
        text=f"{phrases.last_sources}\n\n{_source_lines(citations)}",
        citations=tuple(citations),
    )


def render_did_you_mean(search: Search, phrases: Phrases) -> Reply:
    """Return the reply to a question that comes near some of ours: it names them, and each is a button."""
    headings = tuple(dict.fromkeys(hit.passage.section for hit in search.nearest))[:MOST_SUGGESTIONS]
    return Reply(
        route="no_answer",
        category="unclear",
        text="\n".join((phrases.did_you_mean, *(f"- {heading}" for heading in headings))),
        suggestions=headings,
    )


def render_no_more(phrases: Phrases) -> Reply:
    """Return the reply to somebody who wants to hear more when all that was found has been said."""
    return Reply(
        route="no_answer", category="nothing_found", text=phrases.no_more, suggestions=phrases.default_suggestions
    )


def _in_order(selected: Iterable[Selected]) -> tuple[Selected, ...]:
    return tuple({(one.passage.id, one.sentence.start): one for one in selected}.values())


def _citation(number: int, selected: Selected, corpus: Corpus) -> Citation:
    document = corpus.documents[selected.passage.document_id]
    references = tuple(_cited(reference) for reference in selected.references)
    return Citation(
        number=number,
        document_id=document.id,
        passage_id=selected.passage.id,
        title=document.title,
        section=selected.passage.section,
        quote=selected.sentence.text,
        start=selected.sentence.start,
        end=selected.sentence.end,
        url=next((reference.url for reference in references if reference.url), None),
        reviewed=document.reviewed_on.isoformat(),
        references=references,
    )


def _cited(reference: Reference) -> CitedReference:
    return CitedReference(
        id=reference.id, text=reference.text, url=reference.url, kind=reference.kind, year=reference.year
    )


def _text(
    answer: Answer,
    citations: Sequence[Citation],
    hedge: Hedge,
    phrases: Phrases,
    *,
    advice: bool,
) -> str:
    said = [f"{one.quote} [{one.number}]" for one in citations]
    count = len(answer.statements)
    blocks = []
    if advice:
        blocks += [phrases.personal_advice, phrases.personal_advice_found]
    blocks.append(hedge.text)
    blocks.append("\n".join(said[:count]))
    if answer.disagreement:
        blocks.append(_both_sides(answer, phrases))
    if said[count:]:
        blocks.append("\n".join(f"{phrases.safety} {line}" for line in said[count:]))
    if not advice:
        blocks.append(phrases.whom_to_ask)
    blocks.append(f"{phrases.sources}\n{_source_lines(citations)}")
    return "\n\n".join(blocks)


def _both_sides(answer: Answer, phrases: Phrases) -> str:
    """Name the studies on either side, so that a reader sees who disagrees with whom."""
    sides: dict[str, dict[str, None]] = {"supports": {}, "against": {}}
    for one in answer.statements:
        for reference in one.evidence:
            if reference.direction in sides:
                sides[reference.direction][reference.short_name] = None
    return phrases.disagreement.format(supports="; ".join(sides["supports"]), against="; ".join(sides["against"]))


def _source_lines(citations: Iterable[Citation]) -> str:
    return "\n".join(
        f"[{one.number}] {one.title} (reviewed {one.reviewed}). "
        + "; ".join(f"{reference.text} ({reference.kind})" for reference in one.references)
        for one in citations
    )


def _suggestions(answer: Answer, corpus: Corpus, phrases: Phrases) -> tuple[str, ...]:
    topics = [topic for one in answer.statements for topic in corpus.documents[one.passage.document_id].topics]
    texts = [text for topic in dict.fromkeys(topics) for text in phrases.suggestions.get(topic, ())]
    return tuple(dict.fromkeys([*texts, *phrases.default_suggestions]))[:MOST_SUGGESTIONS]
