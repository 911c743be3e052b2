"""Cells of `report.xlsx`: typed, in the format of their currency, and never run.

A spreadsheet keeps 15 digits of a number; an amount with more stands as text, so that it is what the
run's file says.
"""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from incentivectl.core import money
from incentivectl.core.safe_text import legible

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_DIGITS = 15
MOST_CHARACTERS = 32_767


@dataclass(frozen=True)
class Formats:
    """Cell formats, made once for each workbook."""

    book: "Workbook"
    made: dict[tuple[str, bool], Any]

    def of(self, pattern: str = "", *, bold: bool = False) -> Any:  # noqa: ANN401
        """The format with a number pattern, bold or not."""
        key = (pattern, bold)
        if key not in self.made:
            options: dict[str, Any] = {"valign": "top"}
            if pattern:
                options["num_format"] = pattern
            if bold:
                options |= {"bold": True, "top": 1}
            self.made[key] = self.book.add_format(options)
        return self.made[key]

    def money(self, currency: str, *, bold: bool = False) -> Any:  # noqa: ANN401
        """Amounts of a currency with its decimals, negative ones in red."""
        return self.of(currency_pattern(currency), bold=bold)


def currency_pattern(currency: str) -> str:
    """`[$USD] #,##0.00` with the decimals of the currency's minor unit."""
    digits = money.minor_digits(currency)
    number = f"[${currency}] #,##0{f'.{0:0{digits}}' if digits else ''}"
    return f"{number};[Red]-{number}"


def write_cell(
    sheet: "Worksheet", formats: Formats, row: int, at: int, value: object, pattern: str
) -> None:
    """One value by its type; nothing where it is None."""
    if value is None:
        return
    if isinstance(value, Decimal):
        if is_exact(value):
            sheet.write_number(row, at, float(value), formats.of(pattern or "#,##0.######"))
        else:
            sheet.write_string(row, at, money.plain(value), formats.of("@"))
    elif isinstance(value, int):
        sheet.write_number(row, at, value, formats.of("#,##0"))
    elif hasattr(value, "year"):
        sheet.write_datetime(row, at, datetime.combine(value, time()), formats.of("yyyy-mm-dd"))  # type: ignore[arg-type]
    else:
        sheet.write_string(row, at, legible_cell(str(value)), formats.of())


def is_exact(value: Decimal) -> bool:
    """Whether a spreadsheet keeps all digits of a number."""
    return len(money.plain(value).lstrip("-").replace(".", "").lstrip("0")) <= MOST_DIGITS


def legible_cell(text: str) -> str:
    """A text without control signs, and not longer than a cell may be."""
    return legible(text)[:MOST_CHARACTERS]


def cell_range(at: int, rows: int, sheet: str = "") -> str:
    """The cells of a column below its header."""
    from xlsxwriter.utility import xl_col_to_name

    letters = xl_col_to_name(at)
    return f"{f'{sheet}!' if sheet else ''}${letters}$2:${letters}${rows + 1}"
