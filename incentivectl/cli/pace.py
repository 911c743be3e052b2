"""How far long work has come: how much is done, how fast it goes, and how long it will still take."""

import time
from collections.abc import Callable

SECONDS_BETWEEN = 0.2
SECONDS_BETWEEN_LINES = 10.0  # where every text stays, as with --verbose
BYTES = "looking at files"  # what is counted in bytes; everything else is lines


class Pace:
    """Shows what is being done, at most five times a second. Works as the progress of `ingest.read`."""

    def __init__(
        self, show: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._show, self._clock = show, clock
        self._what, self._begun, self._shown = "", 0.0, 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        """`done` of `total` bytes or lines."""
        now = self._clock()
        if what != self._what:
            self._what, self._begun, self._shown = what, now, 0.0
        if now - self._shown >= SECONDS_BETWEEN:
            self._shown = now
            self._show(pace_text(what, done, total, now - self._begun))


class Seldom:
    """Shows what it is given at most every so many seconds, and nothing sooner than those."""

    def __init__(
        self,
        show: Callable[[str], None],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show, self._seconds, self._clock = show, seconds, clock
        self._shown = clock()

    def __call__(self, text: str) -> None:
        """Such as `round 3: asking 12 of 40 buckets`."""
        now = self._clock()
        if now - self._shown >= self._seconds:
            self._shown = now
            self._show(text)


def pace_text(what: str, done: int, total: int, seconds: float) -> str:
    """Such as `reading sales: 2,000,000 of 10,000,000 lines, 800,000 a second, 10 s left`."""
    text = f"{what}: {_amount(what, done)} of {_amount(what, total)}{_unit(what)}"
    if seconds < 1 or not done:
        return text
    rate = done / seconds
    return f"{text}, {_amount(what, round(rate))} a second, {_duration((total - done) / rate)} left"


def _amount(what: str, count: int) -> str:
    return f"{count / 10**6:,.0f}" if what == BYTES else f"{count:,}"


def _unit(what: str) -> str:
    return " MB" if what == BYTES else " lines"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
