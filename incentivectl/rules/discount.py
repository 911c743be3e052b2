"""Wholesale discounts: a rebate whose conditions and tiers look at lines.

`when` is judged on each line, tiers on each line, each sale, or the measurement period. A linked
return takes back what its line was given: its `[[reward]]` and its tier
(docs/rules.md, "Discounts").
"""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import and_

import polars as pl

from incentivectl import money
from incentivectl.programs.discount import DiscountReward
from incentivectl.rules import measures, rebate
from incentivectl.rules.case import LINE_ORDER, Case, Measured, as_contributions
from incentivectl.rules.eligibility import (
    judged,
    line_meets,
    needed_fields,
    originals_of,
    with_reason,
)
from incentivectl.rules.gate import apply_gate
from incentivectl.rules.line_tiers import on_lines, on_sales
from incentivectl.rules.list_price import LIST_PRICE, pays_on_list, with_list_amount
from incentivectl.rules.payees import with_payees, with_terms
from incentivectl.rules.tiers import Block

_NOTHING = money.literal(0, 18)
_NO_BLOCK = pl.lit(None, dtype=pl.Int32)
_LINE = ("row", *LINE_ORDER, "rep_id", "period")


def measure(case: Case) -> Measured:
    """What each payee earns in each measurement period, before boosts, caps and budget."""
    rewards = [r for r in case.program.reward if isinstance(r, DiscountReward)]
    lines = _with_blocks(case, rewards)
    found = _found(case, lines, rewards)
    # Tiers on sales or the period look at all lines beforehand; those on lines need one pass.
    at_once = all(_scope(reward) == "line" for reward in rewards)
    once = lines.cache() if at_once else lines
    summed = (
        (_found(case, once, rewards) if at_once else found)
        .group_by(measures.KEYS)
        .agg(earned=pl.col("contribution").sum())
    )
    counted = with_payees(case, once.filter(pl.col("reason").is_null()))
    totals, by_reason, earned = measures.totals_and_reasons(case, once, counted, (), (), summed)
    payees = apply_gate(
        case,
        with_terms(case, totals)
        .join(earned, on=measures.KEYS, how="left")
        .with_columns(why_nothing=pl.lit(None, dtype=pl.String)),
        ("earned",),
    )
    return Measured(
        # Rewards are what contributions add up to; what is left to check is what became of them.
        summed=_behind_the_gate(earned.lazy().rename({"earned": "contribution"}), payees).collect,
        payees=payees.with_columns(
            reward="earned",
            metric=pl.lit("revenue"),
            metric_value="revenue",
            tier=pl.lit(None, dtype=pl.Int32),
            rate=pl.lit(None, dtype=money.AMOUNT),
        ),
        contributions=_behind_the_gate(found, payees),
        judged=lines,
        by_reason=by_reason,
    )


def _on_list(reward: DiscountReward) -> bool:
    return reward.net_price is not None or pays_on_list([reward])


def _fields(case: Case, rewards: Sequence[DiscountReward]) -> set[str]:
    whens = [condition for reward in rewards for condition in reward.when]
    return needed_fields(case, whens, case.currency) | (
        {LIST_PRICE} if any(map(_on_list, rewards)) else set()
    )


def _with_blocks(case: Case, rewards: Sequence[DiscountReward]) -> pl.LazyFrame:
    """The judged lines with `block` (Int32, null where no reward holds) and what returns take over.

    Adds `is_linked`, `of_amount`, `of_quantity` (and for rewards on sales `of_sale_id`): those of the
    line that a linked return takes back; where the reward needs them, `list_price` and
    `list_amount`, without which a line has the reason `no-list-price`.
    """
    fields = _fields(case, rewards)
    whens = [condition for reward in rewards for condition in reward.when]
    block = _block(case, rewards)
    originals = with_reason(
        case, originals_of(case, whens, {*_taken_over(rewards)} - {"block"}), fields=fields
    )
    originals = _with_list_amount(case, originals.with_columns(block=block), rewards)
    taken_over = originals.select(
        pl.col("row").alias("original"),
        *(pl.col(name).alias(f"of_{name}") for name in _taken_over(rewards)),
        of_lacks_price="lacks_price",
        takes_back=pl.lit(True),
    )
    lines = (
        judged(case, case.periods, fields=fields)
        .join(taken_over, on="original", how="left")
        .with_columns(is_linked=pl.col("takes_back").fill_null(False))
        .with_columns(block=pl.when("is_linked").then("of_block").otherwise(block))
    )
    lacks_price = pl.col("lacks_price") | pl.col("of_lacks_price").fill_null(False)
    return _with_list_amount(case, lines, rewards).with_columns(
        reason=pl.coalesce("reason", pl.when(lacks_price).then(pl.lit("no-list-price")))
    )


