"""Rebates and SPIFs: tiers or a flat reward per payee and measurement period.

A SPIF is a rebate for reps in which a serial number earns once (docs/rules.md, "Rebates", "SPIFs").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl import money
from incentivectl.programs.reward import Reward
from incentivectl.rules import measures
from incentivectl.rules.case import CONTRIBUTION, LINE_ORDER, Case, Measured
from incentivectl.rules.eligibility import judged
from incentivectl.rules.payees import with_payees, with_reward_block
from incentivectl.rules.serials import refuse_repeated_serials
from incentivectl.rules.tiers import Block

_NOTHING = money.literal(0, 18)
KEYS = ("period", "payee_id")


def measure(case: Case) -> Measured:
    """What each payee earns in each measurement period, before boosts, caps and budget."""
    program = case.program
    lines = judged(case, case.periods)
    if program.kind == "spif":
        lines = refuse_repeated_serials(lines, case)
    rewards: Sequence[Reward] = program.reward
    counted = _with_unit_pay(with_payees(case, lines.filter(pl.col("reason").is_null())), rewards)
    if_missing = "full" if _missing_counts_as_top(case) else "exclude"
    blocks = [Block(reward, if_missing) for reward in rewards]
    totals = with_reward_block(case, _totals(case, counted, blocks))
    payees = _with_gate(case, _rewarded(totals, blocks))
    return Measured(
        payees=payees,
        contributions=_contributions(counted, payees, blocks),
        judged=lines,
    )


def _with_unit_pay(counted: pl.LazyFrame, rewards: Sequence[Reward]) -> pl.LazyFrame:
    """Adds `unit_pay:<block>` (18 decimals): quantity x the product's own per_unit."""
    for index, reward in enumerate(rewards):
        if reward.per_product is None:
            continue
        name = f"unit_pay:{index}"
        prices = pl.LazyFrame(
            {"_product": list(reward.per_product), "_pay": list(reward.per_product.values())},
            schema={"_product": pl.String, "_pay": money.AMOUNT},
        )
        pay = money.multiply(pl.col("quantity"), pl.col("_pay"), scales=(12, 6))
        counted = (
            counted.join(prices, left_on="product_id", right_on="_product", how="left")
            .with_columns(pay.fill_null(_NOTHING).alias(name))
            .drop("_pay")
        )
    return counted


def _unit_pay(index: int, block: Block) -> pl.Expr:
    return pl.col(f"unit_pay:{index}") if block.reward.per_product is not None else _NOTHING


def _totals(case: Case, counted: pl.LazyFrame, blocks: Sequence[Block]) -> pl.DataFrame:
    """Measures of every payee with a counted line, with `baseline`, `target` and the gate's value."""
    metrics: set[str] = {block.reward.tiers_by for block in blocks}
    gate = case.program.gate
    if gate is not None:
        metrics.add(gate.metric)
    unit_pay = [
        pl.col(f"unit_pay:{index}").sum()
        for index, block in enumerate(blocks)
        if block.reward.per_product is not None
    ]
    totals = measures.measured(counted, metrics & set(measures.COUNTS), unit_pay).collect(
        engine="streaming"
    )
    missing = pl.lit(None, dtype=money.SHARED)
    if case.program.baseline is not None:
        totals = totals.join(measures.baselines(case), on=KEYS, how="left")
    else:
        totals = totals.with_columns(baseline=missing)
    if "attainment" in metrics:
        targets = measures.targets(case).with_columns(pl.col("target").cast(money.SHARED))
        totals = totals.join(targets, on=KEYS, how="left")
    else:
        totals = totals.with_columns(target=missing)
    if gate is not None and gate.metric.startswith("activity."):
        counts = measures.activity_counts(case, gate.metric.removeprefix("activity."))
        totals = totals.join(counts, on=KEYS, how="left")
    return totals


def _rewarded(totals: pl.DataFrame, blocks: Sequence[Block]) -> pl.DataFrame:
    """Adds `metric`, `metric_value`, `tier`, `rate`, `bonus_pay`, `reward`, `why_nothing`."""
    revenue, quantity = pl.col("revenue"), pl.col("quantity")

    def chosen(values: Sequence[pl.Expr]) -> pl.Expr:
        return pl.coalesce(
            pl.when(pl.col("block") == index).then(value) for index, value in enumerate(values)
        )

    earned = []
    for index, block in enumerate(blocks):
        running = block.running(revenue, quantity)
        per_line = block.per_line(revenue, revenue, quantity) if running is None else running
        earned.append(per_line + _unit_pay(index, block))
    nothing_if = [block.why_nothing() for block in blocks]
    why = chosen(nothing_if)
    no_block = pl.when(pl.col("block").is_null()).then(pl.lit("no-reward"))
    return totals.with_columns(
        metric=pl.coalesce(
            chosen([pl.lit(block.reward.tiers_by) for block in blocks]),
            pl.lit(blocks[0].reward.tiers_by),
        ),
        metric_value=pl.coalesce(
            chosen([block.metric_value() for block in blocks]), blocks[0].metric_value()
        ),
        tier=chosen([block.tier() for block in blocks]),
        rate=chosen([block.rate() for block in blocks]),
        bonus_pay=chosen([block.bonus().cast(pl.Decimal(38, 18)) for block in blocks]),
        earned=chosen(earned),
        why_nothing=pl.coalesce(no_block, why),
    ).with_columns(
        pl.when(pl.col("why_nothing").is_null()).then(pl.col(name)).otherwise(_NOTHING).alias(name)
        for name in ("earned", "bonus_pay")
    )


