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
from incentivectl.rules.earning.line_pay import flat
from incentivectl.rules.earning.line_pay import slices as slices_of
from incentivectl.rules.earning.taken import of_reward_taken
from incentivectl.sales.returns import ORIGINAL

_ZERO = money.literal(0)
_NO_PAY = pl.lit(None, dtype=money.AMOUNT)
# What a tier pays, and the columns that a line has it in once its tier is known.
_PAYS = {"rate": "rate", "per_unit": "per_unit", "bonus": "tier_bonus"}
_SALE = ("distributor_id", "partner_id", f"{ORIGINAL}sale_id", "block", "term")
_OWN = {"amount": "line_amount", "quantity": "line_quantity"}


def on_lines(
    lines: pl.LazyFrame, rewards: Sequence[DiscountReward], taken: Collection[int]
) -> pl.LazyFrame:
    """Adds `paid` (18 decimals) and `bonus` (6) to whole lines judged one by one.

    Under marginal tiers a line is paid slice by slice, a return at the average rate of its line.
    """
    judged = lines.rename(_OWN).with_columns(
        revenue=f"{ORIGINAL}amount", quantity=f"{ORIGINAL}quantity"
    )
    return _paid(judged, rewards, taken, {place: _line_slices(rewards[place]) for place in taken})


def on_sales(
    lines: pl.LazyFrame, rewards: Sequence[DiscountReward], taken: Collection[int]
) -> pl.LazyFrame:
    """Adds `paid` (18 decimals) and `bonus` (6) to whole lines judged by their sale.

    A sale's value is found on those of its lines that take the same reward and term. Its bonus goes to its
    first line; under marginal tiers its lines share what the sale is paid in proportion.
    """
    judged_by_sale = [rewards[place] for place in taken]
    first = pl.col("row").sort_by(*LINE_ORDER).first().alias("first_row")
    metrics = {reward.tiers_by for reward in judged_by_sale}
    sales = measures.of_lines(lines.filter(~pl.col("is_linked")), metrics, _SALE, [first])
    sums = ("revenue", "quantity", *(metrics & set(measures.COUNTS)))
    judged = (
        lines.rename(_OWN)
        .join(sales, on=list(_SALE), how="left", nulls_equal=True)
        .with_columns(pl.col(sums).fill_null(0))
    )
    if any(map(is_marginal, judged_by_sale)):  # running totals need the order of lines
        judged = judged.sort(*LINE_ORDER, "row")
    slices = {place: _sale_slices(rewards[place]) for place in taken}
    is_first = pl.col("row").eq_missing(pl.col("first_row"))
    return _paid(judged, rewards, taken, slices).with_columns(
        bonus=pl.when(is_first).then("bonus").otherwise(_ZERO)
    )


def _paid(
    judged: pl.LazyFrame,
    rewards: Sequence[DiscountReward],
    taken: Collection[int],
    slices: dict[int, pl.Expr],
) -> pl.LazyFrame:
    """Pay of lines with the `revenue`, `quantity`, … that their tier is found on."""
    paid = {place: _pay(place, rewards[place], slices[place]) for place in taken}
    bonus = {place: _bonus(rewards[place]) for place in taken}
    size = pl.col("revenue", "quantity").abs()
    signed = judged.with_columns(pl.col("revenue", "quantity").name.prefix("signed_"))
    sized = signed.with_columns(size)
    of_terms = has_terms(rewards, taken)
    if of_terms:
        sized = with_tiers_of_terms(sized, rewards, taken)
    priced = sized.with_columns(
        _at_tier(rewards, taken, key, pl.col(name) if of_terms else _NO_PAY).alias(name)
        for key, name in _PAYS.items()
    )
    return priced.with_columns(paid=of_reward_taken(paid), bonus=of_reward_taken(bonus))


def _at_tier(
    rewards: Sequence[DiscountReward], taken: Collection[int], key: str, of_term: pl.Expr
) -> pl.Expr:
    """What the reward that a line takes pays of `key` at the tier that its size reaches, or its term.

    6 decimals; null for nothing, and below the first tier.
    """
    own = {
        place: _of_reward(rewards[place], key) for place in taken if rewards[place].terms is None
    }
    return of_reward_taken(own, of_term)


def _of_reward(reward: DiscountReward, key: str) -> pl.Expr:
    if not reward.tiers:
        return pl.lit(getattr(reward, key), dtype=money.AMOUNT)
    pays = _NO_PAY
    for tier in reward.tiers:  # each takes the place of those below it
        is_reached = pl.col(reward.tiers_by) >= money.literal(tier.from_, money.SHARED_SCALE)
        own = pl.lit(getattr(tier, key), dtype=money.AMOUNT)
        pays = pl.when(is_reached).then(own).otherwise(pays)
    return pays


