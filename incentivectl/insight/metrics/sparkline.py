"""A trend in a few characters: each value as a block, as high as it is between the least and the most."""

from collections.abc import Sequence
from decimal import Decimal

from incentivectl.insight.metrics.figures import Value

_BLOCKS = "▁▂▃▄▅▆▇█"
UNKNOWN = "·"


def sparkline(values: Sequence[Value | None]) -> str:
    """A character for each value; a dot where there is none, and nothing for less than two values.

    The least value has the lowest block, the largest the highest; equal ones stand in the middle.
    """
    known = [value for value in values if isinstance(value, Decimal)]
    if len(known) < 2:
        return ""
    least, span = min(known), max(known) - min(known)
    return "".join(
        _block(value - least, span) if isinstance(value, Decimal) else UNKNOWN for value in values
    )


def _block(above: Decimal, span: Decimal) -> str:
    if not span:
        return _BLOCKS[3]
    return _BLOCKS[int(above * (len(_BLOCKS) - 1) / span)]
