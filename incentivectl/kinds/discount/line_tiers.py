"""Tiers judged on each line or each sale, and what whole lines are then paid.

A negative value finds its tier by its size; a return that reverses a known line finds it by that
line, or by its sale without returns that reverse known lines (docs/rules.md, "Discounts").
"""

from collections.abc import Collection, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.kinds.discount.line_terms import has_terms, with_tiers_of_terms
from incentivectl.kinds.discount.model import DiscountReward
from incentivectl.programs.reward import Reward
from incentivectl.rules.case import LINE_ORDER
from incentivectl.rules.earning import measures
from incentivectl.rules.earning.taken import of_reward_taken
from incentivectl.rules.earning.tiers import Block
from incentivectl.sales.channel import ORIGINAL

_ZERO = money.literal(0)
_SALE = ("distributor_id", "partner_id", f"{ORIGINAL}sale_id", "block", "term")
_OWN = {"amount": "line_amount", "quantity": "line_quantity"}


def on_lines(lines: pl.LazyFrame, blocks: Sequence[Block], taken: Collection[int]) -> pl.LazyFrame:
    """Adds `paid` (18 decimals) and `bonus` (6) to whole lines judged one by one.

    Under marginal tiers a line is paid slice by slice, a return at the average rate of its line.
    """
    judged = lines.rename(_OWN).with_columns(
        revenue=f"{ORIGINAL}amount", quantity=f"{ORIGINAL}quantity"
    )
    return _paid(judged, blocks, taken, {index: _line_slices(blocks[index]) for index in taken})


def on_sales(lines: pl.LazyFrame, blocks: Sequence[Block], taken: Collection[int]) -> pl.LazyFrame:
    """Adds `paid` (18 decimals) and `bonus` (6) to whole lines judged by their sale.

    A sale's value is found on those of its lines that take the same reward and term. Its bonus goes to its
    first line; under marginal tiers its lines share what the sale is paid in proportion.
    """
    rewards = [blocks[index].reward for index in taken]
    first = pl.col("row").sort_by(*LINE_ORDER).first().alias("first_row")
    metrics = {reward.tiers_by for reward in rewards}
    sales = measures.of_lines(lines.filter(~pl.col("is_linked")), metrics, _SALE, [first])
    sums = ("revenue", "quantity", *(metrics & set(measures.COUNTS)))
    judged = (
        lines.rename(_OWN)
        .join(sales, on=list(_SALE), how="left", nulls_equal=True)
        .with_columns(pl.col(sums).fill_null(0))
    )
    if any(map(is_marginal, rewards)):  # running totals need the order of lines
        judged = judged.sort(*LINE_ORDER, "row")
    slices = {index: _sale_slices(blocks[index]) for index in taken}
    is_first = pl.col("row").eq_missing(pl.col("first_row"))
    return _paid(judged, blocks, taken, slices).with_columns(
        bonus=pl.when(is_first).then("bonus").otherwise(_ZERO)
    )


def _paid(
    judged: pl.LazyFrame,
    blocks: Sequence[Block],
    taken: Collection[int],
    slices: dict[int, pl.Expr],
) -> pl.LazyFrame:
    """Pay of lines with the `revenue`, `quantity`, … that their tier is found on."""
    paid = {place: _pay(place, blocks[place], slices[place]) for place in taken}
    bonus = {place: _bonus(blocks[place]) for place in taken}
    size = pl.col("revenue", "quantity").abs()
    signed = judged.with_columns(pl.col("revenue", "quantity").name.prefix("signed_"))
    sized = signed.with_columns(size)
    rewards = [block.reward for block in blocks if isinstance(block.reward, DiscountReward)]
    if has_terms(rewards, taken):
        sized = with_tiers_of_terms(sized, rewards, taken)
    return sized.with_columns(paid=of_reward_taken(paid), bonus=of_reward_taken(bonus))


def _pay(index: int, block: Block, slices: pl.Expr) -> pl.Expr:
    """What one whole line is paid at the tier of what it is judged on."""
    reward = block.reward
    amount, quantity = pl.col("line_amount"), pl.col("line_quantity")
    if isinstance(reward, DiscountReward) and reward.net_price is not None:
        return _down_to(money.literal(reward.net_price))
    listed = pl.col("list_amount") if reward.pays_on == "list" else amount
    flat = block.per_line(amount, listed, quantity)
    paid = slices if is_marginal(reward) else flat
    if reward.terms is not None:
        if reward.tier_mode == "marginal":
            paid = pl.when("is_tiered").then(slices).otherwise(flat)
        paid = paid.fill_null(money.NOTHING)
        if "net_price" in reward.terms.first_lines:
            has_price = pl.col("net_price").is_not_null()
            return pl.when(has_price).then(_down_to(pl.col("net_price"))).otherwise(paid)
    return paid + pl.col(f"unit_pay:{index}") if reward.per_product is not None else paid


