"""The one place where CSV is written: no text in it is run by a spreadsheet.

Texts are neutralised (docs/operation.md, 92.1), numbers stay numbers, below 0 too.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import parts
from incentivectl.core.safe_text import neutralised, neutralised_column

Cell = str | int | Decimal | date | None


def csv_of_frame(frame: pl.DataFrame) -> bytes:
    """A frame as CSV: exact decimals without trailing zeros, ISO dates, line feeds."""
    return b"".join(csv_parts(frame))


def csv_parts(frame: pl.DataFrame) -> Iterator[bytes]:
    """The same, some rows after the other: the texts of many rows take more than the rows themselves."""
    texts = [
        *(
            money.plain_text(pl.col(name)).alias(name)
            for name, dtype in frame.schema.items()
            if isinstance(dtype, pl.Decimal)
        ),
        *(
            neutralised_column(pl.col(name))
            for name, dtype in frame.schema.items()
            if dtype == pl.String
        ),
    ]
    yield frame.clear().write_csv().encode()
    for some in parts(frame):
        yield some.with_columns(texts).write_csv(include_header=False).encode()


def csv_of_rows(rows: Iterable[Sequence[Cell]], *, line_end: str = "\n") -> str:
    """Rows as CSV; a decimal keeps its decimals, what is missing is empty."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(map(_text, row) for row in rows)
    return text.getvalue()


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return neutralised(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return "" if cell is None else str(cell)
