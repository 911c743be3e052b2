"""One key at several values: what each costs, who gains, and what a further sale costs.

Only the programs that change, and those of their exclusive groups, are computed
(docs/questions.md, "Scenarios").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.frames import total
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled, settle
from incentivectl.insight.compare.comparison import (
    by_payee,
    comparable,
    ending_from,
    joined_earnings,
)
from incentivectl.insight.compare.scenario import Scenario, scenario_of
from incentivectl.insight.compare.whatif import (
    affected_programs,
    changed_programs,
    qualifying_rows,
    uplifted,
)
from incentivectl.insight.earlier import by_months, moved
from incentivectl.program_files.edit import Edit, parse_edit
from incentivectl.rules.earning.limits import EARNINGS
from incentivectl.rules.lines.eligibility import judged
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import Known

MOST_POINTS = 50
_FORM = "such as --sweep 'q3-volume-rebate.reward.tiers.1.rate=2%..8%/1%'"


@dataclass(frozen=True)
class Point:
    """One value of the sweep; `cost` is that of the programs computed, `change` against today.

    `incremental` is the revenue that the swept program brings in addition: what an uplift adds, else
    its qualifying revenue less that of the same days a year before. `per_sale` is the cost of 1 of it.
    """

    value: str
    cost: Decimal
    change: Decimal
    payees: int
    winners: int
    losers: int
    incremental: Decimal
    per_sale: Decimal | None


@dataclass(frozen=True)
class Sweep:
    """All points of a sweep, in the currency of the swept program."""

    key: str
    program_id: str
    currency: str
    recalculated: frozenset[str]
    today: Decimal
    points: tuple[Point, ...]


def parse_sweep(written: str) -> tuple[Edit, ...]:
    """`ID.key=FIRST..LAST/STEP` as the edits of its points."""
    key, equals, span = written.partition("=")
    ends, slash, step = span.partition("/")
    first, dots, last = ends.partition("..")
    if not (equals and slash and dots):
        raise _refused(f"--sweep {written}: expected ID.key=FIRST..LAST/STEP", _FORM)
    is_percent = first.strip().endswith("%")
    numbers = [_number(text, written) for text in (first, last, step)]
    start, end, by = numbers
    if by <= 0 or end < start:
        hint = "FIRST must not be above LAST, and STEP must be above 0"
        raise _refused(f"--sweep {written}: no values", hint)
    count = int((end - start) / by) + 1
    if count > MOST_POINTS:
        raise _refused(
            f"--sweep {written}: {count:,} points", f"at most {MOST_POINTS}: use wider steps"
        )
    sign = "%" if is_percent else ""
    values = [money.plain(start + by * index) + sign for index in range(count)]
    return tuple(parse_edit(f"{key}={value}", "--sweep") for value in values)


def _number(text: str, written: str) -> Decimal:
    try:
        return Decimal(text.strip().removesuffix("%").replace("_", ""))
    except InvalidOperation:
        raise _refused(f"--sweep {written}: `{text}` is not a number", _FORM) from None


def _refused(message: str, hint: str) -> Refused:
    return Refused([Problem("bad-sweep", message, hint)], ExitCode.USAGE)


def swept(
    known: Known,
    points: Sequence[Edit],
    base: Sequence[Edit],
    progress: Callable[[str], None],
    *,
    without: Sequence[str] = (),
    uplift: Decimal | None = None,
) -> Sweep:
    """Every point, on top of the edits of `base`, against today's rules."""
    today = known.loaded.programs
    scenarios = [scenario_of(known.loaded, (*base, edit), without=without) for edit in points]
    swept_id = points[0].program_id
    changed = {swept_id}.union(*(changed_programs(today, one.programs) for one in scenarios))
    again = frozenset[str]().union(
        *(affected_programs(today, one.programs, changed) for one in scenarios)
    )
    lookups = lookups_of(known.channel)
    before = settle(today, known.channel, audit=False, lookups=lookups, only=again)
    currency = _currency(known, scenarios[0], swept_id)
    (earned,), first = comparable(known.loaded.workspace, _of_currency(before, currency))
    found = []
    for edit, scenario in zip(points, scenarios, strict=True):
        progress(edit.written)
        settled = settle(scenario.programs, known.channel, audit=False, lookups=lookups, only=again)
        extra = Decimal(0)
        if uplift is not None:
            own = [one for one in settled if one.case.program.id in changed]
            extra = _extra(own, swept_id, uplift)
            channel = uplifted(known.channel, qualifying_rows(own), uplift)
            settled = settle(scenario.programs, channel, audit=False, only=again)
        found.append(_point(edit, settled, earned, first, swept_id, currency, extra, uplift=uplift))
    cost = total(earned, "entitlement")
    return Sweep(points[0].key, swept_id, currency, again, cost, tuple(found))


