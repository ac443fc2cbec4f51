"""`askwell eval retrieval`: the search that serves patients, on anybody's test collection."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from bot.cli.progress import show_progress

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--corpus", type=_FILE, required=True, help='JSON lines {"_id", "title", "text"}.')
@click.option("--queries", type=_FILE, required=True, help='JSON lines {"_id", "text"}.')
@click.option("--qrels", type=_FILE, required=True, help="Tab-separated query-id, corpus-id, score, with a header.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def retrieval(corpus: Path, queries: Path, qrels: Path, as_json: bool) -> None:
    """Measure retrieval on a test collection in BEIR's form.

    Queries without a relevant text are left out. Indexing encodes every sentence: count on minutes for some thousand texts.
    """
    from knowledge.encoder import SentenceTransformerEncoder
    from knowledge.evaluate import evaluate, read_corpus, read_queries, read_relevance
    from knowledge.settings import load_settings

    texts, asked, relevance = read_corpus(corpus), read_queries(queries), read_relevance(qrels)
    report = evaluate(texts, asked, relevance, SentenceTransformerEncoder(load_settings()), show_progress())
    figures = dataclasses.asdict(report)
    if as_json:
        click.echo(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        click.echo(f"{name.replace('_at_', '@').replace('_', ' '):20} {value}")
