"""Terms files: contracts and rate cards as rows of a table, and which of them fits.

A column with a dot is a key, `valid_from` and `valid_until` are its dates, `contract` is its name;
every other column is a value of `[reward]` or of its tiers.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from tests.reference.exact import number
from tests.reference.tables import Value


@dataclass(frozen=True, eq=False)
class Term:
    """The rows that agree in all keys and both dates: one row without `from`, or tiers.

    `lines` are the rows' numbers in the file, `pays` their filled value cells.
    """

    path: str
    lines: tuple[int, ...]
    contract: str | None
    keys: dict[str, str]
    valid_from: date
    valid_until: date
    per_payee: Fraction | None
    max_quantity: Fraction | None
    pays: tuple[dict[str, str], ...]

    @property
    def name(self) -> tuple[str, int]:
        """What tells it from all others: its file and its first row."""
        return (self.path, self.lines[0])

    def fits(self, look_up: Callable[[str], Value], day: date) -> bool:
        """Every filled key equals the field, and the day lies within its dates."""
        return self.valid_from <= day <= self.valid_until and all(
            _is(look_up(key), text) for key, text in self.keys.items()
        )


@dataclass(frozen=True)
class Terms:
    """A terms file: its key columns in their order, and its terms."""

    key_columns: tuple[str, ...]
    terms: tuple[Term, ...]

    def term_for(self, look_up: Callable[[str], Value], day: date) -> Term | None:
        """Of the terms that fit, the one with the first key column filled; then the second decides."""
        fitting = [term for term in self.terms if term.fits(look_up, day)]

        def special(term: Term) -> tuple[bool, ...]:
            return tuple(column in term.keys for column in self.key_columns)

        best = max(fitting, key=special, default=None)
        assert [special(term) for term in fitting].count(special(best) if best else ()) <= 1
        return best


def _is(value: Value, text: str) -> bool:
    """A missing field equals nothing; numbers and dates are compared by value, text exactly."""
    if value is None:
        return False
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, date):
        return value == date.fromisoformat(text)
    return bool(value == text if isinstance(value, str) else Fraction(value) == number(text))


def read_terms(folder: Path, path: str) -> Terms:
    """The terms of a file; a path counts from the workspace."""
    header, *records = _sheet(folder / path) if path.endswith(".xlsx") else _csv(folder / path)
    columns = header[1]
    groups: dict[tuple[str, ...], list[tuple[int, dict[str, str]]]] = defaultdict(list)
    keys = tuple(column for column in columns if "." in column)
    for line, record in records:
        row = {c: cell for c, cell in zip(columns, record, strict=False) if cell}
        same = (*keys, "valid_from", "valid_until")
        groups[tuple(row.get(column, "") for column in same)].append((line, row))
    return Terms(keys, tuple(_term(path, keys, rows) for rows in groups.values()))


def _term(path: str, keys: tuple[str, ...], rows: list[tuple[int, dict[str, str]]]) -> Term:
    """One term; what stands once for all its rows may be empty in some of them."""

    def once(column: str) -> str | None:
        return next((row[column] for _, row in rows if column in row), None)

    cap, most = once("per_payee"), once("max_quantity")
    about = {*keys, "valid_from", "valid_until", "contract", "per_payee", "max_quantity"}
    return Term(
        path,
        tuple(line for line, _ in rows),
        once("contract"),
        {key: rows[0][1][key] for key in keys if key in rows[0][1]},
        date.fromisoformat(once("valid_from") or "0001-01-01"),
        date.fromisoformat(once("valid_until") or "9999-12-31"),
        None if cap is None else number(cap),
        None if most is None else number(most),
        tuple({c: cell for c, cell in row.items() if c not in about} for _, row in rows),
    )


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each record: UTF-8, a BOM tolerated, comma."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        before = 0
        for record in reader:
            first, before = before + 1, reader.line_num
            if record:
                yield first, [cell.strip() for cell in record]


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of a workbook's first sheet, typed cells written as a CSV file has them."""
    import openpyxl

    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    for line, record in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_written(cell) for cell in record]
        if any(cells):
            yield line, cells


def _written(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float):
        return format(Decimal(f"{cell:.15g}"), "f")
    return "" if cell is None else str(cell).strip()
