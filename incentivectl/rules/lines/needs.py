"""What a kind of program needs of a line beyond its conditions, such as a deal that covers it.

A line without it is not eligible, so that in an exclusive group the next program may have it
(docs/rules.md, "Exclusive groups").
"""

from collections.abc import Callable
from dataclasses import dataclass

from incentivectl.programs.model import Program
from incentivectl.rules.lines.coverage import deal_column


@dataclass(frozen=True)
class Need:
    """A line has it where the program's `column` of `views` is not null; others have the `reason`."""

    reason: str
    column: Callable[[Program], str]


NEEDS: dict[str, Need] = {"deal_registration": Need("no-deal", deal_column)}
