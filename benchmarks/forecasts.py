"""How far forecasts of the sample were off what its quarters came to.

    python -m benchmarks.forecasts

The programs of Q3 2026 that follow from totals and pay in dollars run over each quarter of the sample, moved
there with their whole budgets, are forecast at the end of its first and second month, and held against what
they came to. Exports are those of today: what came late counts from its day on. The table stands in
docs/questions.md, 108; `tests/insight/test_forecast_error.py` holds a row of it.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import Period
from incentivectl.engine.engine import cases_of, settle
from incentivectl.insight.earlier import by_months, moved
from incentivectl.insight.forecast.forecast import Forecast, forecast_of
from incentivectl.insight.forecast.shares import LAST_YEAR, RUN_RATE
from incentivectl.programs.model import Program
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import Known, channel_of, known_on

ROOT = Path(__file__).parent.parent
LATEST = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
# The sample's sales begin in April 2025; a year later there is a last year.
QUARTERS = {
    RUN_RATE: ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"),
    LAST_YEAR: ("2026-Q2", "2026-Q3"),
}


@dataclass(frozen=True)
class Error:
    """A forecast of all programs beside what they came to, in dollars.

    `by_program` and `by_payee` are what programs, and payees in programs, are off without regard to sign.
    """

    quarter: str
    months: int
    method: str
    to_date: Decimal
    expected: Decimal
    came_to: Decimal
    by_program: Decimal
    by_payee: Decimal


def error_of(known: Known, quarter: str, months: int, method: str) -> Error:
    """The error of a forecast after so many months of a quarter; `known` is the sample as of `LATEST`."""
    workspace = known.loaded.workspace
    calendar, period = workspace.calendar, workspace.calendar.named(quarter, LATEST.last)
    assert period is not None
    back = calendar.months_between(period.first, LATEST.first) - 1
    programs = _moved(known, back)
    then = calendar.holding(calendar.shift(period.first, months - 1))
    at = replace(
        known,
        loaded=replace(known.loaded, programs=programs),
        period=then,
        channel=channel_of(workspace, known.inputs, then),
    )
    at_the_end = channel_of(workspace, known.inputs, period)
    earned = pl.concat(one.earnings for one in settle(programs, at_the_end, audit=False))
    return _error(forecast_of(at, method), earned, quarter, months)


def _moved(known: Known, months: int) -> tuple[Program, ...]:
    """The quarterly programs of the latest quarter, so many months earlier."""
    programs = known.loaded.programs
    paying = [one for one in programs if one.pays and one.pays_by_totals]
    cases = cases_of(paying, programs, known.channel, lookups_of(known.channel))
    move = by_months(known.loaded.workspace.calendar, months)
    found = [
        moved(case, case.periods[-1], move).program
        for case in cases
        if case.periods
        and (case.periods[-1].start, case.periods[-1].end) == (LATEST.first, LATEST.last)
        and case.currency == known.loaded.workspace.currency
    ]
    return tuple(one for one in found if one.settle == "end")


def _error(forecast: Forecast, earned: pl.DataFrame, quarter: str, months: int) -> Error:
    expected = pl.concat(
        one.payees.select("payee_id", "to_date", "expected", program_id=pl.lit(one.case.program.id))
        for one in forecast.programs
    )
    came_to = earned.select("program_id", "payee_id", came_to="entitlement")
    both = expected.join(came_to, on=["program_id", "payee_id"], how="full", coalesce=True)
    both = both.fill_null(0).with_columns(off=pl.col("expected") - pl.col("came_to"))
    sums = both.select(pl.col("to_date", "expected", "came_to").sum()).row(0)
    by_program = both.group_by("program_id").agg(pl.col("off").sum())
    off = (one["off"].abs().sum() for one in (by_program, both))
    return Error(quarter, months, forecast.method, *map(Decimal, sums), *map(Decimal, off))


def row_of(error: Error) -> str:
    """The error as a row of the table in the docs."""
    came_to = error.came_to
    over = money.percent_of(error.expected - came_to, came_to)
    cells = (
        error.quarter,
        str(error.months),
        "run rate" if error.method == RUN_RATE else "last year",
        *(f"{money.round_decimal(one, 0):,f}" for one in (error.to_date, error.expected, came_to)),
        f"{over:+f} %",
        *(f"{money.percent_of(off, came_to):f} %" for off in (error.by_program, error.by_payee)),
    )
    return f"| {' | '.join(cells)} |"


def errors(known: Known, methods: Sequence[str] = (RUN_RATE, LAST_YEAR)) -> Iterator[Error]:
    """Every row, in the order of the docs."""
    for method in methods:
        for quarter in QUARTERS[method]:
            for months in (1, 2):
                yield error_of(known, quarter, months, method)


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(prefix="forecasts-") as scratch:
        known = known_on(ROOT, "2026-09", LATEST.last, Path(scratch), lambda _: None)
        for error in errors(known):
            sys.stdout.write(f"{row_of(error)}\n")


if __name__ == "__main__":
    main()
