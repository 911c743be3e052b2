"""What a kind of program needs of a line beyond its conditions, such as a deal that covers it.

A line without it is not eligible, so that in an exclusive group the next program may have it
(docs/rules.md, "Exclusive groups").
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from incentivectl.programs.model import Program
from incentivectl.rules.lookups import Lookups


@dataclass(frozen=True)
class Need:
    """`rows` are the lines (`row`, once each) that have it, and `what` they have; others get `reason`."""

    reason: str
    what: str
    rows: Callable[[Program, Lookups], pl.LazyFrame]


NEEDS: dict[str, Need] = {
    "deal_registration": Need("no-deal", "deal", lambda program, lookups: lookups.covered(program))
}
