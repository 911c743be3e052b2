"""Whose contributions the integrity checks add up: everybody's, or of large programs some payees'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.core.frames import stacked
from incentivectl.rules.case import Judged

# In a program with more lines, those of evenly spread payees are added up: about so many lines.
MOST_LINES = 100_000
MOST_IN_ALL = 2_000_000  # in all programs together


@dataclass(frozen=True)
class Sample:
    """The payees of one program that are looked at, and how many it has."""

    payees: pl.Series
    of: int


def samples(programs: Sequence[Judged], earnings: pl.DataFrame) -> dict[int, Sample]:
    """The sample of each program that has too many lines to look at all, by place.

    `earnings` are those of all programs, with `program`.
    """
    most = min(MOST_LINES, max(MOST_IN_ALL // max(len(programs), 1), 1))
    found = {}
    payees_of = earnings.select("program", "payee_id").unique().sort("program", "payee_id")
    earning, nobody = payees_of.partition_by("program", as_dict=True), payees_of.clear()
    for one in programs:
        periods = one.case.periods
        lines = one.case.facts.lines_between(periods[0].start, periods[-1].end)
        every = lines // most + 1
        if every > 1:
            payees = earning.get((one.place,), nobody)["payee_id"]
            found[one.place] = Sample(payees.gather_every(every), payees.len())
    return found


def looked_at(earnings: pl.DataFrame, sampled: Mapping[int, Sample]) -> pl.DataFrame:
    """The earnings of all payees but of those that a sample leaves out."""
    if not sampled:
        return earnings
    whole = earnings.filter(~pl.col("program").is_in(list(sampled)))
    looked_at = stacked({place: one.payees.to_frame("payee_id") for place, one in sampled.items()})
    return pl.concat([whole, earnings.join(looked_at, on=["program", "payee_id"], how="semi")])
