"""The sale lines that need no second look: what stands in their cells is what their columns expect.

Of a usual line all cells are plain (`readers`), no rule applies, its ids are known and no aliases, and it
names no sale that it reverses. Usual lines are typed as they stand; all others go through everything
that may be wrong with a line (`columns.typed_rows`). Both ways read by the same readers and rules.
"""

from collections.abc import Iterable, Iterator

import polars as pl

from incentivectl.ingest.files.pieces import cell
from incentivectl.ingest.rows.columns import ROW_RULES, schema_of, texts
from incentivectl.ingest.rows.line_values import DEFAULTED, LINE_RULES, completed
from incentivectl.ingest.rows.mapping import MISSING, Mapped
from incentivectl.ingest.rows.masters import Masters
from incentivectl.ingest.rows.readers import (
    Reader,
    Surroundings,
    attribute_faults,
    attribute_value,
    readers_of,
    text_of,
)
from incentivectl.sales.signs import names_sale

WORDS = [text for text in MISSING if text]  # what is missing though its cell is not empty


def typed_and_cells(mapped: Mapped, masters: Masters, currencies: tuple[str, ...]) -> pl.LazyFrame:
    """Every record of a piece typed as a usual line, `_is_usual` (Boolean), and its cells.

    Columns: `row`, `_wrong` (as `wrong` of the piece), those of the sales and the attributes (with their
    defaults), `_given` and `_identity` (see `line_values`), and the cells as `cell:0`, `cell:1`, ….
    Where `_is_usual` is false, only `row`, `_wrong` and the cells mean anything. The first of
    `currencies` is the workspace's, the others have rates.
    """
    quick = _Quick(mapped, masters, currencies)
    places = range(mapped.piece.layout.width)
    cells = (cell(place).alias(kept_cell(place)) for place in places)
    typed = (
        mapped.piece.cells.select(*texts(mapped, quick.text), *cells)
        .with_columns(quick.values())
        .with_columns(_is_usual=pl.all_horizontal(quick.tests()))
    )
    if not mapped.is_present("amount"):  # what is not usual may be too large to be multiplied
        numbers = pl.when("_is_usual").then(pl.col("quantity", "unit_price"))
        typed = typed.with_columns(numbers)
    lines = completed(typed, currencies[0], always=quick.always())
    usual = (pl.col("_is_usual"), ~names_sale().fill_null(value=False), *_none_of(LINE_RULES))
    return lines.select(
        "row",
        *schema_of("sales", mapped.attributes),
        "_given",
        "_identity",
        *map(kept_cell, places),
        _is_usual=pl.all_horizontal(usual),
        _wrong="wrong",
    )


def kept_cell(place: int) -> str:
    """The name under which a cell travels beside the typed columns."""
    return f"cell:{place}"


def _none_of(rules: Iterable[tuple[*tuple[str, ...], pl.Expr]]) -> Iterator[pl.Expr]:
    """That each of some rules, of which the test comes last, does not apply (never null)."""
    return (~rule[-1].fill_null(value=False) for rule in rules)


class _Quick:
    """How each column of a piece is read the short way, and what makes a line usual."""

    def __init__(self, mapped: Mapped, masters: Masters, currencies: tuple[str, ...]) -> None:
        self.mapped = mapped
        self.masters = masters
        self.readers = readers_of(Surroundings(mapped, currencies))

    def text(self, name: str) -> pl.Expr:
        """The text of our column; words for a missing value may be left in, see `_is_no_word`."""
        return self.mapped.given(name) if self._stands_by_itself(name) else self.mapped.text(name)

    def values(self) -> Iterator[pl.Expr]:
        """Our columns and the attributes, typed."""
        for reader in self.readers:
            value = reader.value if reader.plain is None else reader.plain.value
            yield value.alias(reader.column)
        for name in self.mapped.attributes:
            yield attribute_value(self.mapped, name, text_of(name)).alias(name)

    def always(self) -> frozenset[str]:
        """The values with a default that no usual line lacks: the export has them."""
        return frozenset(name for name in DEFAULTED if self.mapped.is_present(name))

    def tests(self) -> Iterator[pl.Expr]:
        """What the texts and values of a usual line meet; none is ever null."""
        yield from _none_of(ROW_RULES)
        yield ~pl.col("_negate")
        yield from (text_of(name).is_not_null() for name in sorted(self.always()))
        for reader in self.readers:
            yield from self._tests_of(reader)
        for name in self.mapped.attributes:
            yield from self._is_no_word(name)
        yield from _none_of(attribute_faults(self.mapped))

    def _tests_of(self, reader: Reader) -> Iterator[pl.Expr]:
        if reader.plain is not None:
            yield reader.plain.test.fill_null(value=True)
        else:
            yield from _none_of(reader.faults)
        yield from _none_of(reader.rules)
        column = next(c for c in self.mapped.table.columns if c.name == reader.column)
        is_alias = self.masters.is_alias(column, self.mapped.source.name)
        if is_alias is not None:
            yield ~is_alias
        is_unknown = self.masters.is_unknown(column)
        if is_unknown is not None:
            yield ~is_unknown
        elif reader.any_text:
            yield from self._is_no_word(reader.column)

    def _stands_by_itself(self, name: str) -> bool:
        """Whether the cell's text is the value: untrimmed, untranslated, and no constant."""
        mapped = self.mapped
        return (
            mapped.place(name) is not None
            and not mapped.piece.padded
            and not mapped.source.values.get(name)
        )

    def _is_no_word(self, name: str) -> Iterator[pl.Expr]:
        if self._stands_by_itself(name):
            yield ~text_of(name).is_in(WORDS, nulls_equal=True)
