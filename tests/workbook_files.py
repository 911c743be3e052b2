"""Workbooks of a few rows, written by the libraries that people's exports come from."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path

Cell = str | int | float | bool | date | datetime | None
Rows = Sequence[Sequence[Cell]]


def by_openpyxl(path: Path, rows: Rows, sheet: str = "Data") -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def by_xlsxwriter(path: Path, rows: Rows, sheet: str = "Data") -> Path:
    from xlsxwriter import Workbook

    book = Workbook(path, {"default_date_format": "dd/mm/yyyy", "strings_to_numbers": False})
    page = book.add_worksheet(sheet)
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            if cell is not None:
                page.write(at, place, cell)
    book.close()
    return path


def by_pyexcelerate(path: Path, rows: Rows, sheet: str = "Data") -> Path:
    from pyexcelerate import Format, Style, Workbook

    book = Workbook()
    page = book.new_sheet(sheet, data=[[at_midnight(cell) for cell in row] for row in rows])
    day = Style(format=Format("dd/mm/yyyy"))
    for at, row in enumerate(rows, start=1):
        for place, cell in enumerate(row, start=1):
            if isinstance(cell, date):
                page.set_cell_style(at, place, day)
    book.save(str(path))
    return path


def at_midnight(cell: Cell) -> Cell:
    """A date as a date-time, for libraries that know no other."""
    is_day = isinstance(cell, date) and not isinstance(cell, datetime)
    return datetime.combine(cell, time()) if is_day else cell  # type: ignore[arg-type]


def by_xlwt(path: Path, rows: Rows, sheet: str = "Data") -> Path:
    import xlwt

    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                page.write(at, place, cell, day)
            elif cell is not None:
                page.write(at, place, cell)
    book.save(str(path))
    return path


def by_pyxlsbwriter(path: Path, rows: Rows, sheet: str = "Data") -> Path:
    from pyxlsbwriter import XlsbWriter

    with XlsbWriter(str(path)) as book:
        book.add_sheet(sheet)
        book.write_sheet([list(row) for row in rows])
    return path


def by_odfpy(path: Path, rows: Rows, sheet: str = "Data") -> Path:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableRow

    book = OpenDocumentSpreadsheet()
    table = Table(name=sheet)
    for row in rows:
        line = TableRow()
        for cell in row:
            line.addElement(_odf_cell(cell))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def _odf_cell(cell: Cell) -> object:
    from odf.table import TableCell
    from odf.text import P

    if cell is None:
        return TableCell()
    if isinstance(cell, bool):
        made = TableCell(valuetype="boolean", booleanvalue=str(cell).lower())
    elif isinstance(cell, int | float):
        made = TableCell(valuetype="float", value=cell)
    elif isinstance(cell, date):
        made = TableCell(valuetype="date", datevalue=cell.isoformat())
    else:
        made = TableCell(valuetype="string")
    made.addElement(P(text=str(cell)))
    return made


Write = Callable[[Path, Rows], Path]
WRITERS: dict[str, tuple[str, Write]] = {
    "openpyxl": (".xlsx", by_openpyxl),
    "xlsxwriter": (".xlsx", by_xlsxwriter),
    "pyexcelerate": (".xlsx", by_pyexcelerate),
    "xlwt": (".xls", by_xlwt),
    "pyxlsbwriter": (".xlsb", by_pyxlsbwriter),
    "odfpy": (".ods", by_odfpy),
}
