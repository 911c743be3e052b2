"""The sales: one streaming pass writes a typed snapshot; what lines need of each other comes after.

The snapshot holds every line of every file, also the rejected ones, in three parts (see `SaleRows`).
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from incentivectl import money
from incentivectl.ingest.columns import schema_of, typed_rows
from incentivectl.ingest.fx import with_workspace_amount
from incentivectl.ingest.masters import Masters
from incentivectl.ingest.opening import Opened
from incentivectl.ingest.pieces import ROW, Piece
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.reasons import REASON, when
from incentivectl.ingest.sale_rows import PARTS, SaleRows
from incentivectl.ingest.signs import names_sale
from incentivectl.ingest.small_tables import resolved_rows
from incentivectl.ingest.unknown import names_seen
from incentivectl.rates import DayRates

SNAPSHOT = "sales"
# Lines stand in the snapshot as their files do, mostly by month, so that dates tell which of its parts
# a program need not look at.
DATES_ONLY = {"min": True, "max": True, "null_count": False, "distinct_count": False}
TOO_LARGE = 10**12
IDENTITY = ("distributor_id", "partner_id", "sale_id", "line_id", "product_id")

# Which of the values that have a default stood in the row: bits of `_given`.
GIVEN = {"quantity": 1, "amount": 2, "currency": 4}


def read_sales(
    opened: Opened,
    masters: Masters,
    attributes: tuple[str, ...],
    rates: DayRates,
    workspace_currency: str,
    scratch: Path,
    progress: Progress,
) -> SaleRows:
    """Every sale line, typed and resolved, as scans of the snapshot.

    Besides the table's columns: `_given` (UInt8, see `GIVEN`), `_identity` (UInt64, a hash of what
    identifies the line) and `_unknown`. `quantity`, `amount` and `currency` have their defaults, and
    `amount_ws` (6 decimals) is the amount in workspace currency on the line's own date.
    """
    seen = {name: pl.String() for piece in opened.pieces for name in names_seen(piece, masters)}
    schema = snapshot_schema(attributes) | seen
    of_cells = [name for name in schema if name != "amount_ws"]
    if not opened.pieces:
        return SaleRows.of_parts(opened, scratch, schema)
    pieces = [
        _lines(piece, masters, attributes, workspace_currency, tuple(seen)).select(
            pl.col(name).cast(schema[name]) for name in of_cells
        )
        for piece in opened.pieces
    ]
    lines = progress.counting(pl.concat(pieces), "reading sales", opened.rows)
    valued = _valued(lines, rates, workspace_currency).select(*schema, _part=_part())
    parts = pl.PartitionBy(scratch / SNAPSHOT, key="_part", include_key=False)
    valued.sink_parquet(parts, compression="lz4", statistics=DATES_ONLY, mkdir=True)
    return SaleRows.of_parts(opened, scratch / SNAPSHOT, schema)


def _valued(lines: pl.LazyFrame, rates: DayRates, workspace_currency: str) -> pl.LazyFrame:
    """Adds `amount_ws`, on each line's own date; a line that has no rate on it is rejected.

    Not so one that names the sale it takes back: which date it counts on is not known yet.
    """
    # What is rejected may be too large to be multiplied.
    amount = pl.when(pl.col("_reason").is_null()).then("amount")
    valued = with_workspace_amount(lines, rates, workspace_currency, day="sold_on", amount=amount)
    without_rate = pl.col("amount_ws").is_null() & ~names_sale()
    return valued.with_columns(
        _reason=pl.coalesce("_reason", when(without_rate, "sales", "no-fx-rate", "currency"))
    )


def _part() -> pl.Expr:
    """Which of `PARTS` a row of the snapshot belongs to."""
    plain, returns, refused = PARTS
    own = pl.when(names_sale().fill_null(value=False)).then(pl.lit(returns))
    return (
        pl.when(pl.col("_reason").is_not_null())
        .then(pl.lit(refused))
        .otherwise(own.otherwise(pl.lit(plain)))
    )


def snapshot_schema(attributes: Sequence[str]) -> dict[str, pl.DataType]:
    """The columns of the snapshot, before the names that stand beside ids."""
    first = {"row": ROW(), "_reason": REASON(), "_source": pl.String()}
    last = {"_given": pl.UInt8(), "_identity": pl.UInt64(), "_unknown": pl.Boolean()}
    partner_known = {"partner_known": pl.Boolean()}
    valued = {"amount_ws": money.AMOUNT}
    return first | schema_of("sales", attributes) | partner_known | last | valued


def _lines(
    piece: Piece,
    masters: Masters,
    attributes: tuple[str, ...],
    workspace_currency: str,
    seen: tuple[str, ...],
) -> pl.LazyFrame:
    keep = names_seen(piece, masters)
    keep |= {name: pl.lit(None, dtype=pl.String) for name in seen if name not in keep}
    typed = typed_rows(piece, attributes, workspace_currency=workspace_currency, keep=keep)
    given = pl.sum_horizontal(
        pl.col(name).is_not_null().cast(pl.UInt8) * bit for name, bit in GIVEN.items()
    )
    own_id = masters.ids.get("partners")
    known = pl.lit(value=True) if own_id is None else pl.col("partner_id").is_in(own_id.implode())
    return (
        resolved_rows(typed, "sales", piece.source_name, masters)
        .with_columns(_given=given, partner_known=known.fill_null(value=False))
        .with_columns(
            quantity=_quantity(), currency=pl.col("currency").fill_null(workspace_currency)
        )
        .with_columns(
            amount=_amount(), _nothing=pl.col("amount").is_null() & pl.col("unit_price").is_null()
        )
        .with_columns(
            _identity=_identity(),
            _reason=pl.coalesce(
                "_reason",
                when(pl.col("_nothing"), "sales", "missing-amount", "amount"),
                when(pl.col("amount").abs() >= TOO_LARGE, "sales", "too-large", "computed amount"),
            ),
        )
    )


def _quantity() -> pl.Expr:
    """A missing quantity is 1, or -1 where the amount is negative or `negate_when` applies."""
    negative = pl.col("_negate") | (pl.col("amount") < 0).fill_null(value=False)
    default = pl.when(negative).then(money.literal(-1)).otherwise(money.literal(1))
    return pl.coalesce("quantity", default)


def _amount() -> pl.Expr:
    """Quantity x unit_price where the amount is missing; `negate_when` makes it negative."""
    computed = money.quantity_times_price(pl.col("quantity"), pl.col("unit_price"))
    signed = pl.when(pl.col("_negate")).then(-computed.abs()).otherwise(computed)
    return pl.coalesce("amount", signed)


def _identity() -> pl.Expr:
    """Lines of one identity have the same hash; lines without `line_id` that may be: those of a product."""
    by_product = pl.when(pl.col("line_id").is_null()).then(pl.col("product_id"))
    parts = [pl.col(name) for name in IDENTITY[:4]] + [by_product]
    hashes = [part.hash(seed) for seed, part in enumerate(parts)]
    mixed = hashes[0]
    for one in hashes[1:]:
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) + one
    return mixed
