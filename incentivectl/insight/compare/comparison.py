"""Two runs side by side: what each program and payee earns in both, and where the difference lies.

Periods that were settled outside the ledger stand apart: no money changes there (docs/questions.md,
"Scenarios").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from incentivectl.core import money
from incentivectl.engine.engine import Settled
from incentivectl.run.loading import first_day_of_ledger
from incentivectl.run.run import Run
from incentivectl.workspace.workspace import Workspace

_NOTHING = money.literal(0)
PAYEE = ("payee_kind", "payee_id", "payee_name", "currency")
NO_LINE = "(no line: bonuses, prizes, activities, claims)"


@dataclass(frozen=True)
class Comparison:
    """Frames with `before`, `after` and `change` (6 decimals), of what differs or of everything.

    `programs`: program_id, currency, payees_before, payees_after, and all programs.
    `payees`: payee_kind, payee_id, payee_name, currency; those that differ, gains first.
    `tiers`: program_id, period_start, payee_id, payee_name, tier_before, tier_after where they differ.
    `regions`, `partner_tiers`: value, currency. `categories`: value, currency; of rewards (18 decimals).
    `elsewhere`: program_id, period_start, currency, `differ` (payees), of the periods that were settled
    elsewhere and would earn something else; with `only_elsewhere` there are no others, and the other
    frames are about these.
    """

    programs: pl.DataFrame
    payees: pl.DataFrame
    tiers: pl.DataFrame
    regions: pl.DataFrame
    partner_tiers: pl.DataFrame
    categories: pl.DataFrame
    elsewhere: pl.DataFrame
    only_elsewhere: bool


def compared(before: Run, after: Run, only: Iterable[str] | None = None) -> Comparison:
    """The comparison of two runs over the same workspace; rewards of the programs `only` by category."""
    sides = (before.earnings, after.earnings)
    only_elsewhere = not any(counting(frame).height for frame in sides)
    earned = joined_earnings(*(sides if only_elsewhere else map(counting, sides)))
    own = None if only is None else set(only)
    return Comparison(
        programs=by_program(earned),
        payees=by_payee(earned).filter(pl.col("change") != 0),
        tiers=_tiers(earned),
        regions=_by_attribute(before, earned, "region"),
        partner_tiers=_by_attribute(before, earned, "tier"),
        categories=_by_category(before, after, own, only_elsewhere=only_elsewhere),
        elsewhere=_elsewhere(*sides),
        only_elsewhere=only_elsewhere,
    )


def counting(earnings: pl.DataFrame) -> pl.DataFrame:
    """Earnings without what was settled elsewhere."""
    return earnings.filter(pl.col("status") != "settled-elsewhere")


def comparable(
    workspace: Workspace, *sides: pl.DataFrame
) -> tuple[tuple[pl.DataFrame, ...], date | None]:
    """Earnings that no settlement has seen, as `compared` takes them; and from which day they end.

    Periods that ended before the ledger begins are left out, unless there are no others.
    """
    first = first_day_of_ledger(workspace)
    if first is not None and not any((side["period_end"] >= first).any() for side in sides):
        first = None
    return tuple(ending_from(side, first) for side in sides), first


def ending_from(earnings: pl.DataFrame, first: date | None) -> pl.DataFrame:
    """Earnings of measurement periods that end on a day or later; all without a day."""
    return earnings if first is None else earnings.filter(pl.col("period_end") >= first)


def joined_earnings(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows of both by program, period and payee, with `before`, `after`, `tier_before`, `tier_after`."""
    keys = ["program_id", "period_start", *PAYEE[:2], "currency"]

    def side(frame: pl.DataFrame, name: str) -> pl.DataFrame:
        return frame.select(
            *keys,
            pl.col("payee_name").alias(f"name_{name}"),
            pl.col("entitlement").cast(money.AMOUNT).alias(name),
            pl.col("tier").alias(f"tier_{name}"),
            pl.lit(True).alias(f"is_{name}"),
        )

    both = side(before, "before").join(side(after, "after"), on=keys, how="full", coalesce=True)
    return both.with_columns(
        pl.col("before", "after").fill_null(_NOTHING),
        payee_name=pl.coalesce("name_after", "name_before"),
    ).with_columns(change=pl.col("after") - pl.col("before"))


def _sums() -> list[pl.Expr]:
    return [pl.col("before", "after", "change").sum()]


def by_program(earned: pl.DataFrame) -> pl.DataFrame:
    """Every program of either side, by id."""
    return (
        earned.group_by("program_id", "currency")
        .agg(
            *_sums(),
            payees_before=_earning("before"),
            payees_after=_earning("after"),
            differ=pl.col("payee_id").filter(pl.col("change") != 0).n_unique(),
        )
        .sort("program_id", "currency")
    )


def _earning(side: str) -> pl.Expr:
    return pl.col("payee_id").filter(pl.col(side) > 0).n_unique()


