"""What a sale line is worth where its export leaves something out, and what identifies it."""

import polars as pl

from incentivectl.core import money

TOO_LARGE = 10**12
IDENTITY = ("distributor_id", "partner_id", "sale_id", "line_id", "product_id")

# Which of the values that have a default stood in the row: bits of `_given`.
GIVEN = {"quantity": 1, "amount": 2, "currency": 4}
DEFAULTED = ("quantity", "amount")  # those that take some work to fill in

# What may be wrong with a completed line, in order: code and column (see `reasons`), and the test.
LINE_RULES = (
    ("missing-amount", "amount", pl.col("amount").is_null()),
    ("too-large", "computed amount", pl.col("amount").abs() >= TOO_LARGE),
)


def completed(
    lines: pl.LazyFrame,
    workspace_currency: str,
    *,
    negate: pl.Expr | None = None,
    always: frozenset[str] = frozenset(),
) -> pl.LazyFrame:
    """Typed sale lines with their defaults, and `_given` (UInt8, see `GIVEN`), `_identity` (UInt64).

    `negate` tells which of them `negate_when` turns negative; `always` names values of `DEFAULTED` that
    are known to stand in every line.
    """
    given = (
        pl.lit(bit, dtype=pl.UInt8)
        if name in always
        else pl.col(name).is_not_null().cast(pl.UInt8) * bit
        for name, bit in GIVEN.items()
    )
    filled = {"currency": pl.col("currency").fill_null(workspace_currency)}
    if "quantity" not in always:
        filled["quantity"] = _default_quantity(negate)
    lines = lines.with_columns(_given=pl.sum_horizontal(given)).with_columns(**filled)
    if "amount" not in always:
        lines = lines.with_columns(amount=_computed_amount(negate))
    return lines.with_columns(_identity=_identity())


def _default_quantity(negate: pl.Expr | None) -> pl.Expr:
    """A missing quantity is 1, or -1 where the amount is negative or `negate` applies."""
    negative = (pl.col("amount") < 0).fill_null(value=False)
    if negate is not None:
        negative = negate | negative
    default = pl.when(negative).then(money.literal(-1)).otherwise(money.literal(1))
    return pl.coalesce("quantity", default)


def _computed_amount(negate: pl.Expr | None) -> pl.Expr:
    """Quantity x unit_price where the amount is missing; `negate` makes it negative."""
    computed = money.quantity_times_price(pl.col("quantity"), pl.col("unit_price"))
    if negate is not None:
        computed = pl.when(negate).then(-computed.abs()).otherwise(computed)
    return pl.coalesce("amount", computed)


def _identity() -> pl.Expr:
    """Lines of one identity have the same hash; lines without `line_id` that may be: those of a product."""
    hashes = [pl.col(name).hash(seed) for seed, name in enumerate(IDENTITY)]
    nothing = pl.lit(0, dtype=pl.UInt64)
    hashes[-1] = pl.when(pl.col("line_id").is_null()).then(hashes[-1]).otherwise(nothing)
    mixed = hashes[0]
    for one in hashes[1:]:
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) + one
    return mixed
