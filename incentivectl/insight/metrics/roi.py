"""ROI: what programs cost, and what their eligible lines brought more than a year before.

A line that is eligible in several programs is claimed by none alone: each takes an equal part of it, so
that the parts add up to the whole (docs/questions.md, "ROI").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW, Schema, total
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled
from incentivectl.insight.metrics.figures import (
    Area,
    Basis,
    Definition,
    Found,
    Scope,
    Value,
    difference,
    ratio,
)
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View
from incentivectl.rules.lines.eligibility import judged

AREA = "roi"


def _money(key: str, title: str, text: str, *, headline: bool = False) -> Definition:
    return Definition(AREA, key, title, "money", text, to_the_cent=True, headline=headline)


COST = _money(
    "cost", "cost",
    "the entitlements of the measurement periods that ended in the period, or of the current"
    " one, to date, in the workspace's currency; of a partner: its own and its reps'",
    headline=True,
)  # fmt: skip
JUDGED_COST = _money(
    "cost-with-roi", "cost with an ROI", "the cost of the programs of which an ROI can be computed"
)
OTHER_COST = Definition(
    AREA, "cost-without-roi", "cost without an ROI", "money",
    "cost − cost with an ROI: of programs that pay activities, and of those that no year before can be"
    " compared with", to_the_cent=True, how="formula",
)  # fmt: skip
ELIGIBLE = _money(
    "eligible-revenue", "eligible revenue",
    "revenue in those measurement periods of the lines that meet the program's conditions, exclusive"
    " groups aside; overall each line once, in whatever programs it is eligible", headline=True,
)  # fmt: skip
COST_SHARE = Definition(
    AREA, "cost-share", "cost of revenue", "share", "cost / eligible revenue", how="formula",
)  # fmt: skip
PART = _money(
    "revenue-part", "attributed revenue",
    "eligible revenue of the programs with an ROI; a line that is eligible in n of them is 1/n in each",
)  # fmt: skip
PART_BEFORE = _money(
    "revenue-part-before",
    "attributed revenue a year before",
    "the same of the same days a year before",
)
INCREMENTAL = Definition(
    AREA, "incremental-revenue", "incremental revenue", "money",
    "attributed revenue − attributed revenue a year before", to_the_cent=True, how="formula",
)  # fmt: skip
MARGIN_PART = _money(
    "margin-part", "attributed margin",
    "margin of these lines in the same parts: amount − unit_cost × quantity where the product has a"
    " unit_cost, else amount × [metrics] margin",
)  # fmt: skip
MARGIN_PART_BEFORE = _money(
    "margin-part-before", "attributed margin a year before",
    "the same of the same days a year before",
)  # fmt: skip
MARGIN = Definition(
    AREA, "incremental-margin", "incremental margin", "money",
    "attributed margin − attributed margin a year before", to_the_cent=True,
    how="formula",
)  # fmt: skip
ALONE = _money(
    "margin-alone", "incremental margin claimed alone",
    "what the incremental margin would be if no line were shared; overall the sum of these claims",
)  # fmt: skip
ROI = Definition(
    AREA, "roi", "ROI", "share", "(incremental margin − cost with an ROI) / cost with an ROI",
    how="formula", headline=True,
)  # fmt: skip
DEFINITIONS = (
    COST, ELIGIBLE, COST_SHARE, MARGIN, ROI, INCREMENTAL, JUDGED_COST, OTHER_COST, ALONE,
    PART, PART_BEFORE, MARGIN_PART, MARGIN_PART_BEFORE,
)  # fmt: skip
_PARTS = (JUDGED_COST, PART, PART_BEFORE, MARGIN_PART, MARGIN_PART_BEFORE, ALONE)
_BOTH: tuple[Scope, ...] = ("whole", "program")
FORMULAS = (
    difference(OTHER_COST, COST, JUDGED_COST),
    difference(INCREMENTAL, PART, PART_BEFORE, _BOTH),
    difference(MARGIN, MARGIN_PART, MARGIN_PART_BEFORE, _BOTH),
    ratio(
        COST_SHARE, (COST,), ELIGIBLE, "there is no eligible revenue above 0",
        scopes=("whole", "program", "partner", "region", "country"),
    ),
    ratio(
        ROI, (MARGIN,), JUDGED_COST, "nothing was earned, so it cost nothing",
        minus=(JUDGED_COST,), scopes=_BOTH,
    ),
)  # fmt: skip
_LINES: Schema = {
    "row": ROW,
    "partner": pl.String,
    "amount": money.AMOUNT,
    "margin": money.SHARED,
    "program": pl.String,
}
_NO_MARGIN = (
    "some products have no cost: set unit_cost in `products`, or [metrics] margin in"
    " incentivectl.toml"
)


@dataclass(frozen=True)
class Brought:
    """Eligible lines of one program, now and a year before (columns `_LINES`).

    `margin` is null for lines whose product has no cost where the config states no margin.
    """

    program: str
    cost: Decimal
    now: pl.DataFrame
    year_ago: pl.DataFrame


def _found(view: View) -> Iterator[Basis | Found]:
    """Costs, eligible revenue, and of the programs with an ROI their parts of what lines brought."""
    if view.no_programs:
        yield from (Found(definition, view.no_programs) for definition in DEFINITIONS)
        return
    yield _costs(view)
    eligible = [
        _eligible(view, one, view.windows_of(one)) for one in view.programs if _has_lines(one)
    ]
    now = pl.concat(eligible) if eligible else pl.DataFrame(schema=_LINES)
    yield _eligible_by(view, "eligible", now.unique("row"), ("whole", "region", "country"))
    yield _eligible_by(view, "program-eligible", now, ("program",))
    yield from _parts(view, now)


def _has_lines(one: Settled) -> bool:
    return "sales" in one.case.program.tables


def _costs(view: View) -> Basis:
    """The entitlements of each payee, program and measurement period, in the workspace's currency."""
    rows = view.earnings.select(
        pl.col("program_id").alias("program"),
        pl.col("of_partner").alias("partner"),
        pl.concat_str("payee_id", pl.lit(" "), pl.col("period_start").cast(pl.String)).alias(
            "item"
        ),
        pl.col("in_ws").alias(COST.key),
        "currency",
    )
    lacking = rows.filter(pl.col(COST.key).is_null())["currency"].unique().sort()
    ids = [one.case.program.id for one in view.programs]
    every = pl.DataFrame({"program": pl.Series(ids, dtype=pl.String)}).with_columns(
        money.literal(0).alias(COST.key)
    )
    home = view.run.loaded.workspace.currency
    return Basis(
        "cost",
        view.with_places(pl.concat([rows, every], how="diagonal")).with_columns(
            currency=pl.lit(home)
        ),
        (COST,),
        ("whole", "program", "partner", "region", "country"),
        unknown=f"`fx` has no rate for {', '.join(lacking)} on {view.period.last}"
        if lacking.len()
        else "",
    )


