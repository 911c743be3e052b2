"""ROI: what programs cost, and what their eligible lines brought more than a year before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.core.periods import MeasurementPeriod, add_months
from incentivectl.engine.engine import Settled
from incentivectl.insight.metrics.figures import Definition, Found, Missing, Scope, Value
from incentivectl.insight.metrics.view import View
from incentivectl.rules.lines.eligibility import judged

AREA = "roi"
COST = Definition(
    AREA, "cost", "cost", "money",
    "the entitlements of the measurement periods that ended in the period, or of the current"
    " one, to date, in the workspace's currency; of a partner: its own and its reps'; overall: that"
    " of the programs with an ROI",
    to_the_cent=True,
)  # fmt: skip
OTHER_COST = Definition(
    AREA, "cost-without-roi", "cost without ROI", "money",
    "the cost of all other programs, of which no ROI can be computed",
    to_the_cent=True,
)  # fmt: skip
ELIGIBLE = Definition(
    AREA, "eligible-revenue", "eligible revenue", "money",
    "revenue in those measurement periods of the lines that meet the program's conditions, exclusive"
    " groups aside",
    to_the_cent=True,
)  # fmt: skip
INCREMENTAL = Definition(
    AREA, "incremental-revenue", "incremental revenue", "money",
    "eligible revenue less that of the same days a year before, by the same conditions",
    to_the_cent=True,
)  # fmt: skip
MARGIN = Definition(
    AREA, "incremental-margin", "incremental margin", "money",
    "margin of the eligible lines less that of a year before: amount − unit_cost × quantity where the"
    " product has a unit_cost, else amount × [metrics] margin",
    to_the_cent=True,
)  # fmt: skip
ROI = Definition(
    AREA, "roi", "ROI", "share",
    "(incremental margin − cost) / cost; overall: over the programs with an ROI, each line once",
)  # fmt: skip
COST_SHARE = Definition(
    AREA, "cost-share", "cost of revenue", "share",
    "cost / eligible revenue",
)  # fmt: skip
DEFINITIONS = (COST, ELIGIBLE, INCREMENTAL, MARGIN, ROI, COST_SHARE, OTHER_COST)


@dataclass(frozen=True)
class Brought:
    """Eligible lines of one program: `row` (UInt32), `amount`, `margin` (12 decimals, or null).

    `margin` is null for lines whose product has no cost where the config states no margin.
    """

    now: pl.DataFrame
    year_ago: pl.DataFrame


@dataclass(frozen=True)
class Sums:
    """What lines brought; the margin is None if it is unknown."""

    revenue: Decimal
    margin: Decimal | None


def roi(view: View) -> Iterator[Found]:
    """ROI of each program and of those together that have one; cost of the others and of each partner."""
    currency = view.run.loaded.workspace.currency
    for one in _figures(view):
        yield replace(one, currency=currency) if one.definition.unit == "money" else one


def _figures(view: View) -> Iterator[Found]:
    if view.no_programs:
        yield from (Found(definition, view.no_programs) for definition in DEFINITIONS)
        return
    computable: dict[str, tuple[Decimal, Brought]] = {}
    for one in view.programs:
        cost = cost_of(view, pl.col("program_id") == one.case.program.id)
        brought = _brought(view, one)
        figures = list(_found(brought, cost, "program", one.case.program.id))
        yield from figures
        has_roi = any(f.definition == ROI and isinstance(f.value, Decimal) for f in figures)
        if has_roi and isinstance(brought, Brought) and isinstance(cost, Decimal):
            computable[one.case.program.id] = (cost, brought)
    yield from _whole(list(computable.values()))
    yield Found(OTHER_COST, cost_of(view, ~pl.col("program_id").is_in(list(computable))))
    yield from _by_partner(view)


def cost_of(view: View, which: pl.Expr) -> Value:
    """The entitlements of some rows of `View.earnings`, in the workspace's currency."""
    rows = view.earnings.filter(which)
    lacking = rows.filter(pl.col("in_ws").is_null())["currency"].unique().sort()
    if not lacking.is_empty():
        return Missing(f"`fx` has no rate for {', '.join(lacking)} on {view.period.last}")
    return total(rows, "in_ws")


def _brought(view: View, one: Settled) -> Brought | Missing:
    """The eligible lines of a program now and a year before, or why it has none."""
    if "sales" not in one.case.program.tables:
        return Missing("it pays activities: no sales belong to it")
    windows = view.windows_of(one)
    shifted = tuple(
        MeasurementPeriod(add_months(window.start, -12), add_months(window.end, -12))
        for window in windows
    )
    missing = view.no_sales_on(shifted[0].start)
    if missing:
        return missing
    return Brought(_eligible(view, one, windows), _eligible(view, one, shifted))


