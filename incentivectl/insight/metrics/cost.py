"""Cost against the budget: what is used, how fast, and how long it lasts at that rate."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.insight.leaderboard.leaderboard import in_workspace_currency
from incentivectl.insight.metrics.figures import (
    Area,
    Basis,
    Definition,
    Formula,
    Found,
    Value,
    number,
    ratio,
)
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View

AREA = "cost"
SPENT = Definition(
    AREA, "spent", "spent", "money",
    "all entitlements of measurement periods that are over, since the program began",
    headline=True,
)  # fmt: skip
ACCRUING = Definition(
    AREA, "accruing", "accruing", "money",
    "the entitlements, to date, of the current measurement period", headline=True,
)  # fmt: skip
BUDGET = Definition(
    AREA, "budget", "budget", "money", "[limits] budget, for the program's whole life"
)
DAYS = Definition(
    AREA, "days", "days", "days",
    "the days from the program's first through the period's last, or through its own last",
)  # fmt: skip
DAYS_LEFT = Definition(
    AREA, "days-left", "days left", "days",
    "the days from the day after the period's last through the program's own last",
)  # fmt: skip
USED = Definition(
    AREA, "budget-used", "budget used", "share", "(spent + accruing) / budget", how="formula"
)
BURN = Definition(
    AREA, "burn-per-week", "burn per week", "money", "(spent + accruing) × 7 / days", how="formula"
)
RUNS_OUT = Definition(
    AREA, "runs-out-on", "runs out on", "date",
    "the period's last day + (budget − spent − accruing) × days / (spent + accruing), rounded up to"
    " whole days, if that is within the days left", how="formula",
)  # fmt: skip
DEFINITIONS = (SPENT, ACCRUING, BUDGET, USED, BURN, RUNS_OUT, DAYS, DAYS_LEFT)


def runs_out(cost: Decimal, budget: Decimal, days: int, days_left: int) -> int | Missing:
    """In how many days `budget` is used up where so many `days` have cost `cost`."""
    if cost >= budget:
        return Missing("used up")
    if cost <= 0:
        return Missing("nothing spent yet")
    left = (budget - cost) * days
    more = int(left // cost) + (1 if left % cost else 0)
    return Missing("not before the program ends") if more > days_left else more


def _runs_out_on(
    last: date,
    budget: Decimal,
    spent: Decimal,
    accruing: Decimal,
    days: Decimal,
    days_left: Decimal,
) -> Value:
    more = runs_out(spent + accruing, budget, int(days), int(days_left))
    return more if isinstance(more, Missing) else last + timedelta(days=more)


FORMULAS = (
    ratio(USED, (SPENT, ACCRUING), BUDGET, "the budget is 0", scopes=("program",)),
    ratio(BURN, (SPENT, ACCRUING), DAYS, "it has just begun", times=7, scopes=("program",)),
    Formula(
        RUNS_OUT, (BUDGET, SPENT, ACCRUING, DAYS, DAYS_LEFT), _runs_out_on, ("program",), dated=True
    ),
)


_SPENDING: Schema = {
    "program": pl.String,
    "currency": pl.String,
    "item": pl.String,
    SPENT.key: money.REWARD,
    ACCRUING.key: money.REWARD,
}


def _found(view: View) -> Iterator[Basis | Found]:
    """Each begun program in its own currency, and spent and accruing of all in the workspace's."""
    if not view.run.settled or view.run.earnings.is_empty():
        nothing = Missing(f"nothing was earned in any program by {view.period.last}")
        yield from (Found(one, nothing) for one in (SPENT, ACCRUING))
    else:
        yield _whole(view)
    begun = [one for one in view.run.settled if one.case.periods]
    frames = [pl.DataFrame(schema=_SPENDING)]
    for one in begun:
        program, currency = one.case.program, one.case.currency
        start = (program.id, currency, "", Decimal(0), Decimal(0))
        own = _rows(one.earnings, view.period.last, "entitlement").with_columns(
            currency=pl.lit(currency)
        )
        frames += [
            pl.DataFrame([start], schema=_SPENDING, orient="row"),
            own.select(*_SPENDING).cast(_SPENDING),  # type: ignore[arg-type]
        ]
    yield Basis("spending", pl.concat(frames), (SPENT, ACCRUING), ("program",))
    yield Basis("budgets", _budgets(view), (DAYS, DAYS_LEFT), ("program",))
    limited = _budgets(view).drop_nulls(BUDGET.key)
    yield Basis("budgets", limited, (BUDGET,), ("program",))


def _whole(view: View) -> Basis:
    rows = in_workspace_currency(view.run, view.run.earnings, "entitlement")
    lacking = rows.filter(pl.col("in_ws").is_null())["currency"].unique().sort()
    return Basis(
        "spending-in-all",
        _rows(rows, view.period.last, "in_ws"),
        (SPENT, ACCRUING),
        unknown=f"`fx` has no rate for {', '.join(lacking)} on {view.period.last}"
        if lacking.len()
        else "",
    )


def _rows(earnings: pl.DataFrame, last: date, amount: str) -> pl.DataFrame:
    """Each row of earnings as spent or as accruing; a null where its amount is unknown."""
    is_over = pl.col("period_end") <= last
    nothing = pl.lit(0).cast(earnings.schema[amount])
    return earnings.select(
        pl.col("program_id").alias("program"),
        pl.col("payee_id").alias("item"),
        pl.when(is_over).then(pl.col(amount)).otherwise(nothing).alias(SPENT.key),
        pl.when(is_over).then(nothing).otherwise(pl.col(amount)).alias(ACCRUING.key),
    )


def _budgets(view: View) -> pl.DataFrame:
    """Of each begun program its budget (null without one), its days so far, and those left."""
    rows = [
        (
            one.case.program.id,
            one.case.currency,
            one.case.program.limits.budget,
            number(_days(one.case.program.starts, one.case.program.ends, view.period.last)),
            number(max((one.case.program.ends - view.period.last).days, 0)),
        )
        for one in view.run.settled
        if one.case.periods
    ]
    return pl.DataFrame(
        rows,
        schema={
            "program": pl.String,
            "currency": pl.String,
            BUDGET.key: money.AMOUNT,
            DAYS.key: money.WHOLE,
            DAYS_LEFT.key: money.WHOLE,
        },
        orient="row",
    )


def _days(starts: date, ends: date, last: date) -> int:
    return (min(last, ends) - starts).days + 1


cost = Area(AREA, "Cost", DEFINITIONS, _found, FORMULAS)
