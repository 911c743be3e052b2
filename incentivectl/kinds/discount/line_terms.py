"""What a term pays on a line or a sale: found in the table of a program's terms, as reached by its value.

Terms are data, so that a rate card of many thousand rows is one look-up (docs/rules.md, "Terms").
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.kinds.discount.model import DiscountReward
from incentivectl.programs.terms import NET_PRICE
from incentivectl.rules.lines.terms import Blocks

# What a line has once its term's tier is found: what `rules.earning.line_pay` reads, and its own.
_PAYS: Schema = {
    "rate": money.AMOUNT,
    "per_unit": money.AMOUNT,
    "tier_bonus": money.AMOUNT,
    "net_price": money.AMOUNT,
}
_TIERS: Schema = {
    "term": pl.Int32,
    "tier_from": money.AMOUNT,
    "is_tiered": pl.Boolean,
    "below": money.EARNED,
    **_PAYS,
}
_VALUE = "_value"
_NOTHING = Decimal(0)


def has_terms(rewards: Sequence[DiscountReward], taken: Collection[int]) -> bool:
    """Whether one of the rewards that are taken has terms."""
    return any(rewards[index].terms is not None for index in taken)


def with_net_price(rewards: Sequence[DiscountReward]) -> list[int]:
    """The blocks of the terms that pay down to a net price."""
    return [block for block, _, term in Blocks(rewards).terms() if term.net_price is not None]


def with_tiers_of_terms(
    lines: pl.LazyFrame, rewards: Sequence[DiscountReward], taken: Collection[int]
) -> pl.LazyFrame:
    """Adds what the line's `term` pays at the tier that its size reaches, and `term_slices`.

    `lines` have `term` (Int32) and what tiers are judged on (`revenue`, `quantity`, …, sizes). Adds
    `rate`, `per_unit`, `tier_bonus`, `net_price` (6 decimals), `is_tiered`, and `term_slices` (18): what
    marginal tiers pay of the whole size. All are null where no tier is reached, or there is no term.
    """
    sized = lines.with_columns(_size(rewards, taken).alias(_VALUE))
    tiers = _tiers(rewards).lazy().sort("tier_from")
    # Lines of one size stay in their order, which shares of a sale go by.
    found = sized.sort(_VALUE, maintain_order=True).join_asof(
        tiers, left_on=_VALUE, right_on="tier_from", by="term", check_sortedness=False
    )
    return found.with_columns(term_slices=_slices(rewards, taken)).drop(
        _VALUE, "tier_from", "below"
    )


def _size(rewards: Sequence[DiscountReward], taken: Collection[int]) -> pl.Expr:
    """The size that picks the tier of a line's term, by its reward's metric (6 decimals)."""
    sizes = (
        pl.when(pl.col("block") == index).then(
            pl.col(rewards[index].tiers_by).cast(money.AMOUNT).abs()
        )
        for index in taken
    )
    return pl.coalesce(*sizes, money.literal(0)).fill_null(money.literal(0))


def _slices(rewards: Sequence[DiscountReward], taken: Collection[int]) -> pl.Expr:
    """Marginal pay of the whole size: that of the tiers below, and the rest at the tier's own rate."""
    rest = pl.col(_VALUE) - pl.col("tier_from")
    by_unit = [index for index in taken if rewards[index].tiers_by == "quantity"]
    amount = pl.when(pl.col("block").is_in(by_unit)).then("per_unit").otherwise("rate")
    own = money.multiply(rest.cast(money.SHARED), amount.fill_null(0), scales=(12, 6))
    return pl.col("below") + own


def _tiers(rewards: Sequence[DiscountReward]) -> pl.DataFrame:
    """A row for each tier of each term, by `term`; a term without tiers has one from 0."""
    rows = []
    for block, index, term in Blocks(rewards).terms():
        by_unit = rewards[index].tiers_by == "quantity"
        below, start, amount = _NOTHING, _NOTHING, _NOTHING
        for tier in term.tiers:
            begins = tier.from_ or _NOTHING
            below += money.product(begins - start, amount)
            start = begins
            amount = tier.pays.get("per_unit" if by_unit else "rate", _NOTHING)
            pays = tier.pays
            rows.append(
                (
                    block,
                    begins,
                    tier.from_ is not None,
                    below,
                    pays.get("rate"),
                    pays.get("per_unit"),
                    pays.get("bonus", _NOTHING),
                    pays.get(NET_PRICE),
                )
            )
    return pl.DataFrame(rows, schema=_TIERS, orient="row")
