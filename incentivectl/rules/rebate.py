"""Rebates and SPIFs: tiers or a flat reward per payee and measurement period.

A SPIF is a rebate for reps in which a serial number earns once (docs/rules.md, "Rebates", "SPIFs").
"""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from incentivectl import money
from incentivectl.programs.reward import Reward
from incentivectl.rules import measures
from incentivectl.rules.case import LINE_ORDER, Case, Measured, as_contributions
from incentivectl.rules.eligibility import judged
from incentivectl.rules.gate import apply_gate, missing_counts_as_top
from incentivectl.rules.list_price import LIST_PRICE, pays_on_list, with_list_amount
from incentivectl.rules.payees import with_payees, with_reward_block
from incentivectl.rules.serials import refuse_repeated_serials
from incentivectl.rules.tiers import Block

_NOTHING = money.literal(0, 18)
_NO_AMOUNT = money.literal(0, money.SHARED_SCALE)
KEYS = measures.KEYS


def measure(case: Case) -> Measured:
    """What each payee earns in each measurement period, before boosts, caps and budget."""
    rewards: Sequence[Reward] = case.program.reward
    on_list = pays_on_list(rewards)
    lines = judged(case, case.periods, fields=[LIST_PRICE] if on_list else [])
    if case.program.kind == "spif":
        lines = refuse_repeated_serials(lines, case)
    blocks = blocks_of(case)
    metrics = {block.reward.tiers_by for block in blocks}
    once = lines.cache()
    found, by_reason = measures.totals_and_reasons(
        case, once, _counted(case, once), metrics, _sums(blocks)
    )
    payees = apply_gate(
        case,
        rewarded(with_reward_block(case, found), blocks),
        ("earned", "bonus_pay"),
    ).with_columns(reward=pl.col("earned") + pl.col("bonus_pay"))
    return Measured(
        payees=payees,
        contributions=contributions(_counted(case, lines), payees, blocks),
        judged=lines,
        by_reason=by_reason,
    )


def _counted(case: Case, judged: pl.LazyFrame) -> pl.LazyFrame:
    """The judged lines that count, by payee, with all that rewards pay on."""
    counted = judged.filter(pl.col("reason").is_null())
    if pays_on_list(case.program.reward):
        counted = with_list_amount(case, counted)
    return with_unit_pay(shared_out(case, counted), case.program.reward)


def _any_runs(blocks: Sequence[Block]) -> bool:
    """Whether a line's part depends on those before it."""
    return any(b.running(pl.col("revenue"), pl.col("quantity")) is not None for b in blocks)


def blocks_of(case: Case) -> list[Block]:
    """The program's rewards, each knowing what a missing baseline means."""
    if_missing = "full" if missing_counts_as_top(case) else "exclude"
    return [Block(reward, if_missing) for reward in case.program.reward]


def shared_out(case: Case, counted: pl.LazyFrame) -> pl.LazyFrame:
    """Counted lines by payee, with the payee's part of `list_amount`: 0 without a list price."""
    if not pays_on_list(case.program.reward):
        return with_payees(case, counted)
    counted = counted.with_columns(pl.col("list_amount").fill_null(money.literal(0)))
    return with_payees(case, counted, ("amount", "quantity", "list_amount"))


def with_unit_pay(counted: pl.LazyFrame, rewards: Sequence[Reward]) -> pl.LazyFrame:
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


def _list_amount(blocks: Sequence[Block]) -> pl.Expr:
    return pl.col("list_amount") if pays_on_list([b.reward for b in blocks]) else pl.lit(None)


def totals(
    case: Case, counted: pl.LazyFrame, blocks: Sequence[Block], keys: Sequence[str] = KEYS
) -> pl.DataFrame:
    """Measures of every payee with a counted line, with its `unit_pay:<block>` and `list_amount`."""
    metrics = {block.reward.tiers_by for block in blocks}
    return measures.totals(case, counted, metrics, _sums(blocks), keys)


def _sums(blocks: Sequence[Block]) -> list[pl.Expr]:
    """What rewards need of a payee beside its measures."""
    sums = [
        pl.col(f"unit_pay:{index}").sum()
        for index, block in enumerate(blocks)
        if block.reward.per_product is not None
    ]
    if pays_on_list([block.reward for block in blocks]):
        sums.append(pl.col("list_amount").sum())
    return sums


