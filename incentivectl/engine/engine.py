"""Programs x sales -> entitlements and line contributions; pure: no files, no clock, no printing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema, in_runs, stacked
from incentivectl.engine.invariants import Check, Found, check_programs
from incentivectl.engine.levels import with_levels
from incentivectl.engine.samples import samples
from incentivectl.engine.single_lines import looked_through
from incentivectl.engine.turns import in_turn
from incentivectl.kinds.catalogue import KINDS
from incentivectl.kinds.kind import Rules
from incentivectl.programs.model import Program
from incentivectl.rules.case import Asked, Case, Earned, Judged, Measured, Sums
from incentivectl.rules.earning.first_come import in_period
from incentivectl.rules.earning.limits import EARNINGS, entitlements
from incentivectl.rules.lines.eligibility import columns_of
from incentivectl.rules.lines.sums import answered, merged
from incentivectl.rules.lookups import Lookups, lookups_of
from incentivectl.sales.in_memory import engine_for
from incentivectl.sales.line_source import LineSource

INELIGIBLE: Schema = {
    "program_id": pl.String,
    "reason": pl.String,
    "lines": pl.Int64,
    "amount": money.AMOUNT,
}

_NO_EARNINGS = pl.DataFrame(schema=EARNINGS)
_NONE_INELIGIBLE = pl.DataFrame(schema=INELIGIBLE)
_NO_REASONS: Schema = {
    "program": pl.UInt32,
    "period": pl.Int32,
    "reason": pl.String,
    "lines": pl.Int64,
    "amount": money.AMOUNT,
    "in_program": money.SHARED,
}


@dataclass(frozen=True)
class Settled:
    """One program as of the last day of PERIOD.

    `earnings` has the columns of `rules.earning.limits.EARNINGS`; `ineligible` those of `INELIGIBLE` (amounts
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
    lookups: Lookups | None = None,
) -> list[Settled]:
    """The earnings of every program that pays, in the order given; with `audit`, the invariants are checked.

    With `only`, just the programs of these ids; the others still take precedence in their groups.
    `lookups` are those of `channel`, where there are some already.
    """
    lookups = lookups or lookups_of(channel)
    wanted = [one for one in programs if one.pays and (only is None or one.id in only)]
    return settle_cases(
        cases_of(wanted, programs, channel, lookups),
        progress=progress,
        audit=audit,
    )


def settle_cases(
    cases: Sequence[Case],
    *,
    progress: Callable[[str], None] = lambda _: None,
    audit: bool = False,
) -> list[Settled]:
    """The earnings of each case, in the order given: lines are judged, added up, and sums are paid."""
    begun, sums = summed(cases, progress=progress)
    return settled_by(cases, begun, sums, audit=audit)


def summed(
    cases: Sequence[Case], *, progress: Callable[[str], None] = lambda _: None
) -> tuple[list[Judged], Sums]:
    """The cases that began by the last day of PERIOD, each with its place, and the sums of their lines."""
    _look_up([case for case in cases if case.periods])
    begun = [
        Judged(place, case, _judging(case, progress))
        for place, case in enumerate(cases)
        if case.periods  # the others begin after PERIOD
    ]
    return begun, cases[0].channel.ask(sums_of, merged, begun) if begun else {}


def settled_by(
    cases: Sequence[Case], begun: Sequence[Judged], sums: Sums, *, audit: bool = False
) -> list[Settled]:
    """The earnings of each case, in the order given, by the sums of those that began (see `summed`)."""
    measured = _measured(begun, sums)
    payees = stacked({place: one.payees for place, one in measured.items()})
    earnings = entitlements(begun, payees, lambda place, period: in_period(measured[place], period))
    reasons = sums.get("reasons", pl.DataFrame(schema=_NO_REASONS))
    own_earnings, ineligible = _by_program(earnings), _ineligible(cases, reasons)
    checks: Mapping[int, tuple[Check, ...]] = {}
    if audit and begun:
        sampled = samples(begun, earnings)
        lines = looked_through(list(measured.values()), sampled, reasons)
        checks = check_programs(begun, Found(payees, earnings, reasons, lines, sampled))
    return [
        Settled(
            case,
            measured.get(place),
            own_earnings.get(place, _NO_EARNINGS),
            ineligible.get(place, _NONE_INELIGIBLE),
            checks.get(place, ()),
        )
        for place, case in enumerate(cases)
    ]


