"""What the columns of an export hold: dates and in which formats, numbers and with which decimal sign."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from incentivectl.core.workbooks.cells import ERROR_TEXTS
from incentivectl.ingest.files.pieces import Piece, cell
from incentivectl.ingest.rows.dates import DateStyle, date
from incentivectl.ingest.rows.mapping import MISSING
from incentivectl.ingest.rows.numbers import (
    BAD_NUMBER,
    CANONICAL_NUMBERS,
    NumberStyle,
    read_number,
)

SAMPLE = 2_000  # different values that tell what a column holds
FEW = 30  # different values that are all looked at
MOST = 0.9  # the share of a column's values that must be numbers
MOST_DATES = 0.6  # the same of dates: what a format does not read is told
ISO = "%Y-%m-%d"
# Month and day first stand side by side: a value above 12 tells them apart.
DATE_FORMATS = (
    ISO,
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%m.%d.%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d/%b/%Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
OTHER_ORDER = {
    one: other
    for order in (
        ("%d/%m/%Y", "%m/%d/%Y"),
        ("%d/%m/%y", "%m/%d/%y"),
        ("%d-%m-%Y", "%m-%d-%Y"),
        ("%d-%m-%y", "%m-%d-%y"),
        ("%d.%m.%Y", "%m.%d.%Y"),
    )
    for one, other in (order, order[::-1])
}
EARLIEST_SERIAL, LATEST_SERIAL = 32_874, 73_050  # 1990 to 2099
# How typed cells of a sheet look here; a source reads them in whatever way it writes numbers and dates.
_TYPED_NUMBER = r"^-?\d+(?:\.\d+)?$"
_TYPED_DATE = r"^\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d\S*)?$"


@dataclass(frozen=True, slots=True)
class Contents:
    """What one column holds. Shares are of its different values, from 0 to 1.

    `dates`: format → share, of the formats that read most of them. `points` and `commas`: the share
    that is a number with that decimal sign; `style` is the one that reads most. `values` are the first.
    """

    name: str
    place: int
    filled: int = 0
    distinct: int = 0
    dates: Mapping[str, float] = field(default_factory=dict)
    points: float = 0.0
    commas: float = 0.0
    style: NumberStyle = CANONICAL_NUMBERS
    decimals: bool = False  # some number has a decimal sign
    tells_decimal: bool = False  # the same of a number that is text
    serials: bool = False  # whole numbers that a spreadsheet shows as dates
    codes: tuple[str, ...] = ()  # of currencies, beside numbers
    signs: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    rows: int = 0

    @property
    def label(self) -> str:
        """What to call it: its name in quotes, or its place where there is no header."""
        return f'"{self.name}"' if self.name else f"column {self.place + 1}"

    @property
    def is_number(self) -> bool:
        """Whether most values are numbers."""
        return max(self.points, self.commas) >= MOST

    @property
    def is_date(self) -> bool:
        """Whether most values are dates."""
        return bool(self.dates)

    def date_share(self, date_format: str) -> float:
        """The share of the values that a format reads."""
        return self.dates.get(date_format, 0.0)


def contents_of(piece: Piece) -> list[Contents]:
    """What the columns of a piece hold, in their order; rows with other numbers of cells are left out."""
    rows = piece.cells.filter(~pl.col("wrong"))
    names = piece.layout.names
    cells = rows.select(present(cell(at)).alias(f"c{at}") for at in range(len(names))).collect()
    is_sheet = piece.first.way == "sheet"
    return [_contents(name, at, cells[f"c{at}"], is_sheet) for at, name in enumerate(names)]


def present(text: pl.Expr) -> pl.Expr:
    """A cell without the blanks around it; null where it is missing."""
    bare = text.str.strip_chars()
    return pl.when(~bare.is_in(MISSING)).then(bare)


def _contents(name: str, place: int, cells: pl.Series, is_sheet: bool) -> Contents:
    filled = cells.drop_nulls()
    distinct = filled.unique(maintain_order=True)
    values = distinct.filter(~distinct.is_in([*ERROR_TEXTS]))  # which tell nothing of a column
    if values.is_empty():
        return Contents(name, place, rows=cells.len())
    some = values.head(SAMPLE)
    styles = _number_styles(some, is_sheet)
    best = max(styles, key=lambda style: styles[style])
    points, commas = (
        max(share for style, share in styles.items() if style.decimal == sign) for sign in ".,"
    )
    is_number = styles[best] >= MOST
    texts = _but_typed(some, _TYPED_NUMBER, is_sheet)
    return Contents(
        name,
        place,
        filled=filled.len(),
        distinct=values.len(),
        dates={} if _is_long(some) else _dates(some, values, is_sheet),
        points=points,
        commas=commas,
        style=best,
        decimals=is_number and _any_decimal(some),
        tells_decimal=is_number and _any_decimal(texts),
        serials=is_number and _are_serials(some),
        codes=_codes(some, best) if is_number else (),
        signs=_found(some, r"(\p{Sc})") if is_number else (),
        values=tuple(values.head(FEW)),
        rows=cells.len(),
    )


def _is_long(values: pl.Series) -> bool:
    longest = values.str.len_chars().median()
    return not isinstance(longest, float) or not 5 < longest < 40


def _any_decimal(values: pl.Series) -> bool:
    return bool(values.str.contains(r"[.,]\d").any())


def _but_typed(values: pl.Series, pattern: str, is_sheet: bool) -> pl.Series:
    """The values that are text: of a sheet without those that look like typed cells."""
    return values.filter(~values.str.contains(pattern)) if is_sheet else values


def _share(values: pl.Series, read: pl.Series) -> float:
    """The share of the values that are read, of which `read` tells it of those that are text."""
    return 1 - int((~read).sum()) / max(values.len(), 1)


def _dates(some: pl.Series, values: pl.Series, is_sheet: bool) -> dict[str, float]:
    """The formats that read most values: first of some, and then, where they do, of all of them."""
    likely = [one for one in DATE_FORMATS if _date_share(some, one, is_sheet) >= MOST_DATES]
    likely = [*dict.fromkeys(other for one in likely for other in (one, OTHER_ORDER.get(one, one)))]
    shares = {one: _date_share(values, one, is_sheet) for one in likely}
    return {one: share for one, share in shares.items() if share >= MOST_DATES}


def _date_share(values: pl.Series, date_format: str, is_sheet: bool) -> float:
    texts = _but_typed(values, _TYPED_DATE, is_sheet)
    read = pl.select(date(pl.lit(texts), DateStyle(date_format)).is_not_null()).to_series()
    return _share(values, read)


def _number_styles(values: pl.Series, is_sheet: bool) -> dict[NumberStyle, float]:
    """The share of the values that are numbers in each style, with the words for a minus that are there."""
    minus = _found(values, r"\d\s*((?i:cr))$")
    styles = [
        NumberStyle(decimal, grouping, minus)
        for grouping in ("thousands", "indian")
        for decimal in ".,"
    ]
    return {style: _number_share(values, style, is_sheet) for style in styles}


def _number_share(values: pl.Series, style: NumberStyle, is_sheet: bool) -> float:
    texts = _but_typed(values, _TYPED_NUMBER, is_sheet)
    fault = read_number(pl.lit(texts), "amount", style).struct.field("fault")
    return _share(values, pl.select(fault.fill_null(0) != BAD_NUMBER).to_series())


def _codes(values: pl.Series, style: NumberStyle) -> tuple[str, ...]:
    """The currency codes beside numbers, the most frequent first."""
    read = pl.select(read_number(pl.lit(values), "amount", style).struct.field("code")).to_series()
    return _by_number(read)


def _are_serials(values: pl.Series) -> bool:
    number = values.str.extract(r"^(\d{5})(?:[.,]\d+)?$").cast(pl.Int64, strict=False)
    inside = number.is_between(EARLIEST_SERIAL, LATEST_SERIAL)
    return bool(inside.fill_null(value=False).mean() == 1)


def _found(values: pl.Series, pattern: str) -> tuple[str, ...]:
    return _by_number(values.str.extract(pattern))


def _by_number(texts: pl.Series) -> tuple[str, ...]:
    found = texts.drop_nulls()
    return tuple(found.value_counts(sort=True)[found.name]) if found.len() else ()
