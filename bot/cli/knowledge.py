"""`askwell knowledge …`: looking after the documents."""

from __future__ import annotations

import dataclasses
import json

import click


@click.group()
def knowledge() -> None:
    """Look after the documents that answers are taken from."""


@knowledge.command()
def build() -> None:
    """Build the index from the reviewed documents. The old one serves until the new one is whole."""
    from knowledge.build import build_knowledge

    name = build_knowledge(lambda text: click.echo(text, err=True))
    click.echo(f"index {name} is current")


@knowledge.command()
@click.argument("query")
@click.option("--json", "as_json", is_flag=True, help="Print the hits as JSON.")
def search(query: str, as_json: bool) -> None:
    """Show what retrieval sees for QUERY: passages with their scores, and whether they would be used."""
    from knowledge.encoder import SentenceTransformerEncoder
    from knowledge.index import PassageIndex
    from knowledge.retriever import Retriever
    from knowledge.settings import load_settings, state_folder, today

    settings = load_settings()
    encoder = SentenceTransformerEncoder(settings)
    retriever = Retriever(PassageIndex.load(state_folder() / "index", encoder.name), encoder, hits=settings.hits)
    found = retriever.search(query, today=today())
    used = {hit.passage.id for hit in found.hits}
    if as_json:
        data = {
            "outcome": found.outcome,
            "query": dataclasses.asdict(found.query),
            "hits": [
                {
                    "rank": hit.rank,
                    "score": hit.score,
                    "dense": hit.dense,
                    "lexical": hit.lexical,
                    "used": hit.passage.id in used,
                    "passage_id": hit.passage.id,
                    "section": hit.passage.section,
                    "text": hit.passage.text,
                }
                for hit in found.nearest
            ],
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{found.outcome}; understood as: {found.query.text}; unknown words: {', '.join(found.query.unknown) or 'none'}"
    )
    for hit in found.nearest:
        mark = "*" if hit.passage.id in used else " "
        click.echo(
            f"{mark} {hit.rank:2}  {hit.score:.3f}  dense {hit.dense:.3f}  lexical {hit.lexical:.3f}  {hit.passage.id}"
        )
        click.echo(f"      {hit.passage.section}: {hit.passage.text[:110]}")


@knowledge.command()
@click.argument("document_id")
def show(document_id: str) -> None:
    """Print the normalised text of a document, to which the offsets of citations refer."""
    from knowledge.document import read_corpus
    from knowledge.settings import documents_folder

    documents = {document.id: document for document in read_corpus(documents_folder() / "documents")}
    if document_id not in documents:
        raise click.ClickException(f"no document {document_id!r}; known: {', '.join(documents)}")
    click.echo(documents[document_id].text, nl=False)
