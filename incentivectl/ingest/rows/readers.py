"""How each kind of column is read: its value, what may be wrong with it, and a short way for most cells.

`READERS` is the one table from which both ways of reading are made: the whole way (`columns`), which finds
the reason of every row, and the quick one (`usual_lines`). A rule that a reader has holds in both.
Rules: docs/rules.md, "Reading".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.tables.columns import Column
from incentivectl.ingest.rows.dates import DateStyle, date
from incentivectl.ingest.rows.mapping import CANONICAL, Mapped
from incentivectl.ingest.rows.numbers import (
    LIMITS,
    faults,
    is_plain,
    plain_value,
    read_number,
    value_faults,
)
from incentivectl.workspace.source_settings import EXCEL

TRUE = ("true", "yes", "t", "y", "1")
FALSE = ("false", "no", "f", "n", "0")
WORKSPACE_AMOUNTS = ("products", "deals")  # their amounts are in the workspace's currency

DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "flag": pl.Boolean(),
    "currency": pl.String(),
    **{kind: limits.dtype for kind, limits in LIMITS.items()},
}

Rule = tuple[str, pl.Expr]  # a reason code, and the test whether it applies (null: it does not)


def text_of(column: str) -> pl.Expr:
    """A column's text as it travels: trimmed and translated, null where it is missing."""
    return pl.col(f"text:{column}")


def reading_of(column: str) -> pl.Expr:
    """What was made of a column's text, and holds its value and its faults."""
    return pl.col(f"read:{column}")


def lost_digits(column: str) -> pl.Expr:
    """Whether an id has lost its digits."""
    return pl.col(f"lost:{column}")


@dataclass(frozen=True, slots=True)
class Plain:
    """Cells that are read in a short way: the test whether a text is one (null where missing), and the value.

    A reader's `faults` cannot be found in them; its `rules` are looked at all the same.
    """

    test: pl.Expr
    value: pl.Expr


@dataclass(frozen=True, slots=True)
class Reader:
    """How a column is read: `value` of its text, or of `reading` where that is kept, and `faults` of that.

    `rules` look at `text_of` the column and at its value, which then stands under the column's name.
    `any_text`: every text is a value, words for what is missing aside.
    """

    column: str
    value: pl.Expr
    reading: pl.Expr | None = None
    faults: tuple[Rule, ...] = ()
    rules: tuple[Rule, ...] = ()
    plain: Plain | None = None
    any_text: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reader asks of its piece; the first of `currencies` is the workspace's, the others are usual."""

    mapped: Mapped
    currencies: tuple[str, ...]


def readers_of(around: Surroundings) -> list[Reader]:
    """The readers of all columns of a table, in order."""
    return [_reader(column, around) for column in around.mapped.table.columns]


def _reader(column: Column, around: Surroundings) -> Reader:
    reader = Reader(column.name, pl.lit(None, dtype=DTYPES[column.kind]))
    if around.mapped.is_present(column.name):
        reader = (_rate if column.is_rate else READERS[column.kind])(column, around)
    if not column.required:
        return reader
    missing = (f"missing-{column.name}", text_of(column.name).is_null())
    return replace(reader, rules=(missing, *reader.rules))


def _word(column: Column, around: Surroundings) -> Reader:
    """An id or another text; one of a closed list in lower case."""
    name, text = column.name, text_of(column.name)
    if column.choices:
        unknown = ("bad-value", ~pl.col(name).is_in(column.choices))
        return Reader(name, text.str.to_lowercase(), rules=(unknown,))
    rounded = [("bad-value", lost_digits(name))] if around.mapped.may_lose_digits(column) else []
    return Reader(name, _in_our_case(text, column), rules=(*rounded,), any_text=True)


def _in_our_case(text: pl.Expr, column: Column) -> pl.Expr:
    """A word of ours in lower case; any other text as it is written."""
    if not column.words:
        return text
    word = text.str.to_lowercase()
    return pl.when(word.is_in(column.words)).then(word).otherwise(text)


def _number(column: Column, around: Surroundings) -> Reader:
    name, kind, text = column.name, column.kind, text_of(column.name)
    style = around.mapped.dialect(name).numbers
    rules = value_faults(pl.col(name), kind)
    if name == "occurrence":
        rules.append(("bad-value", pl.col(name) < 1))
    return Reader(
        name,
        reading_of(name).struct.field("value"),
        reading=read_number(text, kind, style),
        faults=(*faults(reading_of(name), kind, _currency_of_row(around)),),
        rules=(*rules,),
        plain=Plain(is_plain(text, kind, style.decimal), plain_value(text, kind, style.decimal)),
    )


