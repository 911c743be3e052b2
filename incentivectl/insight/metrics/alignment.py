"""Alignment: how much of what partners sell earns anything in any program."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core.frames import Schema, total
from incentivectl.insight.metrics.figures import Definition, Found, Missing, Scope
from incentivectl.insight.metrics.roi import part_of
from incentivectl.insight.metrics.view import View

AREA = "alignment"
FAR = Decimal("0.2")  # a partner below has goals that differ from those of the programs
EARNING = Definition(
    AREA, "earning-share", "revenue that earns", "share",
    "revenue of the period's lines that earn something in at least one program / all its revenue; of a"
    " program: revenue of the lines that earn in it / revenue of all lines",
)  # fmt: skip
FAR_PARTNERS = Definition(
    AREA, "far-partners", "partners below 20 %", "number",
    "partners of whose revenue less than 20 % earns anything: their goals differ from the programs'",
)  # fmt: skip
DEFINITIONS = (EARNING, FAR_PARTNERS)
_ROWS: Schema = {"row": pl.UInt32, "program_id": pl.String}
NO_REVENUE = "there is no revenue above 0"


def alignment(view: View) -> Iterator[Found]:
    """The share that earns: of the whole, of each partner, category and program."""
    missing = view.no_sales_on(view.period.first) or view.no_programs
    if missing:
        yield from (Found(definition, missing) for definition in DEFINITIONS)
        return
    earning = earning_rows(view)
    earns = earning.select("row", earns=pl.lit(True)).unique("row")
    sums = (
        view.lines.join(earns.lazy(), on="row", how="left")
        .group_by("partner_id", "category")
        .agg(
            pl.col("amount").sum(),
            earning=pl.col("amount").filter(pl.col("earns").fill_null(False)).sum(),
        )
        .collect(engine="streaming")
    )
    whole = total(sums, "amount")
    yield Found(EARNING, part_of(total(sums, "earning"), whole, NO_REVENUE))
    far = 0
    scopes: tuple[tuple[Scope, str], ...] = (("partner", "partner_id"), ("category", "category"))
    for scope, column in scopes:
        totals = sums.group_by(column).agg(pl.col("amount").sum(), pl.col("earning").sum())
        for of, amount, earned in totals.sort(column).rows():
            share = part_of(earned, amount, NO_REVENUE)
            yield Found(EARNING, share, scope, of)
            far += scope == "partner" and isinstance(share, Decimal) and share < FAR
    yield Found(FAR_PARTNERS, Decimal(far) if sums.height else Missing(NO_REVENUE))
    yield from _by_program(view, earning, whole)


def earning_rows(view: View) -> pl.DataFrame:
    """`row`, `program_id` of the lines of PERIOD that earn something (or take something back)."""
    frames = [pl.LazyFrame(schema=_ROWS)]
    frames += [
        one.measured.contributions.filter(
            pl.col("row").is_not_null(),
            pl.col("contribution") != 0,
            pl.col("counted_on").is_between(view.period.first, view.period.last),
        ).select("row", program_id=pl.lit(one.case.program.id))
        for one in view.run.settled
        if one.measured is not None
    ]
    return pl.concat(frames).unique().collect(engine="streaming")


def _by_program(view: View, earning: pl.DataFrame, whole: Decimal) -> Iterator[Found]:
    amounts = (
        view.lines.select("row", "amount")
        .join(earning.lazy(), on="row", how="inner")
        .group_by("program_id")
        .agg(pl.col("amount").sum())
        .collect(engine="streaming")
    )
    of = dict(amounts.iter_rows())
    for one in view.programs:
        if one.measured is not None and one.measured.judged is not None:
            name = one.case.program.id
            share = part_of(of.get(name, Decimal(0)), whole, NO_REVENUE)
            yield Found(EARNING, share, "program", name)
