"""What is earned where terms are found for each line: measured and paid term by term, then added up.

Tiers, bonuses and steps apply to each term's own totals; gates, boosts and the metric that is shown are
those of all lines of the payee that count (docs/rules.md, "Terms").
"""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.model import Program
from incentivectl.rules.case import Judged, Sums
from incentivectl.rules.earning.earn import EARNED, PICKED, earn, measured
from incentivectl.rules.earning.limits import TAKEN, TERM_CUT, with_term_cuts
from incentivectl.rules.earning.measures import BY_PROGRAM
from incentivectl.rules.earning.measures import measured as all_measured
from incentivectl.rules.earning.parameters import Parameters
from incentivectl.rules.lines.terms import Blocks

_NO_CUT = money.literal(0, money.REWARD_SCALE)


def with_terms_taken(programs: Sequence[Judged], payees: pl.DataFrame) -> pl.DataFrame:
    """Adds `terms_taken` where terms are a payee's; payees of terms by line get theirs when they are paid."""
    rewards = {one.place: one.case.program.reward for one in programs}
    with_terms = [p for p, own in rewards.items() if any(one.terms is not None for one in own)]
    if not with_terms:
        return payees
    taken = [
        pl.when(pl.col("program") == place).then(Blocks(rewards[place]).taken())
        for place in with_terms
    ]
    return payees.with_columns(pl.coalesce(*taken).alias(TAKEN))


def earned_by_terms(
    programs: Sequence[Judged], payees: pl.DataFrame, sums: Sums, paid_by: Parameters
) -> pl.DataFrame:
    """A row for each payee and term (`block`) with what is earned under it, and its `term_cut`."""
    rows = all_measured(programs, sums, by_reward=True).with_columns(unit_pay=money.NOTHING)
    if "list_amount" not in rows.columns:
        rows = rows.with_columns(list_amount=pl.lit(None, dtype=money.SHARED))
    of_payees = payees.select(*BY_PROGRAM, "boost", _over_payees(programs).alias(PICKED))
    paid = earn(rows.join(of_payees, on=BY_PROGRAM, how="left", maintain_order="left"), paid_by)
    return with_term_cuts(paid.with_columns(reward=pl.sum_horizontal(EARNED)), paid_by)


def _over_payees(programs: Sequence[Judged]) -> pl.Expr:
    """The metric of all of a payee's lines, where that picks the tier of each term; else null."""
    by_metric: dict[str, list[int]] = {}
    for one in programs:
        reward = one.case.program.reward[0]
        if one.case.program.terms_by_line and reward.tiers_over == "payee":
            by_metric.setdefault(reward.tiers_by, []).append(one.place)
    picked = (
        pl.when(pl.col("program").is_in(places)).then(measured(pl.lit(metric)))
        for metric, places in by_metric.items()
    )
    return pl.coalesce(*picked, pl.lit(None, dtype=money.SHARED))


def with_sums_of_terms(payees: pl.DataFrame, by_terms: pl.DataFrame) -> pl.DataFrame:
    """Payees with what they earn under all of their terms, and what the terms' caps leave out.

    `tier` and `rate` are a term's where the payee has lines of exactly one.
    """
    one_term = pl.len() == 1
    added = by_terms.group_by(BY_PROGRAM).agg(
        pl.col(*EARNED, TERM_CUT).sum().name.suffix("_of_terms"),
        *(
            pl.when(one_term).then(pl.col(name).first()).alias(f"{name}_of_terms")
            for name in ("tier", "rate")
        ),
        why_of_terms=pl.when(pl.col("why_nothing").is_not_null().all()).then(
            pl.col("why_nothing").first()
        ),
        taken_of_terms=pl.col("block").sort(),
        has_terms=pl.lit(True),
    )
    joined = payees.lazy().join(added.lazy(), on=BY_PROGRAM, how="left", maintain_order="left")
    by_line = pl.col("has_terms").fill_null(False)
    return (
        joined.with_columns(
            *(
                pl.when(by_line).then(f"{name}_of_terms").otherwise(name).alias(name)
                for name in (*EARNED, "tier", "rate")
            ),
            pl.when(by_line).then("taken_of_terms").otherwise(TAKEN).alias(TAKEN),
            pl.col(f"{TERM_CUT}_of_terms").fill_null(_NO_CUT).alias(TERM_CUT),
            why_nothing=pl.when(by_line).then("why_of_terms").otherwise("why_nothing"),
        )
        .select(*payees.columns, TERM_CUT)
        .collect()
    )


