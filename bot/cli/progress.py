"""Progress on standard error for work that takes more than two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

QUIET_SECONDS = 2.0


def show_progress() -> Callable[[int, int], None]:
    """Return a callback that tells how much is done and about how long the rest will take."""
    begin = time.monotonic()

    def show(done: int, total: int) -> None:
        passed = time.monotonic() - begin
        if passed < QUIET_SECONDS:
            return
        left = passed / max(done, 1) * (total - done)
        end = "\n" if done >= total or not sys.stderr.isatty() else "\r"
        print(f"{done} of {total} encoded, about {left:.0f} s left", end=end, file=sys.stderr, flush=True)

    return show