def _look_up(cases: Sequence[Case]) -> None:
    """What all programs ask of lines, found at once where lines are in memory."""
    if cases and cases[0].channel.in_memory:
        cases[0].lookups.lines.keep(set().union(*map(columns_of, cases)))


def _judging(case: Case, progress: Callable[[str], None]) -> Callable[[Case], pl.LazyFrame | None]:
    progress(case.program.id)
    return _rules(case).judge


def sums_of(_: LineSource, programs: Sequence[Judged]) -> Sums:
    """What all programs ask of the lines that are at hand."""
    _look_up([one.case for one in programs])
    lines = programs[0].case.facts.at_hand
    return merged(
        [
            answered([_asked(one) for one in part], engine_for(lines))
            for part in in_turn(programs, lines)
        ]
    )


def _asked(one: Judged) -> tuple[int, Asked]:
    return one.place, _rules(one.case).asked(one)


def _rules(case: Case) -> Rules:
    rules = KINDS[case.program.kind].rules
    assert rules is not None  # only programs that pay are settled
    return rules


def _measured(programs: Sequence[Judged], sums: Sums) -> dict[int, Measured]:
    """What each program's payees earn, all programs of a kind at once; by place."""
    of_kind: dict[int, list[Judged]] = {}
    for one in programs:
        of_kind.setdefault(id(_rules(one.case)), []).append(one)
    found = {}
    for alike in of_kind.values():
        rules = _rules(alike[0].case)
        earned = rules.earned(alike, sums)
        payees = _of_each(alike, earned.payees)
        details = None if earned.details is None else _of_each(alike, earned.details)
        for one in alike:
            own = Earned(payees[one.place], None if details is None else details[one.place])
            found[one.place] = Measured(one, own, rules.counted, rules.contributions)
    return dict(sorted(found.items()))


def _of_each(programs: Sequence[Judged], frame: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The rows of each of `programs`, by place; none where `frame` has none."""
    nothing = frame.clear().drop("program")
    return dict.fromkeys((one.place for one in programs), nothing) | _by_program(frame)


def _by_program(frame: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The rows of each program that has some, by place."""
    if frame.is_empty():
        return {}
    if not frame["program"].is_sorted():
        frame = frame.sort("program", maintain_order=True)
    return {int(str(place)): own.drop("program") for place, own in in_runs(frame, "program")}


def case_of(
    program: Program, programs: Sequence[Program], channel: LineSource, lookups: Lookups
) -> Case:
    """One of `programs` as its rules see it, with those that come before it in its group, and levels."""
    (case,) = cases_of([program], programs, channel, lookups)
    return case


def cases_of(
    wanted: Sequence[Program],
    programs: Sequence[Program],
    channel: LineSource,
    lookups: Lookups,
) -> list[Case]:
    """Those of `programs` that are `wanted` as their rules see them, as `case_of` does one."""
    channel, lookups = with_levels(programs, channel, lookups)
    groups: dict[str | None, list[tuple[Program, str]]] = defaultdict(list)
    for one in programs:
        groups[one.exclusive_group].append((one, one.currency or channel.currency))
    return [
        Case(
            program=program,
            currency=program.currency or channel.currency,
            channel=channel,
            lookups=lookups,
            rivals=tuple(
                (other, currency)
                for other, currency in groups[program.exclusive_group]
                if program.exclusive_group is not None and other.priority < program.priority
            ),
        )
        for program in wanted
    ]


def _ineligible(cases: Sequence[Case], reasons: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """What keeps out the lines of each program, by place: the columns of `INELIGIBLE`."""
    ids = {place: case.program.id for place, case in enumerate(cases)}
    by_reason = (
        reasons.drop_nulls("reason")
        .group_by("program", "reason")
        .agg(pl.col("lines", "amount").sum())
        .sort("program", "reason")
        .with_columns(program_id=pl.col("program").replace_strict(ids, return_dtype=pl.String))
        .select("program", *(pl.col(name).cast(dtype) for name, dtype in INELIGIBLE.items()))
    )
    return _by_program(by_reason)
