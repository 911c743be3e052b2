"""`report.xlsx`: a run's tables as sheets, with typed cells, filters, and totals as formulas.

Every cell that is a text is written as a text, so that nothing is run.
"""

from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from incentivectl.core.frames import total
from incentivectl.core.nouns import counted
from incentivectl.core.safe_text import legible
from incentivectl.output.amounts import tier_number
from incentivectl.reports.run_folder import RunFolder
from incentivectl.reports.workbook_cells import Formats, cell_range, currency_pattern, write_cell
from incentivectl.reports.workbook_summary import write_summary

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 100_000  # of a sheet: a spreadsheet still opens and filters that many
_WIDEST = 42
# Columns of money in the currency of their row, and those whose totals are told by currency.
_MONEY = (
    "before_budget", "budget_cut", "entitlement", "kept", "booked_before", "this_batch",
    "brought_forward", "payable", "carried_forward", "held",
)  # fmt: skip
_RATES = ("rate",)
_HASH = "rule_hash"


def write_workbook(run: RunFolder, file: BinaryIO) -> None:
    """Writes the workbook; the same run gives the same bytes."""
    import xlsxwriter

    book = xlsxwriter.Workbook(file)
    day = datetime.combine(run.manifest["last_day"], time())
    book.set_properties(
        {
            "title": f"{legible(run.manifest['workspace'])}: {run.manifest['period']}",
            "created": day,
            "comments": f"incentivectl {run.manifest['incentivectl']}",
        }
    )
    formats = Formats(book, {})
    summary = book.add_worksheet("summary")
    earnings_rows = _sheet(book, formats, "earnings", run.earnings, run)
    _sheet(book, formats, "payouts", run.payouts, run)
    _sheet(book, formats, "leaderboard", _leaderboard(run), run)
    _sheet(book, formats, "rejects", run.rejects, run)
    _sheet(book, formats, "ineligible", run.ineligible, run)
    write_summary(summary, formats, run, earnings_rows)
    book.close()


def _leaderboard(run: RunFolder) -> pl.DataFrame:
    """leaderboard.csv, or without it what everybody earned, due and held."""
    if run.leaderboard is not None:
        return run.leaderboard
    return (
        run.earnings.filter(pl.col("status").is_in(["due", "held"]))
        .group_by("payee_kind", "payee_id", "payee_name", "currency")
        .agg(pl.col("entitlement").sum())
        .filter(pl.col("entitlement") > 0)
        .with_columns(
            rank=pl.col("entitlement").rank("min", descending=True).over("payee_kind", "currency")
        )
        .sort("payee_kind", "currency", "rank", "payee_id")
        .select("payee_kind", "currency", "rank", "payee_id", "payee_name", "entitlement")
    )


def _sheet(
    book: "Workbook", formats: Formats, name: str, frame: pl.DataFrame, run: RunFolder
) -> int:
    """One table as a sheet with a frozen header, a filter, and totals; returns its number of rows."""
    sheet = book.add_worksheet(name)
    shown = _counted_from_one(frame.head(MOST_ROWS))
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for at, column in enumerate(frame.columns):
        sheet.write_string(0, at, column.replace("_", " "), header)
    currency_at = frame.columns.index("currency") if "currency" in frame.columns else None
    home = run.manifest["currency"]
    for number, row in enumerate(shown.iter_rows(), 1):
        currency = row[currency_at] if currency_at is not None else home
        for at, (column, value) in enumerate(zip(frame.columns, row, strict=True)):
            write_cell(sheet, formats, number, at, value, _pattern(name, column, currency))
    _layout(sheet, shown)
    if frame.height > shown.height:
        sheet.write_string(
            shown.height + 1, 0, f"{counted(frame.height - shown.height, 'more row')} in {name}.csv"
        )
    else:
        _totals(sheet, formats, name, frame, home)
    return shown.height


def _counted_from_one(frame: pl.DataFrame) -> pl.DataFrame:
    """Tiers as people count them; files count from 0."""
    if "tier" not in frame.columns:
        return frame
    return frame.with_columns(tier=pl.col("tier") + tier_number(0))


def _pattern(sheet: str, column: str, currency: str) -> str:
    if column in _MONEY or (sheet == "ineligible" and column == "amount"):
        return currency_pattern(currency)
    if column in _RATES:
        return "0.0###%"
    return ""


def _layout(sheet: "Worksheet", shown: pl.DataFrame) -> None:
    """Header frozen and filtered, columns as wide as what stands in the first rows."""
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(shown.height, 1), max(shown.width - 1, 0))
    sample = shown.head(200)
    for at, column in enumerate(shown.columns):
        longest = max((len(str(cell)) for cell in sample[column] if cell is not None), default=0)
        if isinstance(shown.schema[column], pl.Decimal):
            longest = 16
        words = max(len(word) for word in column.split("_"))
        sheet.set_column(at, at, min(max(longest, words + 3, 8), _WIDEST) + 1)
    if _HASH in shown.columns:
        at = shown.columns.index(_HASH)
        sheet.set_column(at, at, 14)


def _totals(
    sheet: "Worksheet", formats: Formats, name: str, frame: pl.DataFrame, home: str
) -> None:
    """Below the rows a total for each currency, as formulas with the values that they give."""
    if frame.is_empty():
        return
    summed = [column for column in frame.columns if column in _MONEY]
    row = frame.height + 2
    if name == "ineligible":
        sheet.write_string(row, 0, f"Total {home}", formats.of(bold=True))
        for column, pattern in (("lines", "#,##0"), ("amount", currency_pattern(home))):
            _formula(sheet, formats, row, frame, column, pattern, None, total(frame, column))
    elif summed and "currency" in frame.columns:
        for number, currency in enumerate(frame["currency"].unique().sort()):
            of = frame.filter(pl.col("currency") == currency)
            sheet.write_string(row + number, 0, f"Total {currency}", formats.of(bold=True))
            for column in summed:
                pattern = currency_pattern(currency)
                _formula(
                    sheet,
                    formats,
                    row + number,
                    frame,
                    column,
                    pattern,
                    currency,
                    total(of, column),
                )


def _formula(
    sheet: "Worksheet",
    formats: Formats,
    row: int,
    frame: pl.DataFrame,
    column: str,
    pattern: str,
    currency: str | None,
    value: Decimal,
) -> None:
    """A sum over all rows of a column, or over those of one currency."""
    at = frame.columns.index(column)
    cells = cell_range(at, frame.height)
    if currency is None:
        text = f"=SUM({cells})"
    else:
        keys = cell_range(frame.columns.index("currency"), frame.height)
        text = f'=SUMIFS({cells},{keys},"{currency}")'
    sheet.write_formula(row, at, text, formats.of(pattern, bold=True), float(value))
