"""What lines come to at list price (docs/rules.md, "List prices")."""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.programs.reward import Reward
from incentivectl.rules.case import Case


def pays_on_list(rewards: Sequence[Reward]) -> bool:
    """Whether some reward's rate multiplies the list amount."""
    return any(reward.pays_on == "list" for reward in rewards)


def with_list_amount(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `list_price` and `list_amount` (6 decimals) in the program's currency.

    The list amount is list_price x quantity, rounded to 6 decimals and then converted at the day's
    rate; null without a list price or a rate.
    """
    lines = case.channel.with_list_price(lines).with_columns(
        list_amount=money.quantity_times_price(pl.col("quantity"), pl.col("list_price"))
    )
    if case.currency == case.channel.currency:
        return lines
    rate = case.channel.rates.at(pl.lit(case.currency), pl.col("counted_on"))
    return lines.with_columns(
        money.from_workspace(pl.col(name), rate) for name in ("list_price", "list_amount")
    )
