"""Frames of files, each opened by its name: a name with `*`, `?` or `[` is a file, never a pattern.

Files that are no regular files are refused before they are opened (see `input_files`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl.core.input_files import check_regular, opened

# What Polars raises where a file is damaged. A panic is no Exception: it says that Polars itself did
# not expect what the file holds.
Damaged = (pl.exceptions.PolarsError, pl.exceptions.PanicException)


def scan_csv(files: Sequence[Path], **options: Any) -> pl.LazyFrame:  # noqa: ANN401
    """A scan of CSV files, one behind the other."""
    return pl.scan_csv(_regular(files), glob=False, **options)


def scan_parquet(files: Path | Sequence[Path], **options: Any) -> pl.LazyFrame:  # noqa: ANN401
    """A scan of Parquet files, one behind the other."""
    named = [files] if isinstance(files, Path) else files
    return pl.scan_parquet(_regular(named), glob=False, hive_partitioning=False, **options)


def scan_ipc(file: Path) -> pl.LazyFrame:
    """A scan of an Arrow file."""
    return pl.scan_ipc(_regular([file]), glob=False)


def read_csv(file: Path, **options: Any) -> pl.DataFrame:  # noqa: ANN401
    """What a CSV file holds."""
    return pl.read_csv(_regular([file])[0], glob=False, **options)


def read_parquet(file: Path) -> pl.DataFrame:
    """What a Parquet file holds."""
    return scan_parquet(file).collect()


def read_ipc(file: Path) -> pl.DataFrame:
    """What an Arrow file holds."""
    with opened(file) as source:
        return pl.read_ipc(source)


def parquet_schema(file: Path) -> dict[str, pl.DataType]:
    """The columns of a Parquet file."""
    with opened(file) as source:
        return dict(pl.read_parquet_schema(source))


def _regular(files: Sequence[Path]) -> list[Path]:
    for file in files:
        check_regular(file)
    return list(files)