def _pay(place: int, reward: DiscountReward, slices: pl.Expr) -> pl.Expr:
    """What one whole line is paid at the tier of what it is judged on."""
    if reward.net_price is not None:
        return _down_to(money.literal(reward.net_price))
    basis = pl.col("list_amount" if reward.pays_on == "list" else "line_amount")
    retroactive = flat(reward, basis, pl.col("line_quantity"))
    paid = slices if is_marginal(reward) else retroactive
    if reward.terms is not None:
        if reward.tier_mode == "marginal":
            paid = pl.when("is_tiered").then(slices).otherwise(retroactive)
        paid = paid.fill_null(money.NOTHING)
        if "net_price" in reward.terms.first_lines:
            has_price = pl.col("net_price").is_not_null()
            return pl.when(has_price).then(_down_to(pl.col("net_price"))).otherwise(paid)
    return paid + pl.col(f"unit_pay:{place}") if reward.per_product is not None else paid


def _down_to(net_price: pl.Expr) -> pl.Expr:
    """What a line pays down to a net price, 0 where its list price is below that (18 decimals)."""
    over = pl.max_horizontal(pl.col("list_price") - net_price, _ZERO)
    scales = (money.SCALE, money.SHARED_SCALE)
    return money.multiply(over, pl.col("line_quantity"), scales=scales).cast(money.EARNED)


def _bonus(reward: DiscountReward) -> pl.Expr:
    """The bonus of the tier, where the metric that reached it is above 0: never on linked returns."""
    by = reward.tiers_by
    of_tiers = pl.col(f"signed_{by}" if by in ("revenue", "quantity") else by)
    basis = of_tiers if reward.tiers else pl.col("signed_revenue")
    if reward.terms is not None:
        basis = pl.when("is_tiered").then(of_tiers).otherwise("signed_revenue")
    is_paid = ~pl.col("is_linked") & (basis > 0).fill_null(False)
    return pl.when(is_paid).then(pl.col("tier_bonus").fill_null(_ZERO)).otherwise(_ZERO)


def is_marginal(reward: Reward) -> bool:
    """Whether tiers of a reward, or of its terms, pay slice by slice."""
    has_tiers = bool(reward.tiers) or reward.terms is not None
    return has_tiers and reward.tier_mode == "marginal"


def _size_and_basis(reward: DiscountReward) -> tuple[pl.Expr, pl.Expr]:
    """What marginal slices are cut from, and the line's own part of it, which may be negative."""
    if reward.tiers_by == "quantity":
        return pl.col("quantity"), pl.col("line_quantity")
    return pl.col("revenue"), pl.col("line_amount")


def _slices(reward: DiscountReward) -> pl.Expr:
    if not is_marginal(reward):
        return money.NOTHING
    if reward.terms is not None:
        return pl.col("term_slices").fill_null(money.NOTHING)
    return slices_of(reward, pl.col("revenue"), pl.col("quantity"))


def _average(reward: DiscountReward) -> pl.Expr:
    """The average rate of what the line is judged on (12 decimals), 0 where that is 0."""
    size, _ = _size_and_basis(reward)
    rate = money.divide(_slices(reward), size, scales=(18, 6), digits=12)
    return rate.fill_null(money.literal(0, money.SHARED_SCALE))


def _at_average(reward: DiscountReward) -> pl.Expr:
    _, basis = _size_and_basis(reward)
    return money.multiply(basis, _average(reward), scales=(6, 12))


def _line_slices(reward: DiscountReward) -> pl.Expr:
    return pl.when("is_return").then(_at_average(reward)).otherwise(_slices(reward))


def _sale_slices(reward: DiscountReward) -> pl.Expr:
    """A line's part of its sale's slices, in proportion, so that the parts add up to them.

    The average rate is rounded to 12 decimals; what that leaves over of the slices is spread over
    the lines in their order, by running totals. Returns that reverse a line, and sales that are
    negative as a whole, have the average rate.
    """
    size, basis = _size_and_basis(reward)
    own = pl.when("is_linked").then(_ZERO).otherwise(basis)
    upto = own.cum_sum().over("first_row")  # which stands for its sale
    at_average = money.multiply(size, _average(reward), scales=(6, 12))
    rest = _slices(reward) - at_average

    def spread(part: pl.Expr) -> pl.Expr:
        exact = money.multiply(rest, part, scales=(18, 6))
        return money.divide(exact, size, scales=(24, 6), digits=18).fill_null(money.NOTHING)

    signed = "signed_quantity" if reward.tiers_by == "quantity" else "signed_revenue"
    averaged = pl.col("is_linked") | (pl.col(signed) <= 0)
    exact_part = _at_average(reward) + spread(upto) - spread(upto - own)
    return pl.when(averaged).then(_at_average(reward)).otherwise(exact_part)