def _currency(known: Known, scenario: Scenario, program_id: str) -> str:
    program = next(one for one in scenario.programs if one.id == program_id)
    return program.currency or known.loaded.workspace.currency


def _of_currency(settled: Sequence[Settled], currency: str) -> pl.DataFrame:
    earnings = [pl.DataFrame(schema=EARNINGS), *(one.earnings for one in settled)]
    return pl.concat(earnings, how="diagonal").filter(pl.col("currency") == currency)


def _point(
    edit: Edit,
    settled: Sequence[Settled],
    today: pl.DataFrame,
    first: date | None,
    swept_id: str,
    currency: str,
    extra: Decimal,
    *,
    uplift: Decimal | None,
) -> Point:
    earned = ending_from(_of_currency(settled, currency), first)
    payees = by_payee(joined_earnings(today, earned))
    cost = total(earned, "entitlement")
    change = cost - total(today, "entitlement")
    if uplift is None:
        own = earned.filter(pl.col("program_id") == swept_id)
        paid, incremental = total(own, "entitlement"), _more_than_a_year_before(swept_id, settled)
    else:
        paid, incremental = change, extra
    return Point(
        value=edit.written.partition("=")[2],
        cost=cost,
        change=change,
        payees=payees.filter(pl.col("after") > 0).height,
        winners=payees.filter(pl.col("change") > 0).height,
        losers=payees.filter(pl.col("change") < 0).height,
        incremental=incremental,
        per_sale=money.quotient(paid, incremental, 6) if incremental > 0 else None,
    )


def _revenue(lines: pl.LazyFrame) -> Decimal:
    counted = lines.filter(pl.col("reason").is_null()).select(pl.col("amount").sum())
    return Decimal(counted.collect().item() or 0)


def _extra(settled: Sequence[Settled], program_id: str, uplift: Decimal) -> Decimal:
    """What the uplift adds to the program's qualifying revenue, in its currency."""
    one = _settled(settled, program_id)
    if one is None or one.measured is None or one.measured.judged is None:
        return Decimal(0)
    return money.round_decimal(money.product(_revenue(one.measured.judged), uplift), money.SCALE)


def _settled(settled: Sequence[Settled], program_id: str) -> Settled | None:
    """The program of this id; None where it pays nothing."""
    return next((one for one in settled if one.case.program.id == program_id), None)


def _more_than_a_year_before(program_id: str, settled: Sequence[Settled]) -> Decimal:
    """The program's qualifying revenue less that of the same days a year before."""
    one = _settled(settled, program_id)
    if one is None or one.measured is None or one.measured.judged is None:
        return Decimal(0)
    case = one.case
    calendar = case.channel.calendar
    year = by_months(calendar, 12)
    revenue = _revenue(one.measured.judged)
    for period in case.periods:  # of a period that goes on, as many days as have passed
        passed = MeasurementPeriod(period.start, min(period.end, case.channel.as_of))
        before = moved(case, passed, year)
        if missing := calendar.missing_day(before.program.starts, before.program.ends):
            message = (
                f"the table `calendar` has no month for {missing}, a year before {passed.start}"
            )
            problem = Problem("outside-calendar", message, "add the months of the year before")
            raise Refused([problem], ExitCode.CONFIG)
        revenue -= _revenue(judged(before, before.periods))
    return revenue
