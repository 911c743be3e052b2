"""Which sale lines count, of those with one identity; and n of lines without `line_id`.

No whole table is held: identities are hashed in the snapshot, and only lines whose hash occurs more
than once are looked at, exactly; as many hashes at a time as there is memory for.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from incentivectl.core import memory
from incentivectl.core.tables import SALE, TABLES
from incentivectl.ingest.account.corrections import standing
from incentivectl.ingest.account.replaced import replaced_of, together
from incentivectl.ingest.reasons import FIELD_COUNT
from incentivectl.ingest.rows.table_rows import NUMBERS, TableRows, decided
from incentivectl.ingest.rows.versions import versions
from incentivectl.ingest.sale_lines.sale_rows import SaleRows

HASH_BYTES = 16  # with its place in the order
LINE_BYTES = 1_000  # with all columns, and what is computed of them
LINE = (*SALE, "line_id", "_product", "_n")


def line_identity(n: pl.Expr) -> list[pl.Expr]:
    """The columns `LINE`; `n` numbers the lines of a product in a sale that have no `line_id`."""
    without_id = pl.col("line_id").is_null()
    return [
        *map(pl.col, LINE[:4]),
        pl.when(without_id).then("product_id").alias("_product"),
        pl.when(without_id).then(n).cast(pl.Int64).alias("_n"),
    ]


def resolve_versions(rows: SaleRows, refused: pl.Series, attributes: tuple[str, ...]) -> None:
    """Sets `decided` to the duplicate and superseded lines, `numbers` and `replaced`.

    `refused` are rows (UInt64) that a later rule rejects: like other rejected rows they take no part,
    except that n counts them.
    """
    product = pl.when(pl.col("line_id").is_null()).then("product_id").alias("_product")
    stands = standing(rows, [*SALE, "line_id", product], refused)
    fates, numbers = [rows.decided, stands.fates()], [pl.DataFrame(schema=NUMBERS)]
    replaced = []
    for lines in _candidates(rows):
        numbered = _numbered(stands.placed(lines), rows)
        numbers.append(
            numbered.filter(pl.col("line_id").is_null() & (pl.col("_n") != 1)).select("row", n="_n")
        )
        accepted = numbered.filter(
            pl.col("_reason").is_null() & ~pl.col("row").is_in(refused.implode())
        )
        found = versions(accepted, LINE, [*_content(attributes)], "_order")
        fates.append(decided(found.filter(pl.col("fate") != "accepted")))
        replaced.append(replaced_of(accepted, found, LINE))
    rows.decided = pl.concat(fates)
    rows.numbers = pl.concat(numbers)
    rows.replaced = together(replaced)


def _candidates(rows: TableRows) -> Iterator[pl.DataFrame]:
    """The lines whose identity may stand several times, a part of the identities at a time."""
    takes_part = pl.col("_reason").is_null() | (pl.col("_reason") > FIELD_COUNT)
    lines = rows.rows.filter(takes_part)
    count = int(lines.select(pl.len()).collect(engine="streaming").item())
    parts = count // memory.rows_within(HASH_BYTES, share=4) + 1
    at_once = memory.rows_within(LINE_BYTES, share=4)
    waiting = pl.Series("_identity", dtype=pl.UInt64)
    for part in range(parts):
        identities = lines.select("_identity").filter(pl.col("_identity") % parts == part)
        waiting = pl.concat([waiting, _repeated(identities)])
        if waiting.len() >= at_once or part == parts - 1:  # few are looked for only once
            yield from _lines_of(lines, waiting, waiting.len() // at_once + 1, parts)
            waiting = waiting.clear()


def _lines_of(
    lines: pl.LazyFrame, identities: pl.Series, pieces: int, parts: int
) -> Iterator[pl.DataFrame]:
    """The lines of some identities, in so many pieces; each identity lies in one of `parts` already."""
    for piece in range(pieces):
        wanted = identities
        if pieces > 1:
            wanted = wanted.filter((wanted // parts) % pieces == piece)
        if wanted.len():
            is_wanted = pl.col("_identity").is_in(wanted.implode())
            yield lines.filter(is_wanted).collect(engine="streaming")


def _repeated(identities: pl.LazyFrame) -> pl.Series:
    """The hashes that occur more than once, each as often as it occurs again."""
    hashes = identities.collect(engine="streaming")["_identity"].sort()
    return hashes.filter(hashes == hashes.shift(1))


def _numbered(lines: pl.DataFrame, rows: TableRows) -> pl.DataFrame:
    """Adds `_file`, and `_product` and `_n` (Int64) of lines without `line_id`: null for all others.

    n is a line's `occurrence`, or its running number in its file among those of its sale and product.
    `lines` stand in their places (`Standing.placed`).
    """
    starts = rows.opened.file_starts().rename({"row": "_at"})
    without_id = pl.col("line_id").is_null()
    group = ("_file", *SALE, "product_id", "line_id")
    running = pl.int_range(1, pl.len() + 1).over(group)
    if not rows.opened.corrections.is_empty():
        running = _running_in_places(group)
    return lines.join_asof(starts, on="_at").with_columns(
        _product=pl.when(without_id).then("product_id"),
        _n=pl.when(without_id).then(pl.coalesce("occurrence", running)),
    )


def _running_in_places(group: Sequence[str]) -> pl.Expr:
    """The running number in a file with corrected rows: rows of one place bear the same.

    What is loose takes no number from others, and none that the file does not have: the file was sent
    again and holds the line itself. Only where it does not are loose rows numbered among themselves.
    """
    is_loose = pl.col("_is_loose")
    is_next = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).shift(1).over(group)) for name in ("_at", "_is_loose")
    )
    takes_one = (is_next & ~is_loose).cast(pl.Int64)
    so_far, in_all = takes_one.cum_sum().over(group), takes_one.sum().over(group)
    among_loose = (is_next & is_loose).cast(pl.Int64).cum_sum().over(group)
    of_loose = (
        pl.when(in_all == 0).then(among_loose).otherwise(pl.min_horizontal(so_far + 1, in_all))
    )
    return pl.when(is_loose).then(of_loose).otherwise(so_far)


def _content(attributes: tuple[str, ...]) -> Iterator[str]:
    """What two lines of one identity are compared by: values as read, without `received_on`."""
    for column in TABLES["sales"].columns:
        if column.name != "received_on":
            yield column.name
    yield "_given"
    yield from attributes
