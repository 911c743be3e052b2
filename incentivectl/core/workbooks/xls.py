"""Sheets of `.xls` files (BIFF, until Excel 2003), read by xlrd, which tells error values from others."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeAlias

from incentivectl.core.workbooks.archives import protected
from incentivectl.core.workbooks.cells import (
    ERROR_VALUES,
    UNNAMED_ERROR,
    Cell,
    WorkbookError,
    damaged,
)

Book: TypeAlias = Any  # of xlrd, which has no types
Sheet: TypeAlias = Any


def opened_book(path: Path) -> Book:
    """The workbook; raises `WorkbookError`."""
    import io

    import xlrd

    try:
        return xlrd.open_workbook(path, on_demand=True, ragged_rows=True, logfile=io.StringIO())
    except Exception as error:  # xlrd lets through whatever a damaged file brings about
        raise _refused(error) from None


def rows_of(book: Book, name: str) -> Iterator[list[Cell]]:
    """The rows of a sheet from its first."""
    try:
        sheet = book.sheet_by_name(name)
    except Exception as error:
        raise _refused(error) from None
    for row in range(sheet.nrows):
        yield [_cell(book, sheet, row, column) for column in range(sheet.row_len(row))]


def _refused(error: Exception) -> WorkbookError:
    return protected() if "encrypted" in str(error) else damaged(error)


def _cell(book: Book, sheet: Sheet, row: int, column: int) -> Cell:
    import xlrd

    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_ERROR:
        return ERROR_VALUES.get(value, UNNAMED_ERROR)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE:
        return _moment(value, book.datemode)
    return value  # type: ignore[no-any-return]


def _moment(value: float, datemode: int) -> Cell:
    import xlrd

    try:
        found: datetime = xlrd.xldate_as_datetime(value, datemode)
    except (ValueError, OverflowError):
        return value
    if 0 <= value < 1:
        return found.time()
    return date(found.year, found.month, found.day) if found.time() == time() else found
