"""The door: what is let in, what is refused, and that a refusal never repeats the patient's words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel.limits import RateLimit
from bot.channel.payload import BadRequestError, plain_text, read_feedback, read_utterance

SECRET = "my very private words"


def body(**changes: object) -> bytes:
    data = {"sender": "abc", "message": SECRET, "metadata": {}, **changes}
    return json.dumps({key: value for key, value in data.items() if value is not ...}).encode()


def test_a_good_message_is_read():
    utterance = read_utterance(body(metadata={"message_id": "m1"}), most_characters=100)
    assert (utterance.sender, utterance.text, utterance.message_id) == ("abc", SECRET, "m1")


@pytest.mark.parametrize(
    ("sent", "status", "error"),
    [
        pytest.param(b"", 400, "bad_json", id="empty"),
        pytest.param(b"[]", 400, "bad_json", id="list"),
        pytest.param(b"\xff\xfe", 400, "bad_json", id="not utf-8"),
        pytest.param(b"[" * 100_000, 400, "bad_json", id="deep"),
        pytest.param(body(sender=...), 400, "bad_sender", id="no sender"),
        pytest.param(body(sender=""), 400, "bad_sender", id="empty sender"),
        pytest.param(body(sender="a b"), 400, "bad_sender", id="space in sender"),
        pytest.param(body(sender="x" * 129), 400, "bad_sender", id="long sender"),
        pytest.param(body(sender=5), 400, "bad_sender", id="number as sender"),
        pytest.param(body(message=...), 400, "bad_message", id="no message"),
        pytest.param(body(message=5), 400, "bad_message", id="number as message"),
        pytest.param(body(message="x" * 101), 413, "too_long", id="too long"),
        pytest.param(body(metadata=[]), 400, "bad_metadata", id="list as metadata"),
        pytest.param(body(metadata={"message_id": 5}), 400, "bad_metadata", id="number as message id"),
    ],
)
def test_a_bad_message_is_refused_without_repeating_it(sent: bytes, status: int, error: str):
    with pytest.raises(BadRequestError) as refused:
        read_utterance(sent, most_characters=100)
    assert (refused.value.status, refused.value.error) == (status, error)
    assert SECRET not in refused.value.detail


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("/greet", "greet"),
        ("  //restart", "restart"),
        ("\u200b/greet{}", "greet{}"),
        ("\uff0fgreet", "greet"),
        ("/ /crisis_suicide@1.0", "crisis_suicide@1.0"),
        ("1/2 of it", "1/2 of it"),
        ("a\x00b", "a b"),
        ("caf\u00e9 \U0001f600", "caf\u00e9 \U0001f600"),
        ("\ud800 broken", "broken"),
    ],
)
def test_typed_text_is_never_a_command(typed: str, read: str):
    assert plain_text(typed) == read


@given(st.text(max_size=200))
def test_no_text_becomes_a_command_and_any_can_be_sent(text: str):
    read = plain_text(text)
    assert not read.lstrip().startswith("/")
    assert read.encode("utf-8").decode("utf-8") == read


def test_feedback_needs_a_receipt_and_a_verdict():
    good = {"sender": "a", "receipt": "aw1.x", "helpful": False, "reason": "unclear"}
    assert read_feedback(json.dumps(good).encode()).reason == "unclear"
    for change in ({"receipt": ""}, {"helpful": "yes"}, {"reason": "x" * 1001}, {"sender": None}):
        with pytest.raises(BadRequestError):
            read_feedback(json.dumps({**good, **change}).encode())


def test_a_burst_is_allowed_and_a_flood_is_not():
    now = 0.0
    limit = RateLimit(3, clock=lambda: now)
    assert [limit.wait("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limit.wait("a") == pytest.approx(20.0)
    assert limit.wait("b") == 0.0
    now = 20.0
    assert limit.wait("a") == 0.0