def pay_of_terms(program: Program, names: Sequence[str]) -> pl.DataFrame:
    """`block` of each term, and what one without tiers pays by `names` (6 decimals, 0 for nothing)."""
    rows = [
        (
            block,
            *(
                None if term.is_tiered else term.tiers[0].pays.get(name, Decimal(0))
                for name in names
            ),
        )
        for block, _, term in Blocks(program.reward).terms()
    ]
    schema: Schema = {"block": pl.Int32, **dict.fromkeys(names, money.AMOUNT)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_terms_of_lines(
    payees: pl.DataFrame, by_terms: pl.LazyFrame, program: Program
) -> pl.DataFrame:
    """Payees with `terms_taken`, `term_cut` and, where they took one term, its `rate`.

    `by_terms` are what lines (or sums of them) contribute: `period`, `payee_id`, `block`, `contribution`.
    The payees of one program have `reward` and `boost`; what is earned under a term is limited by its cap.
    """
    caps = pl.DataFrame(
        [(block, term.per_payee) for block, _, term in Blocks(program.reward).terms()],
        schema={"block": pl.Int32, "term_cap": money.AMOUNT},
        orient="row",
    )
    boosted = money.multiply(pl.col("earned_under"), pl.col("boost"), scales=(18, 6))
    over = boosted - money.scale_of(pl.col("term_cap"), money.REWARD_SCALE)
    earns = pl.col("why_nothing").is_null()
    under = (
        by_terms.group_by("period", "payee_id", "block")
        .agg(earned_under=pl.col("contribution").sum())
        .with_columns(
            earned_under=money.scale_of(
                money.round_half_up(pl.col("earned_under"), money.EARNED_SCALE), money.EARNED_SCALE
            )
        )
        .join(
            payees.lazy().select("period", "payee_id", "boost", "why_nothing"),
            on=["period", "payee_id"],
        )
        .join(caps.lazy(), on="block", how="left")
        .with_columns(
            cut=pl.when(earns)
            .then(pl.max_horizontal(over, _NO_CUT))
            .otherwise(_NO_CUT)
            .fill_null(_NO_CUT)
        )
        .join(
            pay_of_terms(program, ["rate"]).lazy().rename({"rate": "rate_of_term"}),
            on="block",
            how="left",
        )
        .group_by("period", "payee_id")
        .agg(
            pl.col("cut").sum().alias(TERM_CUT),
            pl.col("block").unique().sort().alias(TAKEN),
            rate_of_one=pl.when(pl.col("block").n_unique() == 1).then(
                pl.col("rate_of_term").first()
            ),
        )
    )
    return (
        payees.lazy()
        .join(under, on=["period", "payee_id"], how="left", maintain_order="left")
        .with_columns(rate=pl.col("rate_of_one").cast(money.SHARED))
        .drop("rate_of_one")
        .collect()
    )


def closed_with_payees(by_terms: pl.DataFrame, payees: pl.DataFrame) -> pl.DataFrame:
    """What is earned under terms: nothing where the payee does not reach a gate."""
    closed = payees.filter(pl.col("why_nothing") == "gate").select(
        *BY_PROGRAM, is_closed=pl.lit(True)
    )
    is_closed = pl.col("is_closed").fill_null(False)
    return (
        by_terms.lazy()
        .join(closed.lazy(), on=BY_PROGRAM, how="left", maintain_order="left")
        .with_columns(
            *(
                pl.when(is_closed).then(money.NOTHING).otherwise(name).alias(name)
                for name in EARNED
            ),
            why_nothing=pl.when(is_closed).then(pl.lit("gate")).otherwise("why_nothing"),
        )
        .drop("is_closed")
        .collect()
    )