def _with_list_amount(
    case: Case, lines: pl.LazyFrame, rewards: Sequence[DiscountReward]
) -> pl.LazyFrame:
    """Adds `lacks_price` (Boolean): the reward of a line's `block` pays on a list price that it lacks.

    Where some reward does, also `list_price` and `list_amount`.
    """
    on_list = [index for index, reward in enumerate(rewards) if _on_list(reward)]
    if not on_list:
        return lines.with_columns(lacks_price=pl.lit(False))
    lacks_price = pl.col("list_amount").is_null() & pl.col("block").is_in(on_list).fill_null(False)
    return with_list_amount(case, lines).with_columns(lacks_price=lacks_price)


def _block(case: Case, rewards: Sequence[DiscountReward]) -> pl.Expr:
    """The first reward whose `when` holds for the line itself."""
    taken = [
        pl.when(
            reduce(and_, (line_meets(case, c, case.currency) for c in reward.when), pl.lit(True))
        ).then(pl.lit(index, dtype=pl.Int32))
        for index, reward in enumerate(rewards)
    ]
    return pl.coalesce(*taken, _NO_BLOCK)


def _taken_over(rewards: Sequence[DiscountReward]) -> list[str]:
    """What a linked return takes from the line that it takes back."""
    by_sale = any(_scope(reward) == "sale" for reward in rewards)
    return ["amount", "quantity", "block", *(["sale_id"] if by_sale else [])]


def _scope(reward: DiscountReward) -> str:
    return "line" if reward.net_price is not None else reward.tier_scope


def _found(case: Case, judged: pl.LazyFrame, rewards: Sequence[DiscountReward]) -> pl.LazyFrame:
    """What every line that counts contributes, by the scope of the reward that it takes."""
    counted = judged.filter(pl.col("reason").is_null())
    by_scope: dict[str, list[int]] = {"line": [], "sale": [], "period": []}
    for index, reward in enumerate(rewards):
        by_scope[_scope(reward)].append(index)
    blocks = rebate.blocks_of(case)
    none = counted.filter(pl.col("block").is_null())
    parts = [_shared(case, none.with_columns(paid=_NOTHING), "paid", "line")]
    for scope, pay in (("line", on_lines), ("sale", on_sales)):
        if by_scope[scope]:
            taking = _taking(counted, by_scope[scope])
            paid = pay(rebate.with_unit_pay(taking, rewards), blocks, by_scope[scope])
            bonuses = paid.filter(pl.col("bonus") != 0)
            parts += [_shared(case, paid, "paid", "line"), _shared(case, bonuses, "bonus", "bonus")]
    if by_scope["period"]:
        parts.append(_on_periods(case, _taking(counted, by_scope["period"]), blocks))
    return pl.concat(parts)


def _taking(counted: pl.LazyFrame, indexes: Collection[int]) -> pl.LazyFrame:
    return counted.filter(pl.col("block").is_in(list(indexes)))


def _shared(case: Case, lines: pl.LazyFrame, pay: str, source: str) -> pl.LazyFrame:
    """The column `pay` of whole lines as contributions of the payees that they go to.

    A share of an average rate may have more than 18 decimals, and is rounded half up to these.
    """
    by_payee = with_payees(case, lines.select(*_LINE, pay), ())
    contribution = pl.col(pay)
    if case.program.payee == "rep":
        exact = money.multiply(contribution, pl.col("share"), scales=(18, 6))
        contribution = money.round_half_up(exact, 18)
    return as_contributions(by_payee.with_columns(contribution=contribution, source=pl.lit(source)))


def _on_periods(case: Case, counted: pl.LazyFrame, blocks: Sequence[Block]) -> pl.LazyFrame:
    """Tiers over the measurement period: a rebate on the lines that take one reward."""
    keys = (*measures.KEYS, "block")
    rewards = [block.reward for block in blocks]
    shared = rebate.with_unit_pay(rebate.shared_out(case, counted), rewards)
    earned = rebate.rewarded(rebate.totals(case, shared, blocks, keys), blocks)
    return rebate.contributions(shared, earned, blocks, keys)


def _behind_the_gate(found: pl.LazyFrame, payees: pl.DataFrame) -> pl.LazyFrame:
    """Contributions are nothing where their payee's reward is."""
    why = payees.lazy().select(*measures.KEYS, "why_nothing")
    earning = pl.col("why_nothing").is_null()
    return (
        found.join(why, on=measures.KEYS, how="left")
        .with_columns(
            pl.when(earning).then("contribution").otherwise(_NOTHING).alias("contribution")
        )
        .drop("why_nothing")
    )
