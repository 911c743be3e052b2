"""What a sheet holds, and what keeps a workbook from being read."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from incentivectl.core import limits
from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.nouns import counted

# A cell as it is stored: a date-time without a time of day is a date, and "" is an empty cell. An error
# value is its text, such as `#REF!`.
Cell = str | float | int | bool | date | datetime | time | timedelta
# Row → column → error value, both from 0.
Errors = dict[int, dict[int, str]]

ERROR_VALUES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
UNNAMED_ERROR = "#ERROR!"
FIRST_LOST = 1e15  # spreadsheets keep fifteen digits
# All that a cell may show in place of a value, in spreadsheets of today.
ERROR_TEXTS = frozenset(
    {
        *ERROR_VALUES.values(),
        UNNAMED_ERROR,
        *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"),
        *("#PYTHON!", "#EXTERNAL!"),
    }
)


def error_text(shown: str) -> str:
    """The error value that a cell shows; `UNNAMED_ERROR` for an unknown one."""
    return shown.strip() if shown.strip() in ERROR_TEXTS else UNNAMED_ERROR


def as_text(cell: Cell) -> str:
    """A cell as text: what it is to a column of texts.

    A whole number of more digits than spreadsheets keep is written as one that has lost some
    (docs/rules.md, 3.31).
    """
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            text = format(cell, ".15g")
            if abs(cell) >= FIRST_LOST:
                return f"{cell:.14E}"
            return format(Decimal(text), "f") if "e" in text else text
        case datetime():
            return cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)


class WorkbookError(Exception):
    """Why a workbook cannot be read, and what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def damaged(reason: object) -> WorkbookError:
    """What is told of a workbook that is not what its name says."""
    text = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
    hint = "open it in a spreadsheet, save it again, or export it again"
    return WorkbookError("broken-workbook", f"the workbook is damaged: {text}", hint)


class Extent:
    """How far a sheet goes; its cells from A1 to there are held in memory at once."""

    def __init__(self) -> None:
        self.rows = self.columns = 0

    def reach(self, rows: int, columns: int) -> None:
        """Takes in that the sheet goes to this row and column (from 1)."""
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)

    def check(self) -> None:
        """Raises `BeyondLimitError` where the cells are too many to be held."""
        if self.rows * self.columns > limits.SHEET_CELLS:
            reach = f"{counted(self.rows, 'row')} × {counted(self.columns, 'column')}"
            message = f"the sheet goes over {reach}, more than {limits.SHEET_CELLS:,} cells"
            hint = "delete what stands far below or beside the table, or save the sheet as CSV"
            raise BeyondLimitError(message, hint)
