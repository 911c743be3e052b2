"""What single lines of a discount are paid, worked out again one by one in plain decimals.

A check of `line_tiers`, which pays all lines at once (docs/rules.md, "Discounts", "What always holds").
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW
from incentivectl.kinds.discount.model import DiscountReward
from incentivectl.kinds.discount.rules import rewards_of, scope_of
from incentivectl.kinds.kind import Recomputed
from incentivectl.programs.reward import Tier
from incentivectl.rules.case import LINE_ORDER, Case, Measured
from incentivectl.rules.lines.payees import with_payees
from incentivectl.rules.lines.terms import Blocks
from incentivectl.sales.returns import ORIGINAL

# So many lines of a program are worked out again in a run; of more, evenly spread ones with the rest
# of their sales.
MOST_LINES = 400
MOST_IN_ALL = 4_000  # in all programs together
Row = Mapping[str, Any]
_SALE = ("distributor_id", "partner_id", f"{ORIGINAL}sale_id")
_ZERO = Decimal(0)
_SAME = Decimal("1e-12")  # quotients, and what payees share of them, are rounded


def differing_lines(measured: Measured, counted: int, programs: int) -> Recomputed:
    """The lines that are paid something else than what they come to once more.

    `counted` is how many lines count, `programs` how many discounts share `MOST_IN_ALL`. Lines of rewards on
    measurement periods, which are rebates, and those without a reward are not worth anything by themselves.
    """
    case = measured.one.case
    rewards, most = rewards_of(case), min(MOST_LINES, max(MOST_IN_ALL // programs, 1))
    lines = _sampled(measured, rewards, counted, most)
    paid, earning = (
        dict(by_row.iter_rows())
        for by_row in pl.collect_all(
            [_paid_by_row(measured, lines), _earning_shares(case, measured, lines)]
        )
    )
    together: dict[tuple[object, ...], list[dict[str, Any]]] = defaultdict(list)
    for line in lines.iter_rows(named=True):
        together[(*(line[name] for name in _SALE), line["block"], line["term"])].append(line)
    told: dict[int, str] = {}
    blocks = Blocks(rewards)
    with money.exactly():
        for of_sale in together.values():
            block, term = of_sale[0]["block"], of_sale[0]["term"]
            reward = blocks.reward(block if term is None else term)
            assert isinstance(reward, DiscountReward)
            for line in of_sale:
                worth = _worth(reward, line, of_sale) * earning.get(line["row"], _ZERO)
                got = paid.get(line["row"], _ZERO)
                if abs(worth - got) > _SAME:
                    told[line["row"]] = (
                        f"{line['sale_id']}: {money.plain(got)} for {money.plain(worth)}"
                    )
    differing = pl.DataFrame(
        {"row": list(told), "told": list(told.values())},
        schema={"row": ROW, "told": pl.String},
    )
    own = lines.select(*LINE_ORDER, "row")
    return Recomputed(lines.height, own.join(differing, on="row", maintain_order="left"))


def _sampled(
    measured: Measured,
    rewards: Sequence[DiscountReward],
    counted: int,
    most: int,
) -> pl.DataFrame:
    """The lines to work out, in order, with all others of their sales that take the same reward."""
    assert measured.judged is not None
    single = [i for i, reward in enumerate(rewards) if scope_of(reward) != "period"]
    lines = measured.judged.filter(pl.col("reason").is_null(), pl.col("block").is_in(single))
    every = counted // most + 1
    if every > 1:
        sales = lines.filter(pl.col("row") % every == 0).select(_SALE).unique().collect()
        ids = sales[f"{ORIGINAL}sale_id"].unique()  # which are known before lines are judged
        lines = lines.filter(pl.col(f"{ORIGINAL}sale_id").is_in(ids.implode())).join(
            sales.lazy(), on=_SALE, how="semi", nulls_equal=True
        )
    return lines.collect(engine="streaming").sort(*LINE_ORDER, "row")


def _paid_by_row(measured: Measured, lines: pl.DataFrame) -> pl.LazyFrame:
    """`row`, `contribution`: what these lines are paid, each with all of its sale."""
    of_lines = measured.contributions_of(lines.lazy()).filter(pl.col("row").is_not_null())
    return of_lines.group_by("row").agg(pl.col("contribution").sum())


def _earning_shares(case: Case, measured: Measured, lines: pl.DataFrame) -> pl.LazyFrame:
    """`row`, `share`: how much of each line goes to payees who earn anything: 1, unless behind a gate."""
    shares = with_payees(case, lines.lazy().select("row", "period", *LINE_ORDER, "rep_id"), ())
    why = measured.payees.lazy().select("period", "payee_id", "why_nothing")
    return (
        shares.join(why, on=["period", "payee_id"], how="left")
        .filter(pl.col("why_nothing").is_null())
        .group_by("row")
        .agg(pl.col("share").sum())
    )


def _worth(reward: DiscountReward, line: Row, of_sale: Sequence[Row]) -> Decimal:
    """What a line pays with its bonus; `of_sale` are its sale's lines that take the same reward."""
    if reward.net_price is not None:
        over: Decimal = line["list_price"] - reward.net_price
        return over * Decimal(line["quantity"]) if over > 0 else _ZERO
    linked = line["is_linked"]
    if scope_of(reward) == "sale":
        sold = [one for one in of_sale if not one["is_linked"]]
        judged, revenue = _measured(sold, reward.tiers_by), _measured(sold, "revenue")
        at_average = linked or judged <= 0
        has_bonus = bool(sold) and line["row"] == sold[0]["row"]
    else:
        judged = _measured([_taken_back(line)] if linked else [line], reward.tiers_by)
        revenue = line["amount"]
        at_average = line["is_return"]
        has_bonus = not linked
    tier = _tier(reward, abs(judged))
    if tier is None:
        return _ZERO
    bonus = tier.bonus if has_bonus and (judged if reward.tiers else revenue) > 0 else None
    return _paid(reward, tier, line, abs(judged), at_average=at_average) + (bonus or _ZERO)


