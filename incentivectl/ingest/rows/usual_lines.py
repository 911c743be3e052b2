"""The sale lines that need no second look: what stands in their cells is what their columns expect.

A line is usual if its numbers are plain digits, its dates are dates, its ids are known, its currency has
rates, and it names no sale that it reverses. Usual lines are typed as they stand; all others go
through everything that may be wrong with a line (`columns.typed_rows`). Both ways give a usual line
the same values.
"""

from collections.abc import Iterator

import polars as pl

from incentivectl.core.tables import Column
from incentivectl.ingest.files.pieces import cell
from incentivectl.ingest.rows.columns import DTYPES, broken_text, date_of
from incentivectl.ingest.rows.line_values import (
    GIVEN,
    TOO_LARGE,
    computed_amount,
    default_quantity,
    identity,
)
from incentivectl.ingest.rows.mapping import MISSING, Mapped
from incentivectl.ingest.rows.masters import Masters
from incentivectl.ingest.rows.numbers import LIMITS, is_plain, plain_value
from incentivectl.ingest.rows.signs import names_sale

WORDS = [text for text in MISSING if text]  # what is missing though its cell is not empty


def typed_and_cells(mapped: Mapped, masters: Masters, currencies: list[str]) -> pl.LazyFrame:
    """Every record of a piece typed as a usual line, `_is_usual` (Boolean), and its cells.

    Columns: `row`, `_wrong` (as `wrong` of the piece), those of the sales and the attributes (with their
    defaults), `_given` and `_identity` (see `sales_lines`), and the cells as `cell:0`, `cell:1`, …. Where
    `_is_usual` is false, only `row`, `_wrong` and the cells mean anything. The first of `currencies` is
    the workspace's, the others have rates.
    """
    typing = _Typing(mapped, masters, currencies)
    layout = mapped.piece.layout
    typed = mapped.piece.cells.select(
        "row",
        *(value.alias(name) for name, value in typing.values().items()),
        *(cell(place).alias(kept_cell(place)) for place in range(layout.width)),
        *(typing.is_there(name).alias(_has(name)) for name in typing.dates()),
        _wrong="wrong",
        _given=typing.given(),
        _is_usual=pl.all_horizontal(typing.tests()),
    )
    if not mapped.is_present("quantity"):
        typed = typed.with_columns(quantity=default_quantity())
    if not mapped.is_present("amount"):  # what is not usual may be too large to be multiplied
        numbers = pl.when("_is_usual").then(pl.col("quantity", "unit_price"))
        typed = typed.with_columns(numbers).with_columns(amount=computed_amount())
    tests = [
        pl.col("_is_usual"),
        (pl.col("amount").abs() < TOO_LARGE).fill_null(value=False),
        ~names_sale().fill_null(value=False),
        *(pl.col(name).is_not_null() | ~pl.col(_has(name)) for name in typing.dates()),
    ]
    return typed.with_columns(_identity=identity(), _is_usual=pl.all_horizontal(tests))


def kept_cell(place: int) -> str:
    """The name under which a cell travels beside the typed columns."""
    return f"cell:{place}"


def _has(name: str) -> str:
    """The name of a column that tells whether there is something in a cell."""
    return f"has:{name}"


