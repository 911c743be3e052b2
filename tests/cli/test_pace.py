"""How long work speaks of itself on a terminal."""

import pytest

from incentivectl.cli.pace import Pace, pace_text


@pytest.mark.parametrize(
    ("what", "done", "total", "seconds", "text"),
    [
        ("looking at files", 0, 760_000_000, 0, "looking at files: 0 of 760 MB"),
        (
            "looking at files", 380_000_000, 760_000_000, 2,
            "looking at files: 380 of 760 MB, 190 a second, 2 s left",
        ),
        (
            "reading sales", 2_000_000, 10_000_000, 2.5,
            "reading sales: 2,000,000 of 10,000,000 lines, 800,000 a second, 10 s left",
        ),
        (
            "reading sales", 1_000_000, 91_000_000, 1,
            "reading sales: 1,000,000 of 91,000,000 lines, 1,000,000 a second, 1 min 30 s left",
        ),
    ],
)  # fmt: skip
def test_text(what: str, done: int, total: int, seconds: float, text: str) -> None:
    assert pace_text(what, done, total, seconds) == text


def test_not_too_often_and_from_the_beginning_for_each_kind_of_work() -> None:
    times = iter([10.0, 10.1, 11.5, 12.0])
    shown: list[str] = []
    pace = Pace(shown.append, lambda: next(times))
    for done in (10_000_000, 20_000_000, 30_000_000):
        pace("looking at files", done, 30_000_000)
    pace("reading sales", 5, 100)
    assert shown == [
        "looking at files: 10 of 30 MB",
        "looking at files: 30 of 30 MB, 20 a second, 0 s left",
        "reading sales: 5 of 100 lines",
    ]
