"""The nearest id: spelt otherwise first, then close in its letters; numbers are not guessed (42.2)."""

import pytest

from incentivectl.ingest.rows.spelling import nearest


@pytest.mark.parametrize(
    ("text", "known", "found"),
    [
        ("100", {"00100", "101"}, "00100"),
        ("p-07", {"P07", "P7"}, "P07"),
        ("ＰＯ７", {"po7"}, "po7"),
        ("camera", {"cameras", "lenses"}, "cameras"),
        ("101", {"100", "102"}, None),
        ("Q-999", {"Q-109"}, None),
        ("x", set(), None),
    ],
)
def test_nearest(text: str, known: set[str], found: str | None) -> None:
    assert nearest(text, known) == found