def _rate(column: Column, around: Surroundings) -> Reader:
    """A number, or a percentage: 0.305, 30.5% or 30.5 %."""
    name, kind, text = column.name, column.kind, text_of(column.name)
    style = around.mapped.dialect(name).numbers
    is_percent = text.str.ends_with("%")
    stated = reading_of(name).struct.field("value")
    exact = money.multiply(stated, money.literal(Decimal("0.01")), scales=(6, 6))
    hundredth = money.to_amount(exact)
    inexact = is_percent & (money.scale_of(hundredth, 12) != exact)
    return Reader(
        name,
        pl.when(is_percent).then(hundredth).otherwise(stated),
        reading=read_number(text.str.strip_suffix("%").str.strip_chars_end(), kind, style),
        faults=(*faults(reading_of(name), kind), ("too-precise", inexact)),
        rules=(("bad-value", (pl.col(name) < 0) | (pl.col(name) >= 1)),),
        plain=Plain(is_plain(text, kind, style.decimal), plain_value(text, kind, style.decimal)),
    )


def _currency_of_row(around: Surroundings) -> pl.Expr | None:
    """The currency that a code beside a number must be (docs/rules.md, "Reading")."""
    table, home = around.mapped.table, around.currencies[0]
    if table.column("currency") is not None and table.name != "fx":
        return text_of("currency").str.to_uppercase().fill_null(home)
    return pl.lit(home) if table.name in WORKSPACE_AMOUNTS else None


def _day(column: Column, around: Surroundings) -> Reader:
    name, text = column.name, text_of(column.name)
    mapped, dialect = around.mapped, around.mapped.dialect(column.name)
    day = date(text, dialect.dates)
    if name in dict(mapped.piece.first.constants) and dialect != CANONICAL:
        # file names have their own way of writing dates
        day = pl.coalesce(day, date(text))
    elif dialect == CANONICAL and mapped.source.date_format == EXCEL:
        # typed cells may be dates, and they may be serial numbers
        day = pl.coalesce(day, date(text, DateStyle(EXCEL)))
    return Reader(name, day, rules=(_unread("bad-date", name),))


def _flag(column: Column, _: Surroundings) -> Reader:
    lower = text_of(column.name).str.to_lowercase()
    yes = pl.when(lower.is_in(TRUE)).then(pl.lit(value=True))
    flag = yes.when(lower.is_in(FALSE)).then(pl.lit(value=False)).otherwise(None)
    return Reader(column.name, flag, rules=(_unread("bad-value", column.name),))


def _currency(column: Column, around: Surroundings) -> Reader:
    text = text_of(column.name)
    upper = text.str.to_uppercase()
    return Reader(
        column.name,
        pl.when(upper.str.contains("^[A-Z]{3}$")).then(upper),
        rules=(_unread("bad-value", column.name),),
        plain=Plain(text.is_in(around.currencies), text),
    )


def attribute_value(mapped: Mapped, name: str, text: pl.Expr) -> pl.Expr:
    """An attribute's `text`: a number without grouping and with a point, a date as ISO has it.

    Null where it is missing, and where it is not of its kind.
    """
    kind, dialect = _kind_of(mapped, name), mapped.dialect(name)
    if kind == "number":
        value = read_number(text, "amount", dialect.numbers).struct.field("value")
        return money.plain_text(value)
    if kind == "date":
        return date(text, dialect.dates).dt.to_string("%Y-%m-%d")
    return text


def attribute_faults(
    mapped: Mapped, text: Callable[[str], pl.Expr] = text_of
) -> Iterator[tuple[str, str, pl.Expr]]:
    """The attributes with a kind: name, reason code, and the test whether their text is not of it."""
    for name in mapped.attributes:
        kind = _kind_of(mapped, name)
        if kind != "text":
            value = attribute_value(mapped, name, text(name))
            yield name, f"bad-{kind}", text(name).is_not_null() & value.is_null()


def _kind_of(mapped: Mapped, name: str) -> str:
    return mapped.source.attribute_kinds.get(name, "text")


def _unread(code: str, column: str) -> Rule:
    """There is a text, and it gave no value."""
    return (code, text_of(column).is_not_null() & pl.col(column).is_null())


READERS: Mapping[str, Callable[[Column, Surroundings], Reader]] = {
    "text": _word,
    "date": _day,
    "flag": _flag,
    "currency": _currency,
    **dict.fromkeys(LIMITS, _number),
}