def _taken_back(line: Row) -> Row:
    amount, quantity = line[f"{ORIGINAL}amount"], line[f"{ORIGINAL}quantity"]
    return {"amount": amount, "quantity": quantity, "is_return": False}


def _measured(lines: Sequence[Row], metric: str) -> Decimal:
    if metric in ("revenue", "quantity"):
        column = "amount" if metric == "revenue" else "quantity"
        return sum((one[column] for one in lines), _ZERO)
    sold = [one for one in lines if not one["is_return"]]
    if metric == "lines":
        return Decimal(len(sold))
    return Decimal(len({one["product_id"] for one in sold} - {None}))


def _tier(reward: DiscountReward, value: Decimal) -> Tier | None:
    """The tier of a value that is not below 0, or what a reward without tiers pays."""
    if not reward.tiers:
        return Tier.model_construct(
            from_=_ZERO, rate=reward.rate, per_unit=reward.per_unit, bonus=reward.bonus
        )
    return next((tier for tier in reversed(reward.tiers) if tier.from_ <= value), None)


def _paid(
    reward: DiscountReward, tier: Tier, line: Row, size: Decimal, *, at_average: bool
) -> Decimal:
    """Rate x what it pays on + per_unit x quantity, or the line's part of marginal slices."""
    quantity: Decimal = line["quantity"]
    if reward.tiers and reward.tier_mode == "marginal":
        by_quantity = reward.tiers_by == "quantity"
        basis = quantity if by_quantity else line["amount"]
        paid = _slices(reward.tiers, size, by_quantity=by_quantity)
        average = money.quotient(paid, size) if at_average else paid / size if size else None
        return basis * (average or _ZERO)
    pays_on: Decimal = line["list_amount"] if reward.pays_on == "list" else line["amount"]
    a_unit = (reward.per_product or {}).get(line["product_id"], _ZERO)
    return (tier.rate or _ZERO) * pays_on + ((tier.per_unit or _ZERO) + a_unit) * quantity


def _slices(tiers: Sequence[Tier], size: Decimal, *, by_quantity: bool) -> Decimal:
    """What marginal tiers pay of `size`, slice by slice."""
    paid = _ZERO
    for tier, above in zip(tiers, [*tiers[1:], None], strict=True):
        top = size if above is None else min(size, above.from_)
        pays = tier.per_unit if by_quantity else tier.rate
        paid += max(top - tier.from_, _ZERO) * (pays or _ZERO)
    return paid