def by_payee(earned: pl.DataFrame) -> pl.DataFrame:
    """Every payee of either side, the largest gain first."""
    return (
        earned.group_by(*PAYEE[:2], "currency")
        .agg(pl.col("payee_name").first(), *_sums())
        .select(*PAYEE, "before", "after", "change")
        .sort("change", "payee_id", "payee_kind", descending=[True, False, False])
    )


def _elsewhere(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Periods that were settled elsewhere and would earn something else, by program and period."""
    is_elsewhere = pl.col("status") == "settled-elsewhere"
    earned = joined_earnings(before.filter(is_elsewhere), after.filter(is_elsewhere))
    return (
        earned.group_by("program_id", "period_start", "currency")
        .agg(*_sums(), differ=(pl.col("change") != 0).sum())
        .filter(pl.col("differ") > 0)
        .sort("program_id", "period_start", "currency")
    )


def _tiers(earned: pl.DataFrame) -> pl.DataFrame:
    moved = pl.col("tier_before").ne_missing(pl.col("tier_after"))
    return (
        earned.filter(moved & pl.col("is_before").eq_missing(pl.col("is_after")))
        .select(
            "program_id", "period_start", "payee_id", "payee_name", "tier_before", "tier_after",
            "before", "after", "change", "currency",
        )
        .sort("program_id", "period_start", "payee_id")
    )  # fmt: skip


def _by_attribute(run: Run, earned: pl.DataFrame, column: str) -> pl.DataFrame:
    """By an attribute of the payee's partner (a rep's own) on the last day of PERIOD."""
    parts = []
    for kind in ("partner", "rep"):
        own = earned.filter(pl.col("payee_kind") == kind)
        ids = own.select("payee_id").unique().with_columns(judged_on=pl.lit(run.period.last))
        viewed = run.channel.payee_view(ids, kind, {f"partner.{column}"})
        value = pl.col(f"partner.{column}").fill_null("(none)")
        parts.append(own.join(viewed.select("payee_id", value=value), on="payee_id", how="left"))
    return (
        pl.concat(parts)
        .group_by("value", "currency")
        .agg(*_sums())
        .sort("currency", "change", "value", descending=[False, True, False])
    )


def _by_category(
    before: Run, after: Run, only: set[str] | None, *, only_elsewhere: bool
) -> pl.DataFrame:
    sides = []
    for run, name in ((before, "before"), (after, "after")):
        wanted = [one for one in run.settled if only is None or one.case.program.id in only]
        sides.append(_rewards(run, wanted, only_elsewhere=only_elsewhere).rename({"reward": name}))
    keys = ["value", "currency"]
    both = sides[0].join(sides[1], on=keys, how="full", coalesce=True)
    nothing = money.NOTHING
    return (
        both.with_columns(pl.col("before", "after").fill_null(nothing))
        .with_columns(change=pl.col("after") - pl.col("before"))
        .sort("currency", "change", "value", descending=[False, True, False])
    )


def _rewards(run: Run, settled: Sequence[Settled], *, only_elsewhere: bool) -> pl.DataFrame:
    """`value` (product category), `currency`, `reward`: contributions before boost, cap and budget."""
    left_out = run.earnings.filter(
        pl.col("status") == "settled-elsewhere", pl.lit(not only_elsewhere)
    )
    elsewhere = left_out.select("program_id", "period").unique()
    frames = []
    for one in settled:
        if one.measured is None:
            continue
        own = elsewhere.filter(pl.col("program_id") == one.case.program.id)["period"]
        category = (
            pl.when(pl.col("row").is_null())
            .then(pl.lit(NO_LINE))
            .otherwise(pl.col("category").cast(pl.String).fill_null("(none)"))
        )
        frames.append(
            one.measured.contributions.filter(~pl.col("period").is_in(own.implode()))
            .select("row", "contribution")
            .join(_categories(run, one), on="row", how="left")
            .group_by(value=category, currency=pl.lit(one.case.currency))
            .agg(reward=pl.col("contribution").sum())
        )
    empty = pl.LazyFrame(schema={"value": pl.String, "currency": pl.String, "reward": money.EARNED})
    summed = pl.concat([empty, *frames]).group_by("value", "currency").agg(pl.col("reward").sum())
    return summed.collect(engine="streaming")


def _categories(run: Run, one: Settled) -> pl.LazyFrame:
    """`row`, `category` (an Enum, since there may be many lines) of the lines in a program's dates."""
    products = run.inputs.tables["products"].select("product_id", "category")
    known = pl.Enum(products["category"].drop_nulls().unique().sort())
    by_product = products.with_columns(pl.col("category").cast(known)).lazy()
    first, last = one.case.periods[0].start, one.case.periods[-1].end
    in_dates = run.channel.lines.filter(pl.col("counted_on").is_between(first, last))
    return (
        in_dates.select("row", "product_id")
        .join(by_product, on="product_id", how="left")
        .select("row", "category")
    )
