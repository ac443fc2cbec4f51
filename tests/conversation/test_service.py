"""The service over HTTP: its contract, and what patients get when a part of it fails."""

from __future__ import annotations

import json
import time
import uuid

import psutil
import pytest

from tests.conversation.conftest import Talk
from tests.conversation.service import Service

WEBHOOK = "/webhooks/askwell/webhook"
WORDS = "my very private words"


def test_the_web_gives_the_same_reply_as_the_terminal(service: Service, talk: Talk):
    for question in ("does baclofen help cocaine cravings?", "i don’t want to be here anymore", "hi"):
        message = service.say(question, sender="same")
        service.send("/webhooks/askwell/conversations/same", method="DELETE")
        assert message["custom"] == talk.ask(question).to_json()
        assert message["text"] == message["custom"]["text"]
        assert message["recipient_id"] == "same"


def test_health_is_ok(service: Service):
    status, _, body = service.send("/health")
    assert (status, json.loads(body)["status"]) == (200, "ok")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="not json"),
        pytest.param({"message": WORDS}, 400, id="no sender"),
        pytest.param({"sender": "a"}, 400, id="no message"),
        pytest.param({"sender": "a", "message": WORDS * 1000}, 413, id="too long"),
        pytest.param({"sender": "a", "message": "x" * 70_000}, 413, id="far too long"),
    ],
)
def test_a_bad_request_is_refused_and_not_repeated(service: Service, body: object, status: int):
    found, _, content = service.send(WEBHOOK, body)
    assert found == status
    assert set(json.loads(content)) == {"error", "detail"}
    assert WORDS.encode() not in content


def test_a_flood_from_one_sender_is_stopped(service: Service):
    sender = uuid.uuid4().hex
    answers = [service.send(WEBHOOK, {"sender": sender, "message": "hi"}) for _ in range(35)]
    statuses = [status for status, _, _ in answers]
    assert statuses[:30] == [200] * 30
    assert statuses[-1] == 429
    assert int(answers[-1][1]["Retry-After"]) > 0


def test_a_message_sent_again_gets_the_same_reply_and_counts_once(service: Service):
    sender = uuid.uuid4().hex
    first, second = (service.say("i don’t want to be here anymore", sender, message_id="m1") for _ in range(2))
    third = service.say("i don’t want to be here anymore", sender, message_id="m2")
    assert first == second
    assert third["text"] != first["text"]


def test_senders_do_not_share_a_conversation(service: Service):
    service.say("i don’t want to be here anymore", "one")
    assert "988" not in service.say("thanks", "another")["text"]


def test_a_deleted_conversation_is_forgotten(service: Service):
    sender = uuid.uuid4().hex
    service.say("i don’t want to be here anymore", sender)
    assert service.send(f"/webhooks/askwell/conversations/{sender}", method="DELETE")[0] == 204
    assert "988" not in service.say("thanks", sender)["text"]


def test_the_page_and_the_widget_are_served_with_a_strict_policy(service: Service):
    for path, kind in (("/", "text/html"), ("/askwell.js", "text/javascript")):
        status, headers, body = service.send(path)
        assert status == 200
        assert headers["content-type"].startswith(kind)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert body


def test_an_unknown_address_is_a_plain_404(service: Service):
    status, _, body = service.send("/webhooks/rest/webhook", {"sender": "a", "message": WORDS})
    assert status == 404
    assert WORDS.encode() not in body


def test_rasas_own_api_is_closed(service: Service):
    for path in ("/model/parse", "/conversations/a/tracker", "/domain", "/version", "/status"):
        assert service.send(path)[0] == 404


def test_feedback_is_kept(service: Service):
    receipt = service.say("does baclofen help cocaine cravings?")["custom"]["receipt"]
    body = {"sender": "a", "receipt": receipt, "helpful": False, "reason": "too long"}
    assert service.send("/webhooks/askwell/feedback", body)[0] == 204
    assert service.send("/webhooks/askwell/feedback", {**body, "helpful": "no"})[0] == 400


def test_without_the_action_server_crisis_help_and_the_safe_reply_come_in_time(service: Service):
    killed = service.action_server()
    killed.kill()
    killed.wait(5)
    begin = time.monotonic()
    crisis = service.say("i don’t want to be here anymore")
    after_crisis = time.monotonic()
    answer = service.say("what are the side effects")
    end = time.monotonic()
    assert (crisis["custom"]["route"], crisis["custom"]["category"]) == ("crisis", "suicide")
    assert answer["custom"]["route"] == "error"
    assert "911" in answer["text"]
    assert answer["custom"]["resources"]
    assert after_crisis - begin < 3
    assert end - after_crisis < 3
    assert service.send("/health")[0] == 503
    assert service.wait_for_health("ok", 60)["status"] == "ok"
    assert service.say("what are the side effects")["custom"]["route"] == "answer"


def test_a_frozen_action_server_ends_in_the_safe_reply(service: Service):
    frozen = service.action_server()
    frozen.suspend()
    try:
        begin = time.monotonic()
        answer = service.say("what are the side effects")
        crisis = service.say("i took all my tablets and feel sleepy")
        assert answer["custom"]["route"] == "error"
        assert crisis["custom"]["category"] == "overdose"
        assert time.monotonic() - begin < 6
    finally:
        frozen.resume()
    assert service.wait_for_health("ok", 20)["status"] == "ok"


def loaded(process: psutil.Process) -> str:
    """Return the files that a process has mapped, its libraries among them."""
    return " ".join(entry.path for entry in process.memory_maps())


def test_each_process_loads_only_its_own_heavy_libraries(service: Service):
    service.say("what are the side effects")
    dialogue, actions = loaded(psutil.Process(service.process.pid)), loaded(service.action_server())
    assert "libtorch" not in dialogue
    assert "faiss" not in dialogue
    assert "libtorch" in actions
    assert "tensorflow" not in actions
