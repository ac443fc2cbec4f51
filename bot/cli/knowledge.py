"""`askwell knowledge …`: looking after the documents."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from bot.cli.progress import show_progress


@click.group()
def knowledge() -> None:
    """Look after the documents that answers are taken from."""


@knowledge.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER …")
def add(sources: tuple[Path, ...]) -> None:
    """Turn raw files (.md .txt .html .pdf .docx) into draft documents for review.

    Boilerplate goes, headings stay, every claim is marked as unreferenced. What a reviewer must look at is listed with its
    line. Nothing is overwritten; a file that cannot be read is named and the rest goes on.
    """
    from knowledge.convert import SUFFIXES, convert
    from knowledge.draft import make_draft
    from knowledge.errors import ConversionError
    from knowledge.settings import documents_folder

    folder = documents_folder() / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    failed = False
    for path in _files(sources, SUFFIXES):
        try:
            draft = make_draft(convert(path), path, folder)
            target = folder / f"{draft.id}.md"
            with target.open("x", encoding="utf-8") as file:
                file.write(draft.text)
        except FileExistsError:
            failed = True
            click.echo(f"{path}: {target} exists and is left as it is; rename or remove it first", err=True)
            continue
        except ConversionError as error:
            failed = True
            click.echo(str(error), err=True)
            continue
        click.echo(f"{path} → {target}: draft, {len(draft.findings)} places to look at")
        for finding in draft.findings:
            click.echo(f"  {finding}")
    if failed:
        sys.exit(1)


def _files(sources: tuple[Path, ...], suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files named, and those of a known format in the folders named."""
    for source in sources:
        if source.is_dir():
            yield from sorted(path for path in source.rglob("*") if path.is_file() and path.suffix.lower() in suffixes)
        else:
            yield source


@knowledge.command()
def build() -> None:
    """Build the index from the reviewed documents. The old one serves until the new one is whole."""
    from knowledge.build import build_knowledge

    name = build_knowledge(lambda text: click.echo(text, err=True), progress=show_progress())
    click.echo(f"index {name} is current")


@knowledge.command()
@click.argument("old", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--questions", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A question a line.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write a page for the reviewer.")
def diff(old: Path, new: Path, questions: Path | None, html: Path | None) -> None:
    """Show which replies change between two indexes, OLD and NEW: folders under .askwell/index/builds.

    Without --questions, every heading of both indexes is asked. Exit code 1 if a reply changed.
    """
    from bot.knowledge_diff import changed_replies, headings, html_page, text_report

    asked = questions.read_text(encoding="utf-8").split("\n") if questions else headings(old, new)
    asked = [question.strip() for question in asked if question.strip()]
    changes = changed_replies(old, new, asked)
    click.echo(text_report(changes, len(asked)))
    if html:
        html.write_text(html_page(changes, len(asked)), encoding="utf-8")
        click.echo(f"page written to {html}", err=True)
    if changes:
        sys.exit(1)


@knowledge.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Lint documents and references; one line a finding. FILES are checked by themselves, drafts too."""
    from knowledge.check import check_document, check_knowledge
    from knowledge.document import read_document
    from knowledge.references import read_references
    from knowledge.settings import documents_folder, today

    folder = documents_folder()
    if files:
        references = read_references(folder / "references.json")
        found = [one for path in files for one in check_document(read_document(path), references, today())]
    else:
        found = check_knowledge(folder, today())
    for finding in found:
        click.echo(str(finding))
    click.echo(f"{len(found)} findings" if found else "nothing found", err=True)
    if found:
        sys.exit(1)


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
    retriever = Retriever(PassageIndex.load(state_folder() / "index", encoder.name), encoder, settings)
    found = retriever.search(query, today=today())
    used = {hit.passage.id for hit in found.hits}
    if as_json:
        data = {
            "outcome": found.outcome,
            "query": dataclasses.asdict(found.query),
            "unaccounted": dict(found.unaccounted),
            "unanswered": found.unanswered,
            "hits": [
                {
                    "rank": hit.rank,
                    "score": hit.score,
                    "dense": hit.dense,
                    "question": hit.question,
                    "lexical": hit.lexical,
                    "used": hit.passage.id in used,
                    "passage_id": hit.passage.id,
                    "section": hit.passage.section,
                    "text": hit.passage.text,
                }
                for hit in found.nearest[: settings.hits]
            ],
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    lacking = ", ".join(f"{word} −{weight:.3f}" for word, weight in found.unaccounted) or "none"
    click.echo(f"{found.outcome}; understood as: {found.query.text}; words that the best section lacks: {lacking}")
    click.echo(f"nearest question that no document answers: {found.unanswered:.3f}")
    for hit in found.nearest[: settings.hits]:
        mark = "*" if hit.passage.id in used else " "
        scores = f"dense {hit.dense:.3f}  question {hit.question:.3f}  lexical {hit.lexical:.3f}"
        click.echo(f"{mark} {hit.rank:2}  {hit.score:.3f}  {scores}  {hit.passage.id}")
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
