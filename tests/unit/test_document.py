"""Documents: offsets, sentences, citations, and what is refused."""

from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.document import normalise, parse_document, read_corpus, read_document
from knowledge.errors import DocumentError
from tests.build_values import COCAINE, TODAY, make_document

HEADER = (
    "---\nid: x\ntitle: X\nstatus: reviewed\nlanguage: en\nreviewed_on: 2026-11-01\nreview_due: 2027-01-01\n---\n\n"
)
MARKS = [
    "- item",
    "> note.",
    "## Heading",
    "\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    "  ",
    "\t",
    "| a | b |\n|---|---|\n| c. | d |\n",
]
WORDS = st.sampled_from(
    [*"Baclofen helps. not. é e\u0301 naïve “quoted.” Dr. [@key] [@a;@b]. | - > ## 1. U.S. 5 50%. 😀 ﬁ".split(), *MARKS]
)


def parse(body: str):
    return parse_document(HEADER + body, Path("x.md"))


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_every_offset_gives_back_its_text(body: str):
    document = parse(body)
    for passage in document.passages:
        assert passage.start == passage.sentences[0].start
        assert passage.end == passage.sentences[-1].end
        for sentence in passage.sentences:
            assert document.text[sentence.start : sentence.end] == sentence.text
            assert sentence.text.strip() == sentence.text
            assert sentence.text


@given(st.text(max_size=400))
def test_normalising_twice_changes_nothing(raw: str):
    once = normalise(raw)
    assert normalise(once) == once
    assert "\r" not in once
    assert unicodedata.is_normalized("NFC", once)


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_sentences_follow_each_other_without_overlap(body: str):
    sentences = [sentence for passage in parse(body).passages for sentence in passage.sentences]
    assert all(one.end <= other.start for one, other in itertools.pairwise(sentences))


def test_our_documents_are_their_own_normalised_text():
    assert make_document(COCAINE).text == COCAINE


def test_a_citation_belongs_to_the_sentence_before_it():
    sentences = parse("One holds. [@a; @b] Two holds [@c]. Three is bare.").passages[0].sentences
    assert [(one.text, one.references) for one in sentences] == [
        ("One holds.", ("a", "b")),
        ("Two holds", ("c",)),
        ("Three is bare.", ()),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("It is sold in the U.S. by makers.", id="country"),
        pytest.param("Ask Dr. Jones about it.", id="title"),
        pytest.param("Kahn et al. found no difference.", id="authors"),
        pytest.param("About 1.5 in 100 people.", id="decimal"),
    ],
)
def test_an_abbreviation_does_not_end_a_sentence(text: str):
    assert [one.text for one in parse(text).passages[0].sentences] == [text]


def test_a_citation_ends_a_sentence_even_behind_an_abbreviation():
    sentences = parse("Sites called GABA-B. [@a] It is sold in the U.S. [@b] More.").passages[0].sentences
    assert [one.text for one in sentences] == ["Sites called GABA-B.", "It is sold in the U.S.", "More."]


def test_a_wrapped_paragraph_is_joined():
    assert parse("One line\ncontinues here. [@a]").passages[0].text == "One line continues here."


def test_windows_line_ends_make_no_difference():
    assert parse("One.\n\nTwo.").text == parse("One.\r\n\r\nTwo.").text


def test_list_items_are_sentences_of_one_passage():
    passages = parse("- One holds. [@a]\n- Two holds. [@b]\n").passages
    assert [[one.text for one in passage.sentences] for passage in passages] == [["One holds.", "Two holds."]]


def test_a_block_quote_is_a_safety_line_of_its_section():
    passages = parse("## Head\n\nText holds. [@a]\n\n> Be careful. [@b]\n").passages
    assert [(one.section, one.is_safety_line) for one in passages] == [("Head", False), ("Head", True)]


@pytest.mark.parametrize(
    ("changes", "served"),
    [
        pytest.param({}, True, id="reviewed"),
        pytest.param({"status": "draft"}, False, id="draft"),
        pytest.param({"status": "retired"}, False, id="retired"),
        pytest.param({"review_due": "2026-11-19"}, False, id="overdue"),
        pytest.param({"review_due": "2026-11-20"}, True, id="due today"),
    ],
)
def test_only_reviewed_documents_in_date_are_served(changes: dict[str, str], served: bool):
    assert make_document(**changes).is_served(TODAY) is served


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param("no front matter", "no front matter", id="none"),
        pytest.param("---\nid: [\n---\n", "not valid YAML", id="broken"),
        pytest.param("---\njust text\n---\n", "holds no fields", id="no fields"),
        pytest.param(HEADER.replace("title", "titel"), "unknown field 'titel'", id="unknown field"),
        pytest.param(HEADER.replace("title: X\n", ""), "needs 'title'", id="missing"),
        pytest.param(HEADER.replace("status: reviewed", "status: signed"), "status is 'signed'", id="status"),
        pytest.param(HEADER.replace("2027-01-01", "soon"), "review_due is 'soon'", id="date"),
    ],
)
def test_a_bad_front_matter_is_refused_with_the_reason(raw: str, message: str):
    with pytest.raises(DocumentError, match=message.replace("'", ".")):
        parse_document(raw, Path("x.md"))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path):
    (tmp_path / "x.md").write_bytes(HEADER.encode() + b"caf\xe9")
    with pytest.raises(DocumentError, match="not UTF-8"):
        read_document(tmp_path / "x.md")


def test_two_documents_with_one_id_are_refused(tmp_path: Path):
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(COCAINE, encoding="utf-8")
    with pytest.raises(DocumentError, match="both have the id 'cocaine'"):
        read_corpus(tmp_path)
