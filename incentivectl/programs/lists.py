"""Lists that a program reads from a file: `{ in = "lists/q3.csv" }` and `per_product = "…"`.

A path is looked for in the workspace's folder, then beside the program. What the files hold becomes
part of the model, and so of the rule's hash.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pydantic_core import PydanticCustomError

from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.input_files import check_size, content
from incentivectl.core.limits import LIST_BYTES
from incentivectl.core.tables.columns import Column
from incentivectl.core.workbooks.cells import ERROR_TEXTS, WorkbookError, as_text
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.toml.numbers import within_limits
from incentivectl.toml.wrong import wrong

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Lists:
    """Where the lists of one program are looked for."""

    folders: tuple[Path, ...]

    def first_column(self, path: str, column: Column) -> tuple[str | Decimal | date | bool, ...]:
        """The first column of a file as values of `column`, without a header.

        A first line that is the column's own name is a header, and so is one that is an error value where
        numbers, dates or flags are expected. Any other first line is kept: at worst it names
        something that does not exist.
        """
        found: dict[str | Decimal | date | bool, None] = {}
        for index, (line, row) in enumerate(self._rows(path)):
            if index == 0 and row[0].casefold() == column.name.casefold():
                continue
            try:
                found[value(row[0], column, f"{path}:{line}")] = None
            except PydanticCustomError:
                if index:
                    raise
        if not found:
            raise wrong("empty-list", f"the file {path} is empty")
        return tuple(found)

    def numbers(self, path: str, key: str, number: str) -> dict[str, Decimal]:
        """Column `key` → column `number` of a file with a header."""
        rows = self._rows(path)
        _, header = next(rows, (1, []))
        if missing := [name for name in (key, number) if name not in header]:
            raise wrong(
                "list-without-column",
                f"the file {path} has no column {' and no column '.join(missing)}",
                f"its first line must name {key} and {number}",
            )
        found: dict[str, Decimal] = {}
        for line, row in rows:
            cells = dict(zip(header, row, strict=False))
            name, text = cells.get(key, ""), cells.get(number, "")
            if not name or name in found:
                why = f"{key} {name} is listed twice" if name else f"{key} is missing"
                raise wrong("bad-list-row", f"{path}:{line}: {why}")
            found[name] = _number(text, f"{path}:{line}")
            if found[name] < 0:
                raise wrong("bad-list-row", f"{path}:{line}: {text} is below 0")
        if not found:
            raise wrong("empty-list", f"the file {path} is empty")
        return found

    def _rows(self, path: str) -> Iterator[tuple[int, list[str]]]:
        """The `records` whose first cell is not empty."""
        return ((line, cells) for line, cells in self.records(path) if cells[0])

    def records(self, path: str) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not empty, each with its first line in the file; cells are stripped."""
        if is_workbook(path):
            yield from self._rows_of_workbook(path)
            return
        text = self._read(path)
        first_line = text.partition("\n")[0]
        delimiter = next((sign for sign in _DELIMITERS if sign in first_line), ",")
        reader = csv.reader(io.StringIO(text), delimiter=delimiter)
        before = 0
        try:
            for row in reader:
                first, before = before + 1, reader.line_num
                cells = [cell.strip() for cell in row]
                if any(cells):
                    yield first, cells
        except csv.Error as error:
            raise wrong("bad-list", f"the file {path} is not valid CSV: {error}") from None

    def _rows_of_workbook(self, path: str) -> Iterator[tuple[int, list[str]]]:
        """As `records`, of the first sheet of a workbook."""
        from incentivectl.core.workbooks.workbook import Workbook

        try:
            place = self._place(path)
            check_size(place, LIST_BYTES)
            with Workbook(place) as workbook:
                for number, row in workbook.rows(workbook.chosen(None)):
                    cells = [as_text(cell).strip() for cell in row]
                    if errors := ERROR_TEXTS.intersection(cells):
                        raise wrong(
                            "bad-list-row", f"{path}:{number}: {min(errors)} is an error value"
                        )
                    if any(cells):
                        yield number, cells
        except (WorkbookError, BeyondLimitError) as error:
            raise wrong("bad-list", f"the file {path}: {error.message}", error.hint) from None
        except PydanticCustomError:
            raise
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def _read(self, path: str) -> str:
        try:
            return content(self._place(path), LIST_BYTES).decode("utf-8-sig")
        except PydanticCustomError:
            raise
        except UnicodeDecodeError:
            raise wrong("not-utf8", f"the file {path} is not UTF-8 text") from None
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def _place(self, path: str) -> Path:
        """Where a list lies: in the workspace or beside the program, so that the archive can keep it."""
        inside = not Path(path).is_absolute() and ".." not in Path(path).parts
        for folder in self.folders if inside else ():
            place = folder / path
            if place.exists():
                real = place.resolve()
                inside = any(real.is_relative_to(one.resolve()) for one in self.folders)
                if inside:
                    return place
        if not inside:
            hint = "copy it into the workspace, and write its path from there"
            raise wrong("list-outside", f"the list {path} lies outside the workspace", hint)
        hint = "paths start at the workspace's folder"
        raise wrong("no-such-file", f"file not found: {path}", hint)


def _unreadable(path: str, error: Exception) -> PydanticCustomError:
    why = getattr(error, "strerror", None) or str(error)
    return wrong("unreadable-file", f"the file {path} cannot be read: {why}")


def value(text: str, column: Column, place: str) -> str | Decimal | date | bool:
    """A cell as a value of a column; `place` is its file and line."""
    match column.kind:
        case "text" | "currency":
            return text
        case "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise wrong("bad-list-row", f'{place}: invalid date "{text}"') from None
        case "flag":
            if text not in ("true", "false"):
                raise wrong("bad-list-row", f'{place}: "{text}" is neither true nor false')
            return text == "true"
    return _number(text, place)


def _number(text: str, place: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise wrong("bad-list-row", f'{place}: invalid number "{text}"') from None
    try:
        return within_limits(number)
    except PydanticCustomError as error:
        raise wrong("bad-list-row", f"{place}: {error.message()}") from None
