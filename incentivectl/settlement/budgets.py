"""What a budgeted program may still book: its budget less what payees keep of earlier bookings.

kept = what is booked, up to the payee's own entitlement before the budget. New money is what the
budget leaves after everything that is kept, shared by largest remainder over entitlement - booked
(docs/ledger.md, "Budgets and what is booked").
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import in_runs, total
from incentivectl.engine.engine import Settled
from incentivectl.programs.model import Program
from incentivectl.rules.earning.splitting import amounts, by_largest_remainder, units

LIMITED = "limited"  # the column that tells where the room was too small


def without_budgets(
    settled: Sequence[Settled], programs: Sequence[Program]
) -> tuple[list[Settled], list[Program]]:
    """The same programs and what they earn as if no budget limited anything."""
    unlimited = [
        replace(one, earnings=one.earnings.with_columns(entitlement="before_budget"))
        for one in settled
    ]
    free = [
        one.model_copy(update={"limits": one.limits.model_copy(update={"budget": None})})
        for one in programs
    ]
    return unlimited, free


def within_budgets(
    earnings: pl.DataFrame, programs: Sequence[Program], currency: str
) -> pl.DataFrame:
    """`earnings` with `this_batch` of budgeted programs cut to their room, and `limited` (Boolean).

    Reads `program_id`, `payee_id`, `kept` and `this_batch` (6 decimals, whole minor units); the rows of
    a program follow each other.
    """
    budgeted = {program.id: program for program in programs if program.limits.enforces_budget}
    unlimited = earnings.with_columns(pl.lit(value=False).alias(LIMITED))
    if not budgeted or earnings.is_empty():
        return unlimited
    return pl.concat(
        _limited(rows, program, money.minor_digits(program.currency or currency))
        if (program := budgeted.get(str(program_id)))
        else rows
        for program_id, rows in in_runs(unlimited, "program_id")
    )


def _limited(rows: pl.DataFrame, program: Program, digits: int) -> pl.DataFrame:
    budget = money.round_down_decimal(program.limits.budget or Decimal(0), digits)
    room = money.minor_units(budget - total(rows, "kept"), digits)
    this_batch = rows.select(units(pl.col("this_batch"), digits)).to_series()
    wanted = this_batch.clip(lower_bound=0)
    if int(wanted.sum()) <= room:
        return rows
    granted = by_largest_remainder(max(room, 0), wanted, rows["payee_id"])
    booked = pl.DataFrame({"asked": this_batch, "part": granted}).select(
        amounts(pl.min_horizontal("asked", 0) + pl.col("part"), digits).alias("this_batch"),
        (granted < wanted).alias(LIMITED),
    )
    return rows.with_columns(booked)


def sums_by_program(earnings: pl.DataFrame) -> dict[str, tuple[Decimal, Decimal]]:
    """What is kept of each program's bookings, and the new money of this batch; by program id."""
    this_batch = pl.col("this_batch")
    sums = earnings.group_by("program_id").agg(
        pl.col("kept").sum(), new=this_batch.filter(this_batch > 0).sum()
    )
    return {program_id: (kept, new) for program_id, kept, new in sums.iter_rows()}


def kept_beyond_budgets(earnings: pl.DataFrame, programs: Sequence[Program]) -> dict[str, Decimal]:
    """By how much what is kept exceeds the budget, by the id of each program where it does."""
    sums, nothing = sums_by_program(earnings), Decimal(0)
    kept = {
        one.id: sums.get(one.id, (nothing, nothing))[0]
        for one in programs
        if one.limits.enforces_budget
    }
    beyond = {
        one.id: kept[one.id] - (one.limits.budget or nothing) for one in programs if one.id in kept
    }
    return {program_id: amount for program_id, amount in beyond.items() if amount > 0}
