"""Shared values: small documents built by hand, an encoder without a model, the network closed to unit tests."""

from __future__ import annotations

import datetime
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.build_values import TODAY, make_retriever

# Timing is measured in benchmarks, never in tests; and the same examples are tried on every run.
settings.register_profile("askwell", deadline=None, derandomize=True)
settings.load_profile("askwell")

SCOPES = ("unit", "model", "conversation")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the scope that its folder names."""
    here = Path(__file__).parent
    for item in items:
        scope = item.path.relative_to(here).parts[0]
        item.add_marker(scope if scope in SCOPES else "unit")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a unit test that reaches for the network fail."""
    if request.node.get_closest_marker("unit") is None:
        return

    def refuse(*_args: object) -> None:
        raise AssertionError("a unit test opened a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def today() -> datetime.date:
    return TODAY


@pytest.fixture
def retriever() -> Iterator[object]:
    return make_retriever()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let everything that is built go to a folder of the test's own."""
    monkeypatch.setenv("ASKWELL_HOME", str(tmp_path))
    return tmp_path