def _eligible(view: View, one: Settled, windows: tuple[MeasurementPeriod, ...]) -> pl.DataFrame:
    """The lines of `windows` that meet the program's conditions, with their margins."""
    costs = view.run.channel.tables["products"].select("product_id", "unit_cost")
    amount = money.scale_of(pl.col("amount_ws"), money.SHARED_SCALE)
    at_cost = amount - money.multiply(
        pl.col("unit_cost"), pl.col("quantity"), scales=(money.SCALE, money.SCALE)
    )
    stated = view.run.loaded.workspace.metrics.margin
    otherwise = (
        pl.lit(None, dtype=money.SHARED)
        if stated is None
        else money.multiply(
            pl.col("amount_ws"), money.literal(stated), scales=(money.SCALE, money.SCALE)
        )
    )
    has_cost = pl.col("unit_cost").is_not_null()
    return (
        judged(one.case, windows, baseline=True, needs=True)
        .filter(pl.col("reason").is_null())
        .select("row", "product_id", "quantity", "amount_ws")
        .join(costs.lazy(), on="product_id", how="left")
        .select(
            "row",
            amount="amount_ws",
            margin=pl.when(has_cost).then(at_cost).otherwise(otherwise),
        )
        .collect(engine="streaming")
    )


def _sums(lines: pl.DataFrame) -> Sums:
    unknown = lines["margin"].null_count()
    return Sums(total(lines, "amount"), None if unknown else total(lines, "margin"))


def _found(brought: Brought | Missing, cost: Value, scope: Scope, of: str) -> Iterator[Found]:
    """The figures of one program."""
    yield Found(COST, cost, scope, of)
    if isinstance(brought, Missing):
        for definition in (ELIGIBLE, INCREMENTAL, MARGIN, ROI, COST_SHARE):
            yield Found(definition, brought, scope, of)
        return
    yield from _returned(_sums(brought.now), _sums(brought.year_ago), cost, scope, of)


def _returned(now: Sums, then: Sums, cost: Value, scope: Scope, of: str) -> Iterator[Found]:
    yield Found(ELIGIBLE, now.revenue, scope, of)
    yield Found(INCREMENTAL, now.revenue - then.revenue, scope, of)
    margin: Value = Missing(
        "some products have no cost: set unit_cost in `products`, or [metrics] margin in"
        " incentivectl.toml"
    )
    if now.margin is not None and then.margin is not None:
        margin = now.margin - then.margin
    yield Found(MARGIN, margin, scope, of)
    yield Found(ROI, _roi(margin, cost), scope, of)
    yield Found(COST_SHARE, part_of(cost, now.revenue, "there is no eligible revenue"), scope, of)


def _roi(margin: Value, cost: Value) -> Value:
    if isinstance(margin, Decimal) and isinstance(cost, Decimal):
        ratio = money.quotient(margin - cost, cost) if cost > 0 else None
        return Missing("nothing was earned, so it cost nothing") if ratio is None else ratio
    return cost if isinstance(cost, Missing) else margin


def part_of(part: Value, whole: Decimal, otherwise: str) -> Value:
    """A share of something above 0, or why it cannot be computed."""
    if not isinstance(part, Decimal):
        return part
    ratio = money.quotient(part, whole) if whole > 0 else None
    return Missing(otherwise) if ratio is None else ratio


def _whole(computable: list[tuple[Decimal, Brought]]) -> Iterator[Found]:
    """All programs together whose ROI can be computed: every line once, whatever it counts in."""
    if not computable:
        nothing = Missing("it cannot be computed for any program")
        for definition in (COST, ELIGIBLE, INCREMENTAL, MARGIN, ROI, COST_SHARE):
            yield Found(definition, nothing)
        return
    cost = sum((cost for cost, _ in computable), Decimal(0))
    now = pl.concat([brought.now for _, brought in computable]).unique("row")
    then = pl.concat([brought.year_ago for _, brought in computable]).unique("row")
    yield Found(COST, cost)
    yield from _returned(_sums(now), _sums(then), cost, "whole", "")


def _by_partner(view: View) -> Iterator[Found]:
    """What each partner and its reps cost."""
    for partner in view.earnings["of_partner"].drop_nulls().unique().sort():
        yield Found(COST, cost_of(view, pl.col("of_partner") == partner), "partner", partner)