def _down_to(net_price: pl.Expr) -> pl.Expr:
    """What a line pays down to a net price, 0 where its list price is below that (18 decimals)."""
    over = pl.max_horizontal(pl.col("list_price") - net_price, _ZERO)
    scales = (money.SCALE, money.SHARED_SCALE)
    return money.multiply(over, pl.col("line_quantity"), scales=scales).cast(money.EARNED)


def _bonus(block: Block) -> pl.Expr:
    """The bonus of the tier, where the metric that reached it is above 0: never on linked returns."""
    by = block.reward.tiers_by if block.reward.tiers else "revenue"
    basis = pl.col(f"signed_{by}" if by in ("revenue", "quantity") else by)
    if block.reward.terms is not None:
        by = block.reward.tiers_by
        of_tiers = pl.col(f"signed_{by}" if by in ("revenue", "quantity") else by)
        basis = pl.when("is_tiered").then(of_tiers).otherwise("signed_revenue")
        own = pl.col("tier_bonus").fill_null(_ZERO)
        return (
            pl.when(~pl.col("is_linked") & (basis > 0).fill_null(False)).then(own).otherwise(_ZERO)
        )
    return pl.when(~pl.col("is_linked") & (basis > 0)).then(block.bonus()).otherwise(_ZERO)


def is_marginal(reward: Reward) -> bool:
    """Whether tiers of a reward, or of its terms, pay slice by slice."""
    has_tiers = bool(reward.tiers) or reward.terms is not None
    return has_tiers and reward.tier_mode == "marginal"


def _size_and_basis(block: Block) -> tuple[pl.Expr, pl.Expr]:
    """What marginal slices are cut from, and the line's own part of it, which may be negative."""
    if block.reward.tiers_by == "quantity":
        return pl.col("quantity"), pl.col("line_quantity")
    return pl.col("revenue"), pl.col("line_amount")


def _slices(block: Block) -> pl.Expr:
    if not is_marginal(block.reward):
        return money.NOTHING
    if block.reward.terms is not None:
        return pl.col("term_slices").fill_null(money.NOTHING)
    return block.running(pl.col("revenue"), pl.col("quantity"))


def _average(block: Block) -> pl.Expr:
    """The average rate of what the line is judged on (12 decimals), 0 where that is 0."""
    size, _ = _size_and_basis(block)
    rate = money.divide(_slices(block), size, scales=(18, 6), digits=12)
    return rate.fill_null(money.literal(0, money.SHARED_SCALE))


def _at_average(block: Block) -> pl.Expr:
    _, basis = _size_and_basis(block)
    return money.multiply(basis, _average(block), scales=(6, 12))


def _line_slices(block: Block) -> pl.Expr:
    return pl.when("is_return").then(_at_average(block)).otherwise(_slices(block))


def _sale_slices(block: Block) -> pl.Expr:
    """A line's part of its sale's slices, in proportion, so that the parts add up to them.

    The average rate is rounded to 12 decimals; what that leaves over of the slices is spread over
    the lines in their order, by running totals. Returns that reverse a line, and sales that are
    negative as a whole, have the average rate.
    """
    size, basis = _size_and_basis(block)
    own = pl.when("is_linked").then(_ZERO).otherwise(basis)
    upto = own.cum_sum().over("first_row")  # which stands for its sale
    at_average = money.multiply(size, _average(block), scales=(6, 12))
    rest = _slices(block) - at_average

    def spread(part: pl.Expr) -> pl.Expr:
        exact = money.multiply(rest, part, scales=(18, 6))
        return money.divide(exact, size, scales=(24, 6), digits=18).fill_null(money.NOTHING)

    signed = "signed_quantity" if block.reward.tiers_by == "quantity" else "signed_revenue"
    averaged = pl.col("is_linked") | (pl.col(signed) <= 0)
    exact_part = _at_average(block) + spread(upto) - spread(upto - own)
    return pl.when(averaged).then(_at_average(block)).otherwise(exact_part)
