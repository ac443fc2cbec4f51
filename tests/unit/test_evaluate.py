"""Measuring retrieval: the figures are those of the field, and bad files are refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import EvaluationError
from knowledge.evaluate import Text, evaluate, figures_of, read_corpus, read_queries, read_relevance
from tests.build_values import WordEncoder

CORPUS = [
    Text(id="a", title="Kidneys", text="Weak kidneys clear less of the drug. Older people should take care."),
    Text(id="b", title="Driving", text="Do not drive while the drug makes you sleepy. Machines are risky too."),
    Text(id="c", title="Cost", text="The drug is sold as a generic. Insurers may ask for a check before they pay."),
]


def test_a_query_finds_the_text_that_shares_its_words():
    report = evaluate(CORPUS, {"q": "who may drive", "unjudged": "kidneys"}, {"q": {"b": 1}}, WordEncoder())
    assert (report.ndcg_at_10, report.recall_at_10, report.mrr_at_10) == (1.0, 1.0, 1.0)
    assert (report.queries, report.passages) == (1, 3)


@pytest.mark.parametrize(
    ("ranked", "relevance", "figures"),
    [
        (["a", "b"], {"a": 1}, (1.0, 1.0, 1.0, 1.0)),
        (["x", "a"], {"a": 1}, (0.6309, 1.0, 1.0, 0.5)),
        (["a", "x", "b"], {"a": 1, "b": 1}, (0.9197, 1.0, 1.0, 1.0)),
        (["b", "a"], {"a": 2, "b": 1}, (0.8597, 1.0, 1.0, 1.0)),
        (["x"] * 10 + ["a"], {"a": 1}, (0.0, 0.0, 1.0, 0.0)),
        (["x"], {"a": 1, "b": 0}, (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_figures_are_those_of_the_field(ranked, relevance, figures):
    assert figures_of(ranked, relevance) == pytest.approx(figures, abs=1e-4)


def test_files_are_read(tmp_path: Path):
    (tmp_path / "corpus").write_text('{"_id": "a", "title": "T", "text": "x"}\n\n{"_id": 2, "text": "y"}\n')
    (tmp_path / "queries").write_text('{"_id": "q", "text": "what"}\n')
    (tmp_path / "qrels").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\nq\t2\t0\n")
    assert read_corpus(tmp_path / "corpus") == [Text(id="a", title="T", text="x"), Text(id="2", title="", text="y")]
    assert read_queries(tmp_path / "queries") == {"q": "what"}
    assert read_relevance(tmp_path / "qrels") == {"q": {"a": 1, "2": 0}}


@pytest.mark.parametrize(
    ("read", "content", "message"),
    [
        (read_corpus, "", "is empty"),
        (read_corpus, "[1]\n", ":1: wanted an object"),
        (read_queries, '{"_id": "q", "text": "x"}\nnonsense\n', ":2: not a JSON object"),
        (read_queries, '{"text": "x"}\n', ":1: wanted an object with _id and text"),
        (read_relevance, "query-id\tcorpus-id\tscore\nq\ta\n", ":2: wanted query-id"),
        (read_relevance, "query-id\tcorpus-id\tscore\n", "no judgements"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, read, content: str, message: str):
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(EvaluationError, match=message):
        list(read(path))


def test_judgements_of_other_queries_are_refused():
    with pytest.raises(EvaluationError, match="no query has a relevant text"):
        evaluate(CORPUS, {"q": "who may drive"}, {"other": {"b": 1}}, WordEncoder())
