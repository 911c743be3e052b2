"""The sales: one streaming pass writes a typed snapshot; what lines need of each other comes after.

The snapshot holds every line of every file in reading order, also the rejected ones.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from incentivectl import money
from incentivectl.ingest.columns import schema_of, typed_rows
from incentivectl.ingest.masters import Masters
from incentivectl.ingest.opening import Opened
from incentivectl.ingest.pieces import ROW, Piece
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.reasons import REASON, when
from incentivectl.ingest.small_tables import resolved_rows
from incentivectl.ingest.table_rows import TableRows
from incentivectl.ingest.unknown import names_seen

TOO_LARGE = 10**12
IDENTITY = ("distributor_id", "partner_id", "sale_id", "line_id", "product_id")

# Which of the values that have a default stood in the row: bits of `_given`.
GIVEN = {"quantity": 1, "amount": 2, "currency": 4}


def read_sales(
    opened: Opened,
    masters: Masters,
    attributes: tuple[str, ...],
    workspace_currency: str,
    scratch: Path,
    progress: Progress,
) -> TableRows:
    """Every sale line, typed and resolved, as a scan of the snapshot.

    Besides the table's columns: `_given` (UInt8, see `GIVEN`), `_identity` (UInt64, a hash of what
    identifies the line) and `_unknown`. `quantity`, `amount` and `currency` have their defaults.
    """
    seen = {name: pl.String() for piece in opened.pieces for name in names_seen(piece, masters)}
    schema = _schema(attributes) | seen
    if not opened.pieces:
        return TableRows("sales", opened, pl.LazyFrame(schema=schema))
    pieces = [
        _lines(piece, masters, attributes, workspace_currency, tuple(seen)).select(
            pl.col(name).cast(dtype) for name, dtype in schema.items()
        )
        for piece in opened.pieces
    ]
    snapshot = scratch / "sales.parquet"
    lines = progress.counting(pl.concat(pieces), "reading sales", opened.rows)
    lines.sink_parquet(snapshot, compression="lz4", statistics=False, mkdir=True)
    return TableRows("sales", opened, pl.scan_parquet(snapshot))


def _schema(attributes: Sequence[str]) -> dict[str, pl.DataType]:
    first = {"row": ROW(), "_reason": REASON(), "_source": pl.String()}
    last = {"_given": pl.UInt8(), "_identity": pl.UInt64(), "_unknown": pl.Boolean()}
    partner_known = {"partner_known": pl.Boolean()}
    return first | schema_of("sales", attributes) | partner_known | last


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


def is_negative() -> pl.Expr:
    """Returns are lines with a negative quantity or amount."""
    return (pl.col("quantity") < 0) | (pl.col("amount") < 0)


def is_void() -> pl.Expr:
    """Quantity and amount 0: accepted, and then used by no rule."""
    return (pl.col("quantity") == 0) & (pl.col("amount") == 0)
