"""Rows with a `valid_from`: of several rows of one id, the row in force on a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from tests.reference.rows import Row


def rows_by(column: str, rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each id, those without `valid_from` first, then by it."""
    out: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        out[row[column]].append(row)
    for of_one in out.values():
        of_one.sort(key=lambda row: row["valid_from"] or date.min)
    return dict(out)


def in_force(rows: Sequence[Row], day: date) -> Row | None:
    """The last row that has begun; before its first `valid_from` an id's first row counts (rule 4)."""
    begun = [row for row in rows if row["valid_from"] is None or row["valid_from"] <= day]
    return begun[-1] if begun else (rows[0] if rows else None)
