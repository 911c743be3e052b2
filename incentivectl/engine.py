"""Programs x sales -> entitlements and line contributions; pure: no files, no clock, no printing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl import money
from incentivectl.facts import Facts
from incentivectl.frames import Schema
from incentivectl.invariants import Check, check_program, check_shares
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case, Measured
from incentivectl.rules.eligibility import asked_of_originals
from incentivectl.rules.kinds import RULES
from incentivectl.rules.limits import EARNINGS, entitlements
from incentivectl.rules.reasons import by_reason as reasons_of
from incentivectl.rules.reasons import together
from incentivectl.sales import LineSource

INELIGIBLE: Schema = {
    "program_id": pl.String,
    "reason": pl.String,
    "lines": pl.Int64,
    "amount": money.AMOUNT,
}


@dataclass(frozen=True)
class Settled:
    """One program as it stands on the last day of PERIOD.

    `earnings` has the columns of `rules.limits.EARNINGS`; `ineligible` those of `INELIGIBLE` (amounts
    in workspace currency); `counted_lines` and `counted_amount` are what did count.
    """

    case: Case
    measured: Measured | None
    earnings: pl.DataFrame
    ineligible: pl.DataFrame
    checks: tuple[Check, ...] = ()


def settle(
    programs: Sequence[Program],
    channel: LineSource,
    *,
    progress: Callable[[str], None] = lambda _: None,
    audit: bool = True,
    only: Collection[str] | None = None,
    facts: Facts | None = None,
) -> list[Settled]:
    """Every program's earnings, in the order given; with `audit`, the invariants are checked.

    With `only`, just the programs of these ids; the others still take precedence in their groups.
    `facts` are those of `channel`, where they are known already.
    """
    facts = facts if facts is not None else Facts(channel)
    settled = []
    for program in programs:
        facts.asked_of_originals |= asked_of_originals(program)
    for program in programs:
        if only is not None and program.id not in only:
            continue
        progress(program.id)
        settled.append(_settle(case_of(program, programs, channel, facts), audit=audit))
    return settled


def case_of(
    program: Program, programs: Sequence[Program], channel: LineSource, facts: Facts
) -> Case:
    """One of `programs` as its rules see it, with those that come before it in its group."""
    return Case(
        program=program,
        currency=program.currency or channel.currency,
        channel=channel,
        facts=facts,
        rivals=_rivals(program, programs, channel.currency),
    )


def _rivals(
    program: Program, programs: Sequence[Program], currency: str
) -> tuple[tuple[Program, str], ...]:
    """The programs of the same exclusive group that come before, each with its currency."""
    return tuple(
        (other, other.currency or currency)
        for other in programs
        if program.exclusive_group is not None
        and other.exclusive_group == program.exclusive_group
        and other.priority < program.priority
    )


def _settle(case: Case, *, audit: bool) -> Settled:
    if not case.periods:  # it begins after PERIOD
        return Settled(case, None, pl.DataFrame(schema=EARNINGS), pl.DataFrame(schema=INELIGIBLE))
    measured = RULES[case.program.kind](case)
    by_reason = measured.by_reason
    if by_reason is None and measured.judged is not None:
        (by_reason,) = together(reasons_of(measured.judged))
    earnings = entitlements(case, measured)
    ineligible = _ineligible(case, by_reason)
    checks = (
        (*check_program(case, measured, earnings, by_reason), *check_shares(case)) if audit else ()
    )
    return Settled(case, measured, earnings, ineligible, checks)


def _ineligible(case: Case, by_reason: pl.DataFrame | None) -> pl.DataFrame:
    if by_reason is None:
        return pl.DataFrame(schema=INELIGIBLE)
    return (
        by_reason.drop_nulls("reason")
        .group_by("reason")
        .agg(pl.col("lines").sum(), pl.col("amount").sum())
        .select(pl.lit(case.program.id).alias("program_id"), "reason", "lines", "amount")
        .cast(INELIGIBLE)  # type: ignore[arg-type]
        .sort("reason")
    )
