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

_NOTHING = money.literal(0, 18)
_NO_BLOCK = pl.lit(None, dtype=pl.Int32)
_EARNED = pl.col("contribution").sum().alias("earned")
_BY_BLOCK = (*measures.KEYS, "block")
_LINE = ("row", *LINE_ORDER, "rep_id", "period")


def measure(case: Case) -> Measured:
    """What each payee earns in each measurement period, before boosts, caps and budget.

    What lines and sales pay is the sum of their contributions, which `discount_lines` works out again;
    what measurement periods pay is a rebate on their totals.
    """
    rewards = rewards_of(case)
    lines = _with_blocks(case, rewards)
    scopes = {scope_of(reward) for reward in rewards}
    # Tiers on sales or the period look at all lines beforehand; those on lines need one pass.
    once = lines.cache() if scopes == {"line"} else lines
    of_singles = _of_singles(case, once, rewards).group_by(measures.KEYS).agg(_EARNED)
    counted = with_payees(case, once.filter(pl.col("reason").is_null()))
    totals, by_reason, earned = measures.totals_and_reasons(case, once, counted, (), (), of_singles)
    parts = [_of_singles(case, lines, rewards)]
    if "period" in scopes:
        shared, of_periods = _of_periods(case, lines, rewards)
        parts.append(rebate.contributions(shared, of_periods, rebate.blocks_of(case), _BY_BLOCK))
        paid = of_periods.select(*measures.KEYS, earned=pl.col("earned") + pl.col("bonus_pay"))
        earned = pl.concat([earned, paid]).group_by(measures.KEYS).agg(pl.col("earned").sum())
    payees = apply_gate(
        case,
        with_terms(case, totals)
        .join(earned, on=measures.KEYS, how="left")
        .with_columns(why_nothing=pl.lit(None, dtype=pl.String)),
        ("earned",),
    )
    return Measured(
        payees=payees.with_columns(
            reward="earned",
            metric=pl.lit("revenue"),
            metric_value="revenue",
            tier=pl.lit(None, dtype=pl.Int32),
            rate=pl.lit(None, dtype=money.AMOUNT),
        ),
        contributions=_behind_the_gate(pl.concat(parts), payees),
        judged=lines,
        by_reason=by_reason,
    )


def rewards_of(case: Case) -> list[DiscountReward]:
    """The rewards of a discount; a line's `block` is its place among them."""
    return [reward for reward in case.program.reward if isinstance(reward, DiscountReward)]


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
    by_sale = any(scope_of(reward) == "sale" for reward in rewards)
    return ["amount", "quantity", "block", *(["sale_id"] if by_sale else [])]


def scope_of(reward: DiscountReward) -> str:
    """What the tier is found on: `line`, `sale` or `period`."""
    return "line" if reward.net_price is not None else reward.tier_scope


def _of_singles(
    case: Case, judged: pl.LazyFrame, rewards: Sequence[DiscountReward]
) -> pl.LazyFrame:
    """What lines that count contribute by themselves or in their sale; without a reward, 0."""
    counted = judged.filter(pl.col("reason").is_null())
    blocks = rebate.blocks_of(case)
    none = counted.filter(pl.col("block").is_null())
    parts = [_shared(case, none.with_columns(paid=_NOTHING), "paid", "line")]
    for scope, pay in (("line", on_lines), ("sale", on_sales)):
        taken = _of_scope(rewards, scope)
        if taken:
            paid = pay(rebate.with_unit_pay(_taking(counted, taken), rewards), blocks, taken)
            bonuses = paid.filter(pl.col("bonus") != 0)
            parts += [_shared(case, paid, "paid", "line"), _shared(case, bonuses, "bonus", "bonus")]
    return pl.concat(parts)


def _of_scope(rewards: Sequence[DiscountReward], scope: str) -> list[int]:
    return [index for index, reward in enumerate(rewards) if scope_of(reward) == scope]


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


def _of_periods(
    case: Case, judged: pl.LazyFrame, rewards: Sequence[DiscountReward]
) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """Tiers over the measurement period: the lines by payee, and a rebate on those that take one reward."""
    counted = judged.filter(pl.col("reason").is_null())
    taking = _taking(counted, _of_scope(rewards, "period"))
    shared = rebate.with_unit_pay(rebate.shared_out(case, taking), rewards)
    blocks = rebate.blocks_of(case)
    return shared, rebate.rewarded(rebate.totals(case, shared, blocks, _BY_BLOCK), blocks)


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