class _Typing:
    """How each column of a piece is typed, and what makes a line usual."""

    def __init__(self, mapped: Mapped, masters: Masters, currencies: list[str]) -> None:
        self.mapped = mapped
        self.masters = masters
        self.currencies = currencies

    def values(self) -> dict[str, pl.Expr]:
        """Our columns and the attributes, typed."""
        columns = {column.name: self._value(column) for column in self.mapped.table.columns}
        return columns | {name: self._text(name) for name in self.mapped.attributes}

    def given(self) -> pl.Expr:
        """`GIVEN` of a usual line: which of the values that have a default stand in it."""
        numbers = ("quantity", "amount")
        known = sum(GIVEN[name] for name in numbers if self.mapped.is_present(name))
        has_currency = self.is_there("currency").cast(pl.UInt8) * GIVEN["currency"]
        return has_currency + pl.lit(known, dtype=pl.UInt8)

    def dates(self) -> list[str]:
        """The columns of dates that the export has."""
        columns = self.mapped.table.columns
        return [c.name for c in columns if c.kind == "date" and self.mapped.is_present(c.name)]

    def is_there(self, name: str) -> pl.Expr:
        """Whether a cell has something in it."""
        return self._text(name).is_not_null()

    def tests(self) -> Iterator[pl.Expr]:
        """What the cells of a usual line meet; none is ever null. Its dates are tested when they are read."""
        yield ~pl.col("wrong")
        source = self.mapped.source
        for unusual in (source.skip_when, source.negate_when):
            if unusual:
                yield ~self.mapped.matches(unusual)
        if self.mapped.piece.replacements:
            yield ~broken_text(self.mapped).fill_null(value=False)
        for column in self.mapped.table.columns:
            yield from self._tests_of(column)
            if column.is_id and self.mapped.piece.exponents:
                yield ~self.mapped.has_lost_digits(column.name)
        for name in self.mapped.attributes:
            yield from self._words(name)

    def _stands_by_itself(self, name: str) -> bool:
        """Whether the cell's text is the value: untrimmed, untranslated, and no constant."""
        mapped = self.mapped
        return (
            mapped.place(name) is not None
            and not mapped.piece.padded
            and not mapped.source.values.get(name)
        )

    def _text(self, name: str) -> pl.Expr:
        """The text of our column; words for a missing value are left in where `_words` tells them."""
        if not self._stands_by_itself(name):
            return self.mapped.text(name)
        return self.mapped.given(name)

    def _words(self, name: str) -> Iterator[pl.Expr]:
        if self._stands_by_itself(name):
            yield ~self._text(name).is_in(WORDS, nulls_equal=True)

    def _value(self, column: Column) -> pl.Expr:
        name, kind = column.name, column.kind
        if not self.mapped.is_present(name) or name == "occurrence":
            missing = self.currencies[0] if kind == "currency" else None
            return pl.lit(missing, dtype=DTYPES[kind])
        if kind in LIMITS:
            return plain_value(self._text(name), kind, self.mapped.dialect(name).decimal)
        if kind == "date":
            return date_of(self._text(name), name, self.mapped)
        if kind == "currency":
            return self._text(name).fill_null(self.currencies[0])
        return self._text(name)

    def _tests_of(self, column: Column) -> Iterator[pl.Expr]:
        name, kind = column.name, column.kind
        if not self.mapped.is_present(name):
            if column.required:
                yield pl.lit(value=False)
            return
        text = self._text(name)
        if column.required or (name in GIVEN and kind in LIMITS):
            yield text.is_not_null()
        if name == "occurrence":
            yield text.is_null()
        elif kind in LIMITS:
            yield is_plain(text, kind, self.mapped.dialect(name).decimal).fill_null(value=True)
        elif kind == "currency":
            yield text.is_in(self.currencies).fill_null(value=True)
        elif column.refers_to in self.masters.ids:
            yield from self._is_known(column, text)
        elif kind != "date":
            yield from self._words(name)
            yield from self._is_no_alias(column, text)

    def _is_known(self, column: Column, text: pl.Expr) -> Iterator[pl.Expr]:
        known = self.masters.ids[column.refers_to or ""]
        yield text.is_in(known.implode()).fill_null(value=True)
        yield from self._is_no_alias(column, text)

    def _is_no_alias(self, column: Column, text: pl.Expr) -> Iterator[pl.Expr]:
        if column.refers_to is not None:
            source = self.mapped.source.name
            aliases = [*self.masters.translation(column.refers_to, source)]
            if aliases:
                yield ~text.is_in(aliases, nulls_equal=True)
