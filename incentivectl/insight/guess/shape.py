"""How the records of a text file stand: what separates cells, and where the header is."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from incentivectl.core.input_files import opened_text
from incentivectl.core.safe_text import restored
from incentivectl.core.tables import TABLES
from incentivectl.ingest.files.split import Record, split_records
from incentivectl.insight.guess.names import LEAST, fit

DELIMITERS = (",", ";", "\t", "|")
HEAD = 300  # lines that are looked at
MOST_BANNER = 60  # records before the header
_NUMBER = re.compile(
    r"^[-+(]?\s*(?:[^\w\s]|[A-Z]{3})?\s*\d[\d.,' \u00a0\u202f]*\s*(?:[^\w\s]|[A-Z]{3})?\)?-?$"
)
_DATE = re.compile(r"^\d{1,4}[-./ ](?:\d{1,2}|[A-Za-z]{3,9})[-./, ]+\d{1,4}\b")


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a file's cells and its header stand; `banner` is what stands before the header.

    `skip_rows` are physical lines before the header, or before the first record where there is no
    `header`. `width` is how many cells a record has, `first` the cells of the header or that record.
    """

    delimiter: str
    header: bool
    skip_rows: int
    width: int
    first: tuple[str, ...]
    banner: tuple[str, ...] = ()


def shape_of(text: Path) -> Shape | None:
    """The shape of a text file (UTF-8); none where it holds no record of two cells."""
    with opened_text(text, "utf-8-sig", "replace") as lines:
        head = [*islice(lines, HEAD)]
    named = re.match(r"sep=(.)\r?\n?$", head[0]) if head else None
    tried = [named[1]] if named else DELIMITERS
    shapes = [(shape, share) for one in tried for shape, share in _shapes(head, one)]
    if not shapes:
        return None
    return max(shapes, key=lambda one: (one[1] * (one[0].width - 1), one[1]))[0]


def shape_of_sheet(rows: Iterable[tuple[int, Sequence[str]]]) -> Shape | None:
    """The shape of a sheet, of which `rows` are the first with their numbers; none without two columns."""
    some = [(number, _without_end(row)) for number, row in islice(rows, HEAD)]
    width = max((len(row) for _, row in some), default=0)
    if width < 2:
        return None
    cells = [[*row, *[""] * (width - len(row))] for _, row in some]
    at = _header(cells, width)
    first = at if at is not None else next(n for n, (_, row) in enumerate(some) if len(row) > 1)
    banner = tuple(" ".join(filter(None, row)) for row in cells[:first])
    skip = some[first][0] - 1
    return Shape(",", at is not None, skip, width, tuple(cells[first]), banner)


def _without_end(row: Sequence[str]) -> list[str]:
    cells = [restored(cell.strip()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _shapes(head: Sequence[str], delimiter: str) -> Iterable[tuple[Shape, float]]:
    """The shape that a delimiter gives, and the share of the records that have it."""
    records = [one for one in split_records(head, delimiter) if one.text.strip()]
    cells = [_cells(one) for one in records]
    widths = Counter(len(row) for row in cells if len(row) > 1)
    if not widths:
        return
    width = max(widths, key=lambda one: (widths[one], one))
    at = _header(cells, width)
    first = at if at is not None else next(n for n, row in enumerate(cells) if len(row) == width)
    wide = sum(len(row) == width for row in cells[first:])
    share = wide / max(len(cells) - first, 1)
    if len(cells[first]) != width:
        share /= 2
    banner = tuple(" ".join(filter(None, row)) for row in cells[:first])
    skip = records[first].line - 1
    yield Shape(delimiter, at is not None, skip, width, tuple(cells[first]), banner), share


def _cells(record: Record) -> list[str]:
    return [restored(cell.strip()) for cell in record.cells or [record.text.strip()]]


def _header(cells: Sequence[Sequence[str]], width: int) -> int | None:
    """The place of the header: of the rows that may be one, that with the most names that we know."""
    likely = [
        (_known(row), -at)
        for at, row in enumerate(cells[:MOST_BANNER])
        if len(row) == width and may_be_header(row)
    ]
    if not likely:
        return None
    known, place = max(likely)
    at = -place
    is_first = not any(len(row) == width for row in cells[:at])
    return at if known > 0 or is_first else None


def may_be_header(row: Sequence[str]) -> bool:
    """Whether cells may be the names of columns: most are there, none is a number, none stands twice."""
    filled = [cell for cell in row if cell]
    if len(filled) < max(2, 0.6 * len(row)):
        return False
    values = sum(bool(_NUMBER.match(cell) or _DATE.match(cell)) for cell in filled)
    return values <= 0.1 * len(filled) and len({*filled}) >= 0.8 * len(filled)


def _known(row: Sequence[str]) -> int:
    """How many of the names are those of columns, in the table that knows most of them."""
    return max(
        sum(
            max(fit(name, table, ours) for ours in TABLES[table].column_names) >= LEAST
            for name in row
        )
        for table in TABLES
    )
