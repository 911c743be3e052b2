"""Parquet files as text cells: typed columns become canonical text, whatever the source's dialect."""

from pathlib import Path

import polars as pl

from incentivectl.core.bounds import check_unpacked
from incentivectl.core.errors import Problem
from incentivectl.core.input_frames import Damaged, parquet_schema, scan_parquet
from incentivectl.core.tables import TABLES
from incentivectl.ingest.files.bounds import check_cell
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.layout import Layout, check_columns, theirs, with_rejects


def parquet_layout(file: DataFile) -> Layout | Problem:
    """The columns of a Parquet file, or why it cannot be read; raises as `layout_of`."""
    path = file.path
    try:
        schema = parquet_schema(path)
        scan_parquet(path).select(pl.len()).collect()
        check_columns(len(schema))
        _check_sizes(path, schema)
    except (*Damaged, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        hint = "is it complete? Copy or export it again"
        return Problem("broken-parquet", f"not a valid Parquet file: {reason}", hint, file=path)
    layout = with_rejects(tuple(schema), lines_before=0)
    names = (*TABLES[file.source.table].column_names, *file.source.attributes)
    found = [theirs(file.source, name, layout) for name in names]
    used = {column for one in found if one is not None for column in one.columns}
    nested = [name for name, dtype in schema.items() if dtype.is_nested() and name in used]
    if nested:
        message = f"its column {nested[0]} holds lists or records instead of single values"
        return Problem("nested-column", message, "export single values", file=path)
    return layout


def _check_sizes(path: Path, schema: dict[str, pl.DataType]) -> None:
    """Raises `BeyondLimitError` where a cell, or all of them, hold more than a packed file should.

    Equal cells take no room in the file, and none while they are only measured.
    """
    found = [_length(pl.col(name), dtype) for name, dtype in schema.items()]
    lengths = [length.cast(pl.Int64) for length in found if length is not None]
    longest = pl.max_horizontal(pl.lit(0), *(length.max() for length in lengths))
    texts = pl.sum_horizontal(pl.lit(0), *(length.sum() for length in lengths))
    others = pl.len().cast(pl.Int64) * (len(found) - len(lengths))  # a sign each, at the least
    sizes = scan_parquet(path).select(longest=longest, whole=texts + others)
    cell, whole = sizes.collect(engine="streaming").row(0)
    check_cell(cell)
    check_unpacked(whole, path.stat().st_size)


def _length(column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """The bytes of texts; None if cells are numbers, dates, or no single values."""
    if isinstance(dtype, pl.String):
        return column.str.len_bytes()
    return column.bin.size() if isinstance(dtype, pl.Binary) else None


def parquet_cells(
    path: Path, time_zone: str | None = None
) -> tuple[pl.LazyFrame, frozenset[int], int]:
    """`at` (UInt32, from 0) and the cells as text; the positions that were typed; the rows.

    Moments that have a time zone become the day that it is in `time_zone`.
    """
    schema = parquet_schema(path)
    scan = scan_parquet(path, row_index_name="_at_of_row")
    cells = scan.select(
        pl.col("_at_of_row").alias("at"),
        *(
            _given(_as_text(pl.col(name), dtype, time_zone)).alias(f"c{place}")
            for place, (name, dtype) in enumerate(schema.items())
        ),
    )
    typed = frozenset(
        place
        for place, dtype in enumerate(schema.values())
        if dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean
    )
    count = int(scan_parquet(path).select(pl.len()).collect().item())
    return cells, typed, count


def _given(text: pl.Expr) -> pl.Expr:
    """`text`, null where it is empty."""
    return pl.when(text != "").then(text)


def _as_text(column: pl.Expr, dtype: pl.DataType, time_zone: str | None) -> pl.Expr:
    if isinstance(dtype, pl.Datetime) and dtype.time_zone and time_zone:
        column = column.dt.convert_time_zone(time_zone)
    if isinstance(dtype, pl.Date | pl.Datetime):
        return column.dt.strftime("%Y-%m-%d")
    if isinstance(dtype, pl.Binary):
        return column.bin.encode("hex")
    if dtype.is_nested() or isinstance(dtype, pl.Null | pl.Object):
        return pl.lit("", dtype=pl.String)
    return column.cast(pl.String)