def rewarded(totals: pl.DataFrame, blocks: Sequence[Block]) -> pl.DataFrame:
    """Adds `metric`, `metric_value`, `tier`, `rate`, `why_nothing`, `earned` and `bonus_pay`.

    The last two (18 decimals) are 0 where `why_nothing` says why nothing is earned.
    """
    revenue, quantity = pl.col("revenue"), pl.col("quantity")
    listed = _list_amount(blocks)
    earned = []
    for index, block in enumerate(blocks):
        running = block.running(revenue, quantity)
        per_line = block.per_line(revenue, listed, quantity) if running is None else running
        earned.append(per_line + _unit_pay(index, block))
    nothing_if = [block.why_nothing() for block in blocks]
    why = _chosen(nothing_if)
    no_block = pl.when(pl.col("block").is_null()).then(pl.lit("no-reward"))
    return totals.with_columns(
        metric=pl.coalesce(
            _chosen([pl.lit(block.reward.tiers_by) for block in blocks]), pl.lit("revenue")
        ),
        metric_value=pl.when(pl.col("block").is_null())
        .then(revenue.cast(money.SHARED))
        .otherwise(_chosen([block.metric_value() for block in blocks])),
        tier=_chosen([block.tier() for block in blocks]),
        rate=_chosen([block.rate() for block in blocks]),
        bonus_pay=_chosen([block.bonus().cast(pl.Decimal(38, 18)) for block in blocks]),
        earned=_chosen(earned),
        why_nothing=pl.coalesce(no_block, why),
    ).with_columns(
        pl.when(pl.col("why_nothing").is_null()).then(pl.col(name)).otherwise(_NOTHING).alias(name)
        for name in ("earned", "bonus_pay")
    )


def _chosen(values: Sequence[pl.Expr]) -> pl.Expr:
    """The value of the reward that is taken; null where none is."""
    return pl.coalesce(
        pl.when(pl.col("block") == index).then(value) for index, value in enumerate(values)
    )


def _amounts(blocks: Sequence[Block]) -> list[pl.Expr]:
    """What is paid for of a counted line: amounts, quantity and unit pay."""
    return [
        pl.col("amount"),
        pl.col("quantity").alias("line_quantity"),
        _list_amount(blocks).alias("list_amount"),
        *(
            pl.col(f"unit_pay:{index}")
            for index, block in enumerate(blocks)
            if block.reward.per_product is not None
        ),
    ]


def contributions(
    counted: pl.LazyFrame,
    payees: pl.DataFrame,
    blocks: Sequence[Block],
    keys: Sequence[str] = KEYS,
) -> pl.LazyFrame:
    """One row per counted line and payee, and one per bonus; they add up to the rewards."""
    lines = counted.select("row", *keys, *LINE_ORDER, *_amounts(blocks))
    paid = _paid_lines(lines, payees, blocks, keys)
    return pl.concat([as_contributions(paid), as_contributions(_bonuses(payees))])


def _bonuses(payees: pl.DataFrame) -> pl.LazyFrame:
    return (
        payees.lazy()
        .filter(pl.col("bonus_pay") != 0)
        .select(*KEYS, contribution="bonus_pay", source=pl.lit("bonus"))
    )


def _paid_lines(
    lines: pl.LazyFrame,
    payees: pl.DataFrame,
    blocks: Sequence[Block],
    keys: Sequence[str],
) -> pl.LazyFrame:
    """`lines` (with their `keys` and `_amounts`) with their `source` and `contribution` (18 decimals).

    Where a line's part depends on those before it, these are the lines before it in their order.
    """
    # Which tier a payee reached is found once, not on each of its lines.
    per_payee = payees.select(
        *dict.fromkeys((*keys, "block", "why_nothing", "baseline")),
        found_rate=_chosen([block.rate() for block in blocks]),
        found_per_unit=_chosen([block.per_unit() for block in blocks]),
    ).lazy()
    blocks = [replace(block, found=True) for block in blocks]
    joined = lines.join(per_payee, on=list(keys), how="inner")
    if _any_runs(blocks):
        by_quantity = any(block.uses_quantity for block in blocks)
        upto_quantity = pl.col("line_quantity").cum_sum().over(keys) if by_quantity else _NO_AMOUNT
        joined = joined.sort(*keys, *LINE_ORDER, "row").with_columns(
            upto_amount=pl.col("amount").cum_sum().over(keys), upto_quantity=upto_quantity
        )
    pay = []
    for index, block in enumerate(blocks):
        with_line = block.running(pl.col("upto_amount"), pl.col("upto_quantity"))
        if with_line is None:
            part = block.per_line(pl.col("amount"), pl.col("list_amount"), pl.col("line_quantity"))
        else:
            without = block.running(
                pl.col("upto_amount") - pl.col("amount"),
                pl.col("upto_quantity") - pl.col("line_quantity"),
            )
            assert without is not None
            part = with_line - without
        pay.append(pl.when(pl.col("block") == index).then(part + _unit_pay(index, block)))
    earned = pl.when(pl.col("why_nothing").is_null()).then(pl.coalesce(*pay)).otherwise(_NOTHING)
    return joined.with_columns(contribution=earned, source=pl.lit("line"))