def _with_gate(case: Case, payees: pl.DataFrame) -> pl.DataFrame:
    """Nothing is earned until the gate is reached; adds `reward` (18 decimals)."""
    gate = case.program.gate
    if gate is not None:
        at_least = money.literal(gate.at_least, 18)
        if gate.metric.startswith("activity."):
            reached = pl.col("activities").cast(pl.Decimal(38, 18)) >= at_least
        elif gate.metric in ("growth", "attainment"):
            against = "baseline" if gate.metric == "growth" else "target"
            threshold = money.multiply(
                pl.col(against), money.literal(gate.at_least), scales=(12, 6)
            )
            size = pl.col("revenue") - (
                pl.col("baseline") if gate.metric == "growth" else money.literal(0, 12)
            )
            has_base = (pl.col(against) > 0).fill_null(False)
            reached = has_base & (size.cast(pl.Decimal(38, 18)) >= threshold).fill_null(False)
            if gate.metric == "growth" and _missing_counts_as_top(case):
                reached = reached | ~has_base
        else:
            reached = pl.col(gate.metric).cast(pl.Decimal(38, 18)) >= at_least
        stopped = ~reached.fill_null(False)
        payees = payees.with_columns(
            why_nothing=pl.when(stopped).then(pl.lit("gate")).otherwise(pl.col("why_nothing")),
            earned=pl.when(stopped).then(_NOTHING).otherwise(pl.col("earned")),
            bonus_pay=pl.when(stopped).then(_NOTHING).otherwise(pl.col("bonus_pay")),
        )
    return payees.with_columns(reward=pl.col("earned") + pl.col("bonus_pay"))


def _missing_counts_as_top(case: Case) -> bool:
    """Whether a missing baseline counts as the top tier (`if_missing = "full"`)."""
    return case.program.baseline is not None and case.program.baseline.if_missing == "full"


def _contributions(
    counted: pl.LazyFrame, payees: pl.DataFrame, blocks: Sequence[Block]
) -> pl.LazyFrame:
    """One row per counted line and payee, and one per bonus; they add up to the rewards."""
    per_payee = payees.lazy().select(
        *KEYS, "block", "why_nothing", "baseline", "target", "revenue", "quantity", "metric",
        *(name for name in measures.COUNTS if name in payees.columns),
    )  # fmt: skip
    lines = counted.select(
        "row", *KEYS, *LINE_ORDER, "amount",
        pl.col("quantity").alias("line_quantity"),
        *(f"unit_pay:{i}" for i, block in enumerate(blocks) if block.reward.per_product is not None),
    )  # fmt: skip
    joined = lines.join(per_payee, on=list(KEYS), how="inner")
    runs = [block.running(pl.col("revenue"), pl.col("quantity")) is not None for block in blocks]
    if any(runs):
        joined = joined.sort(*KEYS, *LINE_ORDER, "row").with_columns(
            upto_amount=pl.col("amount").cum_sum().over(KEYS),
            upto_quantity=pl.col("line_quantity").cum_sum().over(KEYS),
        )
    paid = []
    for index, block in enumerate(blocks):
        with_line = block.running(pl.col("upto_amount"), pl.col("upto_quantity"))
        if with_line is None:
            part = block.per_line(pl.col("amount"), pl.col("amount"), pl.col("line_quantity"))
        else:
            before = block.running(
                pl.col("upto_amount") - pl.col("amount"),
                pl.col("upto_quantity") - pl.col("line_quantity"),
            )
            assert before is not None
            part = with_line - before
        paid.append(pl.when(pl.col("block") == index).then(part + _unit_pay(index, block)))
    earned = pl.when(pl.col("why_nothing").is_null()).then(pl.coalesce(*paid)).otherwise(_NOTHING)
    of_lines = joined.with_columns(contribution=earned, source=pl.lit("line"))
    bonuses = (
        payees.lazy()
        .filter(pl.col("bonus_pay") != 0)
        .select(*KEYS, contribution="bonus_pay", source=pl.lit("bonus"))
    )
    return pl.concat(
        [
            of_lines.select(pl.col(n).cast(d) for n, d in CONTRIBUTION.items()),
            _as_contributions(bonuses),
        ]
    )


def _as_contributions(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Contributions that no line made, with the columns of `CONTRIBUTION`."""
    has = frame.collect_schema().names()
    return frame.select(
        (pl.col(name) if name in has else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in CONTRIBUTION.items()
    )
