"""Bars of block characters, as long as their value is large."""

from decimal import Decimal

BAR_WIDTH = 10
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(value: Decimal | None, largest: Decimal, width: int = BAR_WIDTH) -> str:
    """A bar of at most `width` characters, to an eighth of one; empty for what is not above 0."""
    if value is None or value <= 0 or largest <= 0:
        return ""
    eighths = max(int(8 * width * min(value, largest) / largest), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
