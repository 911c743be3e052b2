"""How many programs look at the lines together."""

from collections.abc import Sequence
from typing import TypeVar

from incentivectl.core import memory

# What one line takes in memory while one program judges it and adds it up.
BYTES_OF_JUDGED_LINE = 60
Each = TypeVar("Each")


def in_turn(programs: Sequence[Each], lines: int) -> list[list[Each]]:
    """The programs in groups whose `lines` are gone through together: as many as fit into memory."""
    together = max(memory.rows_within(BYTES_OF_JUDGED_LINE, share=4) // max(lines, 1), 1)
    return [list(programs[at : at + together]) for at in range(0, len(programs), together)]
