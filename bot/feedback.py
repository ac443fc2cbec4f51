"""Feedback on answers, kept in a small SQLite file apart from the conversations; `askwell feedback` lists it."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.channel.payload import Feedback


class FeedbackStore:
    """Feedback in the order in which it came."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, made when the first feedback comes."""
        self._path = path

    def add(self, feedback: Feedback, at: datetime.datetime) -> None:
        """Keep one feedback."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS feedback (at TEXT, receipt TEXT, helpful INTEGER, reason TEXT)"
            )
            database.execute(
                "INSERT INTO feedback VALUES (?, ?, ?, ?)",
                (at.isoformat(timespec="seconds"), feedback.receipt, feedback.helpful, feedback.reason),
            )

    def all(self) -> Iterator[tuple[str, Feedback]]:
        """Yield (time, feedback), oldest first."""
        if not self._path.exists():
            return
        with closing(sqlite3.connect(self._path)) as database:
            rows = database.execute("SELECT at, receipt, helpful, reason FROM feedback ORDER BY rowid").fetchall()
        for at, receipt, helpful, reason in rows:
            yield at, Feedback(receipt=receipt, helpful=bool(helpful), reason=reason)