def _eligible_by(view: View, name: str, lines: pl.DataFrame, scopes: Sequence[Scope]) -> Basis:
    """Eligible revenue by program, or of each line once by partner."""
    by = ["program"] if "program" in scopes else ["partner"]
    sums = lines.group_by(by).agg(pl.col("amount").sum().alias(ELIGIBLE.key)).sort(by)
    if by == ["program"]:
        ids = [one.case.program.id for one in view.programs if _has_lines(one)]
        every = pl.DataFrame({"program": pl.Series(ids, dtype=pl.String)})
        sums = every.join(sums, on="program", how="left").with_columns(
            pl.col(ELIGIBLE.key).fill_null(money.literal(0))
        )
    else:
        sums = view.with_places(sums)
    currency = pl.lit(view.run.loaded.workspace.currency)
    return Basis(name, sums.with_columns(currency=currency), (ELIGIBLE,), tuple(scopes))


def _eligible(view: View, one: Settled, windows: tuple[MeasurementPeriod, ...]) -> pl.DataFrame:
    """The lines of `windows` that meet the program's conditions, with their margins (`_LINES`)."""
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
        .select("row", "partner_id", "product_id", "quantity", "amount_ws")
        .join(costs.lazy(), on="product_id", how="left")
        .select(
            "row",
            partner="partner_id",
            amount="amount_ws",
            margin=pl.when(has_cost).then(at_cost).otherwise(otherwise),
            program=pl.lit(one.case.program.id),
        )
        .collect(engine="streaming")
    )


