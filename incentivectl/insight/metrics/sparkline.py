"""A trend in a few characters: each value as a block, as high as it is between nothing and the most."""

from collections.abc import Sequence
from decimal import Decimal

from incentivectl.insight.metrics.figures import Value

_BLOCKS = "▁▂▃▄▅▆▇█"
UNKNOWN = "·"


def sparkline(values: Sequence[Value | None]) -> str:
    """A character for each value; a dot where there is none, and nothing for less than two values.

    0 has the lowest block, or the least value if that is below 0, and the largest the highest: what hardly
    changes looks like it.
    """
    known = [value for value in values if isinstance(value, Decimal)]
    if len(known) < 2:
        return ""
    least = min(Decimal(0), *known)
    span = max(known) - least
    return "".join(
        _block(value - least, span) if isinstance(value, Decimal) else UNKNOWN for value in values
    )


def _block(above: Decimal, span: Decimal) -> str:
    return _BLOCKS[int(above * (len(_BLOCKS) - 1) / span)] if span > 0 else _BLOCKS[0]
