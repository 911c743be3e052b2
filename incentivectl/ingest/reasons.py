"""Why a row is rejected: the reason codes, and the order in which they are looked for.

Inside ingest a reason is a small number (`UInt16`) that names the code and the column at once. The
numbers of a table follow the order of docs/rules.md, "Reading": the lowest one that applies is the
row's reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column, Table

REASON = pl.UInt16

# References that reject a row where the master that they name does not know the id.
CHECKED_REFERENCES = {"partner_id": "partner", "product_id": "product", "rep_id": "rep"}

ATTRIBUTE = "attribute"  # stands for the one that is to blame
_OF_KIND: dict[str, tuple[str, ...]] = {
    "text": (),
    "date": ("bad-date",),
    "amount": ("bad-number", "bad-value", "too-precise", "too-large"),
    "fx_rate": ("bad-number", "bad-value", "too-precise", "too-large"),
    "whole": ("bad-number", "bad-value", "too-precise", "too-large"),
    "flag": ("bad-value",),
    "currency": ("bad-value",),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code (`bad-date`), and the column whose cell is to blame ("" for the whole row)."""

    code: str
    column: str = ""


def _reasons(table: Table) -> Iterator[Reason]:
    yield Reason("skipped")
    yield Reason("field-count")
    yield Reason("bad-encoding")
    yield Reason("bad-value")
    for column in table.columns:
        yield from _reasons_of(column)
    for column in table.columns:
        if is_checked(table.name, column):
            yield Reason(f"unknown-{CHECKED_REFERENCES[column.name]}", column.name)
    if table.name == "adjustments":
        yield Reason("unknown-rep", "payee_id")
    if table.name == "levels":
        yield Reason("bad-value", "level")  # one that the program does not have
    yield Reason("bad-number", ATTRIBUTE)
    yield Reason("bad-date", ATTRIBUTE)
    yield Reason("missing-amount", "amount")
    yield Reason("too-large", "computed amount")
    yield Reason("no-fx-rate", "currency")
    yield Reason("ambiguous-sale", "sale_id")
    yield Reason("bad-share", "share")


def _reasons_of(column: Column) -> Iterator[Reason]:
    if column.required:
        yield Reason(f"missing-{column.name}", column.name)
    for code in ("bad-value",) if column.choices or column.is_id else _OF_KIND[column.kind]:
        yield Reason(code, column.name)


def is_checked(table: str, column: Column) -> bool:
    """Whether an unknown id in this column rejects the row; an id of the table itself does not."""
    return column.name in CHECKED_REFERENCES and column.refers_to not in (None, table)


@cache
def reasons_of(table: str) -> tuple[Reason, ...]:
    """All reasons of a table in the order in which they are looked for; `skipped` comes first."""
    return tuple(_reasons(TABLES[table]))


@cache
def number_of(table: str, code: str, column: str = "") -> int:
    """The number that stands for a reason in the `reason` column of a table's rows."""
    return reasons_of(table).index(Reason(code, column))


def when(condition: pl.Expr, table: str, code: str, column: str = "") -> pl.Expr:
    """The reason's number where `condition` is true, else null."""
    return pl.when(condition).then(pl.lit(number_of(table, code, column), dtype=REASON))


SKIPPED = 0
FIELD_COUNT = 1

ALL_CODES: frozenset[str] = frozenset(
    reason.code for name in TABLES for reason in reasons_of(name) if reason.code != "skipped"
)
