"""Replies and receipts: what may be built, and that both survive their journey."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.receipt import ReceiptError, digest_of, read_receipt, receipt_for
from bot.reply import Citation, Reply, Resource, Statement, reply_from_json

LINE = Resource(name="Emergency", contact="911", href="tel:911", hours="24/7")
CITATION = Citation(
    number=1, document_id="d", passage_id="d#1", title="T", section="S", quote="Text.", start=0, end=5, url=None,
    reviewed="2026-11-01", references=(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"route": "chat"}, "is not one of", id="unknown route"),
        pytest.param({"text": " "}, "has no text", id="empty"),
        pytest.param({"route": "crisis"}, "must carry resources", id="crisis without help"),
        pytest.param({"route": "dosing", "citations": (CITATION,)}, "must not carry statements", id="cited dosing"),
        pytest.param({"statements": (Statement(text="x", citations=()),)}, "needs citations", id="uncited"),
        pytest.param({"statements": (Statement(text="x", citations=(2,)),)}, "needs citations", id="unknown citation"),
    ],
)
def test_a_reply_that_breaks_the_contract_cannot_be_built(values: dict[str, object], reason: str):
    with pytest.raises(ValueError, match=reason):
        Reply(**{"route": "answer", "category": "evidence", "text": "x", **values})


def test_a_reply_survives_json():
    reply = Reply(
        route="answer", category="evidence", text="Text. [1]", citations=(CITATION,), resources=(LINE,),
        statements=(Statement(text="Text.", citations=(1,)),), suggestions=("More?",), receipt="aw1.x",
    )  # fmt: skip
    assert reply_from_json(json.loads(json.dumps(reply.to_json()))) == reply


def test_another_schema_is_refused():
    with pytest.raises(ValueError, match=r"askwell\.reply/1"):
        reply_from_json({"schema": "askwell.reply/2"})


@given(st.lists(st.text(max_size=50).filter(lambda text: text.isprintable()), min_size=1, max_size=5))
def test_a_receipt_gives_back_the_conversation(texts: list[str]):
    reply = Reply(route="smalltalk", category="greeting", text="Hello.")
    receipt = read_receipt(receipt_for(texts, reply))
    assert (list(receipt.utterances), receipt.digest) == (texts, digest_of(reply))


def test_a_receipt_does_not_depend_on_itself():
    reply = Reply(route="smalltalk", category="greeting", text="Hello.")
    assert digest_of(reply.replace(receipt="aw1.x")) == digest_of(reply)


@pytest.mark.parametrize("code", ["", "aw1.", "aw1.%%", "xx", "aw1.WyJ4Il0", "aw1.eyJhIjoxfQ"])
def test_a_mistyped_receipt_is_refused(code: str):
    with pytest.raises(ReceiptError):
        read_receipt(code)
