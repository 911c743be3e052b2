"""What a sale line is worth where its export leaves something out, and what identifies it."""

import polars as pl

from incentivectl.core import money

TOO_LARGE = 10**12
IDENTITY = ("distributor_id", "partner_id", "sale_id", "line_id", "product_id")

# Which of the values that have a default stood in the row: bits of `_given`.
GIVEN = {"quantity": 1, "amount": 2, "currency": 4}


def default_quantity(negate: pl.Expr | None = None) -> pl.Expr:
    """A missing quantity is 1, or -1 where the amount is negative or `negate` applies."""
    negative = (pl.col("amount") < 0).fill_null(value=False)
    if negate is not None:
        negative = negate | negative
    default = pl.when(negative).then(money.literal(-1)).otherwise(money.literal(1))
    return pl.coalesce("quantity", default)


def computed_amount(negate: pl.Expr | None = None) -> pl.Expr:
    """Quantity x unit_price where the amount is missing; `negate` makes it negative."""
    computed = money.quantity_times_price(pl.col("quantity"), pl.col("unit_price"))
    if negate is not None:
        computed = pl.when(negate).then(-computed.abs()).otherwise(computed)
    return pl.coalesce("amount", computed)


def identity() -> pl.Expr:
    """Lines of one identity have the same hash; lines without `line_id` that may be: those of a product."""
    hashes = [pl.col(name).hash(seed) for seed, name in enumerate(IDENTITY)]
    nothing = pl.lit(0, dtype=pl.UInt64)
    hashes[-1] = pl.when(pl.col("line_id").is_null()).then(hashes[-1]).otherwise(nothing)
    mixed = hashes[0]
    for one in hashes[1:]:
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) + one
    return mixed
