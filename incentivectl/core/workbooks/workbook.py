"""A workbook and its sheets, whatever its format; nothing is taken from what its name says.

Cells are read by calamine, those of `.xls` by xlrd. Calamine holds a whole sheet in memory, as far as its
last cell, and tells no error values, so each sheet is looked over before (`xlsx`, `xlsb`, `ods`).
"""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from zipfile import ZipFile

import python_calamine

from incentivectl.core.input_files import opened
from incentivectl.core.workbooks import ods, xls, xlsb, xlsx
from incentivectl.core.workbooks.archives import BAD_ZIP, Parts, protected
from incentivectl.core.workbooks.cells import Cell, Errors, WorkbookError, damaged

_FORMATS = {".xlsx": xlsx, ".xlsb": xlsb, ".ods": ods}
_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORKSHEET = python_calamine.SheetTypeEnum.WorkSheet
_VISIBLE = python_calamine.SheetVisibleEnum.Visible
_Found = TypeVar("_Found")
Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class SheetName:
    """A sheet with cells, and whether the workbook hides it."""

    name: str
    hidden: bool


class Workbook:
    """An open workbook; raises `WorkbookError`, `BeyondLimitError` and OSError.

    `sheets` are those with cells, in the workbook's order: no charts.
    """

    sheets: tuple[SheetName, ...]

    def __init__(self, path: Path) -> None:
        self._path = path
        self._closing = ExitStack()
        self._loaded: python_calamine.CalamineSheet | None = None
        self._errors: Errors = {}
        try:
            self._open()
        except BaseException:
            self._closing.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def _open(self) -> None:
        file = self._closing.enter_context(opened(self._path))
        self._parts: Parts | None = None
        start = file.read(len(_OLE))
        if start.startswith(_ZIP):
            try:
                self._parts = Parts(self._closing.enter_context(ZipFile(file)), self._path)
            except BAD_ZIP as error:
                raise damaged(error) from None
        elif start != _OLE:
            raise _no_workbook(start)
        elif _ENCRYPTED in file.read():
            raise protected()
        self._check_ending()
        if self._parts is None:
            self._book = xls.opened_book(self._path)
            self._closing.callback(self._book.release_resources)
            self.sheets = tuple(
                SheetName(name, bool(self._book._sheet_visibility[at]))
                for at, name in enumerate(self._book.sheet_names())
            )
        else:
            _FORMATS[self._kind()].check(self._parts)
            self._calamine = _read(lambda: python_calamine.load_workbook(self._path))
            self.sheets = tuple(
                SheetName(sheet.name, sheet.visible != _VISIBLE)
                for sheet in self._calamine.sheets_metadata
                if sheet.typ == _WORKSHEET
            )

    def _check_ending(self) -> None:
        found = self._kind()
        ending = self._path.suffix.lower()
        if ending != found and (ending, found) != (".xlsm", ".xlsx"):
            message = f"it is an {found} workbook, though its name ends in {ending}"
            raise WorkbookError("wrong-ending", message, f"let its name end in {found}")

    def _kind(self) -> str:
        if self._parts is None:
            return ".xls"
        for part, ending in (
            ("xl/workbook.xml", ".xlsx"),
            ("xl/workbook.bin", ".xlsb"),
            ("content.xml", ".ods"),
        ):
            if part in self._parts:
                return ending
        raise _no_workbook(_ZIP)

    def chosen(self, sheet: str | int | None) -> SheetName:
        """The sheet of a name, or of a number among those that are not hidden (from 1)."""
        visible = [one for one in self.sheets if not one.hidden]
        if isinstance(sheet, str):
            found = [one for one in self.sheets if one.name == sheet]
        else:
            found = visible[(sheet or 1) - 1 :][:1]
        if not found:
            raise self._missing(sheet, visible)
        return found[0]

    def _missing(self, sheet: str | int | None, visible: Sequence[SheetName]) -> WorkbookError:
        names = [one.name for one in self.sheets]
        listed = ", ".join(
            f'"{one.name}" (hidden)' if one.hidden else f'"{one.name}"' for one in self.sheets
        )
        hint = f"it has {listed}" if listed else "it has no sheet with cells"
        if isinstance(sheet, str):
            near = difflib.get_close_matches(sheet, names, 1, 0.6)
            hint += f'; did you mean "{near[0]}"?' if near else ""
            return WorkbookError("no-sheet", f'it has no sheet "{sheet}"', hint)
        message = f"it has no sheet {sheet or 1}: {len(visible)} are not hidden"
        return WorkbookError("no-sheet", message, hint)

    def rows(self, sheet: SheetName) -> Iterator[tuple[int, list[Cell]]]:
        """Number (from 1) and cells (from column A) of the rows that hold anything."""
        for at, cells in enumerate(self._all_rows(sheet)):
            if cells.count("") < len(cells):
                yield at + 1, cells

    def merged(self, sheet: SheetName) -> list[Span]:
        """First and last cell (row, column, both from 0) of merged ones, where the format tells."""
        if self._parts is None:
            return []
        cells = self._sheet(sheet)
        return list(cells.merged_cell_ranges or [])

    def _sheet(self, sheet: SheetName) -> python_calamine.CalamineSheet:
        """The sheet with its cells in memory; it has been looked over before."""
        if self._loaded is None or self._loaded.name != sheet.name:
            self._errors = self._look_over(sheet)
            self._loaded = _read(lambda: self._calamine.get_sheet_by_name(sheet.name))
        return self._loaded

    def _all_rows(self, sheet: SheetName) -> Iterator[list[Cell]]:
        if self._parts is None:
            yield from xls.rows_of(self._book, sheet.name)
            return
        cells = self._sheet(sheet)
        errors = self._errors
        before: list[Cell] = [""] * (cells.start[1] if cells.start is not None else 0)
        if cells.start is None:
            return
        if not errors and not before:
            yield from cells.iter_rows()
            return
        for at, row in enumerate(cells.iter_rows()):
            whole = before + row if before else row
            yield _with_errors(whole, errors[at]) if at in errors else whole

    def _look_over(self, sheet: SheetName) -> Errors:
        assert self._parts is not None
        errors: Errors = _FORMATS[self._kind()].scan(self._parts, sheet.name)
        return errors


def _with_errors(cells: Sequence[Cell], errors: Mapping[int, str]) -> list[Cell]:
    """The cells of a row, with the error values that stand in it."""
    found = [*cells, *[""] * (max(errors) + 1 - len(cells))]
    for column, value in errors.items():
        found[column] = value
    return found


def _no_workbook(start: bytes) -> WorkbookError:
    hint = "save it as a workbook, or as CSV under a name that ends in .csv"
    if start.lstrip()[:1] == b"<":
        message = "it is a web page or XML and not a workbook, whatever its name says"
    else:
        message = "it is not a workbook, whatever its name says"
        hint = "if it is text, let its name end in .csv; if it is a workbook, it is damaged"
    return WorkbookError("not-a-workbook", message, hint)


def _read(read: Callable[[], _Found]) -> _Found:
    """What calamine reads; raises `WorkbookError` for whatever it finds wrong, panics included."""
    try:
        return read()
    except python_calamine.PasswordError:
        raise protected() from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise damaged(error) from None
    except BaseException as error:
        if (
            type(error).__name__ != "PanicException"
        ):  # each library has its own, which is no Exception
            raise
        raise damaged(error) from None
