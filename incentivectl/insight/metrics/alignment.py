"""Alignment: what earns, and who earns in none of the programs that matter to us."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core import money
from incentivectl.engine.engine import Settled
from incentivectl.insight.metrics.figures import Area, Basis, Definition, Found, Scope, ratio
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View

AREA = "alignment"
SOLD = Definition(
    AREA, "sold", "revenue", "money",
    "the amounts of all accepted lines of the period; of a program: that of all lines", adds_up=True,
)  # fmt: skip
EARNING_REVENUE = Definition(
    AREA, "earning-revenue", "revenue that earns, amount", "money",
    "revenue of the period's lines that earn something in at least one program; of a program: in it",
    adds_up=True,
)  # fmt: skip
EARNING = Definition(
    AREA, "earning-share", "revenue that earns", "share", "revenue that earns / revenue",
    how="formula", headline=True,
)  # fmt: skip
MATTERING = Definition(
    AREA, "programs-that-matter", "programs that matter", "number",
    "running programs with a measured objective; where none has one, those with an objective in words",
    how="count",
)  # fmt: skip
MATTERING_REVENUE = Definition(
    AREA, "mattering-revenue", "revenue that earns where it matters, amount", "money",
    "revenue of the period's lines that earn something in at least one program that matters",
    adds_up=True,
)  # fmt: skip
MATTERING_SHARE = Definition(
    AREA, "mattering-share", "revenue that earns where it matters", "share",
    "revenue that earns in a program that matters / revenue", how="formula", headline=True,
)  # fmt: skip
MISALIGNED = Definition(
    AREA, "misaligned-partners", "partners with other goals", "number",
    "partners with status active and revenue above 0 in the period that, themselves or through a rep,"
    " earn in none of the programs that matter", how="count", headline=True,
)  # fmt: skip
DEFINITIONS = (
    MATTERING_SHARE, MISALIGNED, EARNING, MATTERING, SOLD, EARNING_REVENUE, MATTERING_REVENUE,
)  # fmt: skip
NO_REVENUE = "there is no revenue above 0"
_SCOPES: tuple[Scope, ...] = ("whole", "region", "country", "partner", "category")
FORMULAS = (
    ratio(EARNING, (EARNING_REVENUE,), SOLD, NO_REVENUE, scopes=(*_SCOPES, "program")),
    ratio(MATTERING_SHARE, (MATTERING_REVENUE,), SOLD, NO_REVENUE, scopes=_SCOPES),
)


def that_matter(view: View) -> tuple[Settled, ...]:
    """The running programs by which alignment is judged."""
    measured = tuple(one for one in view.programs if one.case.program.objective.is_measured)
    return measured or tuple(one for one in view.programs if one.case.program.objective.text)


def _found(view: View) -> Iterator[Basis | Found]:
    """What earns by partner, category and program; who earns in no program that matters."""
    missing = view.no_sales_on(view.period.first) or view.no_programs
    if missing:
        yield from (Found(definition, missing) for definition in DEFINITIONS)
        return
    matter = [one.case.program.id for one in that_matter(view)]
    figures: tuple[Definition, ...] = (SOLD, EARNING_REVENUE, MATTERING_REVENUE)
    no_objectives = Missing("no running program has an objective: set `objective` in its file")
    if not matter:
        figures = (SOLD, EARNING_REVENUE)
        lacking = (MATTERING_REVENUE, MISALIGNED, MATTERING)
        yield from (Found(one, no_objectives) for one in lacking)
    sums = view.with_places(sold_by_category(view, matter))
    yield Basis("earning", sums, figures, _SCOPES)
    yield Basis("earning-programs", _by_program(view), (SOLD, EARNING_REVENUE), ("program",))
    if matter:
        ids = pl.Series(matter, dtype=pl.String)
        programs = pl.DataFrame({"program": ids, "item": ids, MATTERING.key: [True] * len(ids)})
        yield Basis("programs-that-matter", programs, (MATTERING,), ("whole", "program"))
        partners = view.with_places(_partners(view, sums, matter))
        yield Basis("alignment", partners, (MISALIGNED,), ("whole", "region", "country", "partner"))


def sold_by_category(view: View, matter: list[str]) -> pl.DataFrame:
    """`partner`, `category`, and the amounts of SOLD, EARNING_REVENUE and MATTERING_REVENUE."""
    earning = view.earning_rows
    matters = earning.filter(pl.col("program").is_in(matter))
    amount = pl.col("amount")
    return (
        view.lines.join(
            earning.select("row", earns=pl.lit(value=True)).unique("row").lazy(),
            on="row",
            how="left",
        )
        .join(
            matters.select("row", matters=pl.lit(value=True)).unique("row").lazy(),
            on="row",
            how="left",
        )
        .group_by(partner="partner_id", category="category")
        .agg(
            amount.sum().alias(SOLD.key),
            amount.filter(pl.col("earns").fill_null(value=False)).sum().alias(EARNING_REVENUE.key),
            amount.filter(pl.col("matters").fill_null(value=False))
            .sum()
            .alias(MATTERING_REVENUE.key),
        )
        .collect(engine="streaming")
        .sort("partner", "category")
    )


def earners_in(view: View, programs: list[str]) -> set[str]:
    """The partners that, themselves or through a rep, earn something in one of `programs`."""
    rows = view.earnings.filter(pl.col("program_id").is_in(programs), pl.col("entitlement") > 0)
    return set(rows["of_partner"].drop_nulls())


def _partners(view: View, sums: pl.DataFrame, matter: list[str]) -> pl.DataFrame:
    """Active partners with revenue, and whether they are misaligned."""
    sold = sums.group_by("partner").agg(pl.col(SOLD.key).sum()).filter(pl.col(SOLD.key) > 0)
    partners = sorted(set(sold["partner"].drop_nulls()) & view.active_partners)
    earners = earners_in(view, matter)
    ids = pl.Series(partners, dtype=pl.String)
    is_far = pl.Series([one not in earners for one in partners], dtype=pl.Boolean)
    return pl.DataFrame({"partner": ids, "item": ids, MISALIGNED.key: is_far})


def _by_program(view: View) -> pl.DataFrame:
    """Of each program that looks at lines: revenue in all, and of the lines that earn in it."""
    earning = view.earning_rows
    amounts = (
        view.lines.select("row", "amount")
        .join(earning.lazy(), on="row", how="inner")
        .group_by("program")
        .agg(pl.col("amount").sum().alias(EARNING_REVENUE.key))
        .collect(engine="streaming")
    )
    whole = view.lines.select(pl.col("amount").sum()).collect(engine="streaming").item()
    ids = [
        one.case.program.id
        for one in view.programs
        if one.measured is not None and one.measured.judged is not None
    ]
    return (
        pl.DataFrame({"program": pl.Series(ids, dtype=pl.String)})
        .join(amounts, on="program", how="left")
        .with_columns(
            pl.col(EARNING_REVENUE.key).fill_null(money.literal(0)),
            money.literal(whole or 0).alias(SOLD.key),
        )
    )


alignment = Area(AREA, "Alignment", DEFINITIONS, _found, FORMULAS)
