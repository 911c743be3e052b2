"""Whole minor units split among payees, as frames (docs/rules.md, "Splitting")."""

from decimal import Decimal

import polars as pl

from incentivectl.core import money

_LARGEST = 2**126  # products of units beyond this are split one by one


def units(amounts: pl.Expr, digits: int, scale: int = money.SCALE) -> pl.Expr:
    """Amounts of `scale` decimals in minor units, rounded down (Int128)."""
    return amounts.to_physical() // pl.lit(10 ** (scale - digits), dtype=pl.Int128)


def amounts(units: pl.Expr, digits: int) -> pl.Expr:
    """Minor units (Int128) as amounts (6 decimals)."""
    unit = money.literal(Decimal(1).scaleb(-digits))
    return money.scale_of(units, money.SCALE) * unit  # at most 4 decimals: nothing is rounded


def by_largest_remainder(total_units: int, weights: pl.Series, ids: pl.Series) -> pl.Series:
    """`money.largest_remainder` of Int128 weights; of equal remainders the smaller id comes first."""
    weight_sum = int(weights.sum())
    if weight_sum == 0:
        return pl.repeat(0, weights.len(), dtype=pl.Int128, eager=True)
    if total_units * int(weights.max()) > _LARGEST:  # type: ignore[arg-type]
        parts = money.largest_remainder(total_units, weights.to_list(), ids.to_list())
        return pl.Series(parts, dtype=pl.Int128)
    whole = pl.lit(weight_sum, dtype=pl.Int128)
    product = pl.col("weight") * pl.lit(total_units, dtype=pl.Int128)
    split = pl.DataFrame({"weight": weights, "id": ids}).select(
        "id", part=product // whole, remainder=product % whole
    )
    return with_missing(split, total_units)


def with_missing(split: pl.DataFrame, total_units: int) -> pl.Series:
    """The `part` of each row, and of what they lack of the total one unit for the largest `remainder`."""
    missing = total_units - int(split["part"].sum())
    first = (
        split.lazy()
        .with_row_index("place")
        .sort("remainder", "id", descending=[True, False], maintain_order=True)
        .select("place", extra=(pl.int_range(pl.len()) < missing).cast(pl.Int128))
        .sort("place")
        .collect()
    )
    return split["part"] + first["extra"]
