"""Cost against the budget: what is used, how fast, and how long it lasts at that rate."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.engine.engine import Settled
from incentivectl.insight.leaderboard.leaderboard import in_workspace_currency
from incentivectl.insight.metrics.figures import Definition, Found, Missing, Value
from incentivectl.insight.metrics.view import View

AREA = "cost"
SPENT = Definition(
    AREA, "spent", "spent", "money",
    "all entitlements of measurement periods that are over, since the program began",
)  # fmt: skip
ACCRUING = Definition(
    AREA, "accruing", "accruing", "money",
    "the entitlements, to date, of the current measurement period",
)  # fmt: skip
BUDGET = Definition(
    AREA, "budget", "budget", "money", "[limits] budget, for the program's whole life"
)
USED = Definition(AREA, "budget-used", "budget used", "share", "(spent + accruing) / budget")
BURN = Definition(
    AREA, "burn-per-week", "burn per week", "money",
    "(spent + accruing) × 7 / the days from the program's first through the period's last, or through"
    " its own last",
)  # fmt: skip
RUNS_OUT = Definition(
    AREA, "runs-out-on", "runs out on", "date",
    "the first day on which the budget is used up if spending continues at the same daily rate",
)  # fmt: skip
DEFINITIONS = (SPENT, ACCRUING, BUDGET, USED, BURN, RUNS_OUT)


def cost(view: View) -> Iterator[Found]:
    """Each begun program in its own currency, and spent and accruing of all in the workspace's."""
    if not view.run.settled or view.run.earnings.is_empty():
        nothing = Missing(f"nothing was earned in any program by {view.period.last}")
        yield from (Found(one, nothing) for one in (SPENT, ACCRUING))
    else:
        yield from _whole(view)
    for one in view.run.settled:
        if one.case.periods:
            yield from _of_program(view, one)


def _whole(view: View) -> Iterator[Found]:
    rows = in_workspace_currency(view.run, view.run.earnings, "entitlement")
    lacking = rows.filter(pl.col("in_ws").is_null())["currency"].unique().sort()
    is_over = pl.col("period_end") <= view.period.last
    for definition, which in ((SPENT, is_over), (ACCRUING, ~is_over)):
        value: Value = total(rows.filter(which), "in_ws")
        if not lacking.is_empty():
            value = Missing(f"`fx` has no rate for {', '.join(lacking)} on {view.period.last}")
        yield Found(definition, value)


def _of_program(view: View, one: Settled) -> Iterator[Found]:
    program = one.case.program
    is_over = pl.col("period_end") <= view.period.last
    spent = total(one.earnings.filter(is_over), "entitlement")
    accruing = total(one.earnings.filter(~is_over), "entitlement")
    cost = spent + accruing
    days = (min(view.period.last, program.ends) - program.starts).days + 1
    burn = money.quotient(cost * 7, Decimal(days))
    values: list[tuple[Definition, Value]] = [
        (SPENT, spent),
        (ACCRUING, accruing),
        (BURN, Missing("it has just begun") if burn is None else burn),
    ]
    budget = program.limits.budget
    if budget is not None:
        used = money.quotient(cost, budget)
        values += [
            (BUDGET, budget),
            (USED, Missing("the budget is 0") if used is None else used),
            (RUNS_OUT, runs_out(cost, budget, days, view.period.last, program.ends)),
        ]
    for definition, value in values:
        yield Found(definition, value, "program", program.id, one.case.currency)


def runs_out(cost: Decimal, budget: Decimal, days: int, last: date, ends: date) -> Value:
    """The day on which `budget` is used up where `days` through `last` have cost `cost`."""
    if cost >= budget:
        return Missing("used up")
    if cost <= 0:
        return Missing("nothing spent yet")
    left = (budget - cost) * days
    more = int(left // cost) + (1 if left % cost else 0)
    if more > (ends - last).days:
        return Missing("not before the program ends")
    return last + timedelta(days=more)
