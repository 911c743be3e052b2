"""A trend in a few characters."""

from decimal import Decimal

import pytest

from incentivectl.insight.metrics.figures import Value
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ((0, 1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇█"),
        ((-10, 0, 10), "▁▄█"),
        ((5, 5, 5), "███"),
        ((97, 100), "▇█"),
        ((0, 0), "▁▁"),
        ((None, 1, None, 2), "·▄·█"),
        ((None, 1), ""),
        ((), ""),
    ],
)
def test_a_block_for_each_value(values: tuple[int | None, ...], drawn: str) -> None:
    """From 0, or a least value below, to the largest; what is unknown is a dot, and one value is no trend.

    97 of 100 are 6.79 of 7 steps.
    """
    known: list[Value | None] = [
        Missing("unknown") if value is None else Decimal(value) for value in values
    ]
    assert sparkline(known) == drawn
