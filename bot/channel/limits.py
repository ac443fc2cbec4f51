"""Rate limits: so many messages a minute for each sender and each network address."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

# How many senders are remembered; the longest silent ones are forgotten first, so memory stays bounded.
REMEMBERED = 20_000


class RateLimit:
    """A bucket of tokens for each key; it refills evenly, so a burst is allowed and a flood is not."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `per_minute` messages in any minute, about."""
        self._capacity = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one token. Return 0 if there was one, else the seconds until there is."""
        now = self._clock()
        tokens, then = self._buckets.pop(key, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - then) * self._capacity / 60)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * 60 / self._capacity
