"""Integrity checks of every settlement (docs/rules.md, "Integrity checks")."""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from incentivectl.engine.invariants import Check
from incentivectl.programs.model import Program
from incentivectl.settlement.budgets import sums_by_program
from incentivectl.settlement.past import Past

LEDGER_ADDS_UP = "ledger balances, added up in two ways, agree"
BOOKED_AS_EARNED = "due: max(entitlement, kept) = booked before + this batch"
BOOKED_WITHIN_BUDGET = "bookings stay within budgets, apart from kept amounts"


def check_past(past: Past) -> Check:
    """Two queries of the ledger agree on every balance."""
    return Check(LEDGER_ADDS_UP, not past.differing, ", ".join(past.differing[:3]))


def check_bookings(earnings: pl.DataFrame) -> Check:
    """Due rows end at max(entitlement, kept); only a budget without room leaves one below it."""
    booked = pl.col("booked_before") + pl.col("this_batch")
    goal = pl.max_horizontal("entitlement", "kept")
    wrong = earnings.filter(
        (pl.col("status") == "due")
        & pl.when("limited").then(booked >= goal).otherwise(booked != goal)
    )
    detail = ", ".join(
        f"{row['program_id']} {row['payee_id']}" for row in wrong.head(3).iter_rows(named=True)
    )
    return Check(BOOKED_AS_EARNED, wrong.is_empty(), detail)


def check_budgets(earnings: pl.DataFrame, programs: Sequence[Program]) -> Check:
    """New money fits into what the budget leaves after everything that is kept."""
    wrong, sums, nothing = [], sums_by_program(earnings), Decimal(0)
    for program in (one for one in programs if one.limits.enforces_budget):
        kept, new = sums.get(program.id, (nothing, nothing))
        room = (program.limits.budget or nothing) - kept
        if new > max(room, nothing):
            wrong.append(f"{program.id}: {new} of {room}")
    return Check(BOOKED_WITHIN_BUDGET, not wrong, "; ".join(wrong))