def _parts(view: View, now: pl.DataFrame) -> Iterator[Basis | Found]:
    """What each program with an ROI cost, and its parts of the lines that it shares with others."""
    judged_ones: list[Brought] = []
    reasons: dict[str, Missing] = {}
    for one in view.programs:
        brought = _brought(view, one, now)
        if isinstance(brought, Brought):
            judged_ones.append(brought)
        else:
            reasons[one.case.program.id] = brought
    for program, why in reasons.items():
        yield from (Found(figure, why, "program", program) for figure in _PARTS)
    if judged_ones:
        yield Basis("roi", _roi_rows(view, judged_ones), _PARTS, ("whole", "program"))
        return
    told = list(dict.fromkeys(reasons.values()))
    nothing = told[0] if len(told) == 1 else Missing("it cannot be computed for any program")
    yield from (Found(figure, nothing) for figure in _PARTS if figure != JUDGED_COST)
    yield Found(JUDGED_COST, Decimal(0))


def cost_of(view: View, program: str) -> Value:
    """The entitlements of a program, in the workspace's currency."""
    rows = view.earnings.filter(pl.col("program_id") == program)
    lacking = rows.filter(pl.col("in_ws").is_null())["currency"].unique().sort()
    if not lacking.is_empty():
        return Missing(f"`fx` has no rate for {', '.join(lacking)} on {view.period.last}")
    return total(rows, "in_ws")


def _brought(view: View, one: Settled, now: pl.DataFrame) -> Brought | Missing:
    """The eligible lines of a program now and a year before, or why it has no ROI."""
    program = one.case.program
    if not _has_lines(one):
        return Missing("it pays activities: no sales belong to it")
    calendar = view.run.channel.calendar
    shifted = tuple(
        MeasurementPeriod(calendar.shift(window.start, -12), calendar.shift(window.end, -12))
        for window in view.windows_of(one)
    )
    cost = cost_of(view, program.id)
    missing = view.no_sales_on(shifted[0].start)
    if "deals" in program.tables:
        missing = missing or view.no_rows_since("deals", "registered_on", shifted[0].start)
    if missing or not isinstance(cost, Decimal):
        return missing or cost  # type: ignore[return-value]
    if cost <= 0:
        return Missing("nothing was earned, so it cost nothing")
    brought = Brought(
        program.id,
        cost,
        now.filter(pl.col("program") == program.id),
        _eligible(view, one, shifted),
    )
    unknown = brought.now["margin"].null_count() + brought.year_ago["margin"].null_count()
    return Missing(_NO_MARGIN) if unknown else brought


def _roi_rows(view: View, programs: Sequence[Brought]) -> pl.DataFrame:
    """A row for each program with an ROI: its cost, its parts, and what it would claim alone."""
    now = _shared([one.now for one in programs])
    then = _shared([one.year_ago for one in programs])
    nothing = (Decimal(0), Decimal(0))
    rows = []
    for one in programs:
        revenue, margin = now.get(one.program, nothing)
        revenue_before, margin_before = then.get(one.program, nothing)
        alone = total(one.now, "margin") - total(one.year_ago, "margin")
        rows.append((one.program, one.cost, revenue, revenue_before, margin, margin_before, alone))
    schema: Schema = {"program": pl.String}
    schema |= dict.fromkeys((one.key for one in _PARTS), money.SHARED)
    currency = pl.lit(view.run.loaded.workspace.currency)
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(currency=currency)


def _shared(lines: Sequence[pl.DataFrame]) -> dict[str, tuple[Decimal, Decimal]]:
    """Revenue and margin of each program, a line that n of them share in n equal parts.

    The lines of one n are added up before they are divided; each quotient has 12 decimals.
    """
    claimed = pl.concat(lines).with_columns(sharing=pl.len().over("row"))
    sums = claimed.group_by("program", "sharing").agg(pl.col("amount", "margin").sum())
    parts: dict[str, list[tuple[Decimal, Decimal]]] = {}
    for program, sharing, amount, margin in sums.sort("program", "sharing").rows():
        parts.setdefault(program, []).append((_part(amount, sharing), _part(margin, sharing)))
    return {
        program: reduce(lambda left, right: (left[0] + right[0], left[1] + right[1]), of_program)
        for program, of_program in parts.items()
    }


def _part(amount: Decimal, sharing: int) -> Decimal:
    part = money.quotient(amount, Decimal(sharing))
    assert part is not None
    return part


roi = Area(AREA, "ROI", DEFINITIONS, _found, FORMULAS)
