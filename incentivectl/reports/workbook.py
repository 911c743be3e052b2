"""`report.xlsx`: a run's tables as sheets, with typed cells, filters, and totals as formulas.

Every cell that is a text is written as a text, so that nothing is run. A spreadsheet keeps 15 digits of
a number; an amount with more stands as text, so that it is what the run's file says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from incentivectl import money
from incentivectl.frames import total
from incentivectl.reports.output import legible
from incentivectl.reports.run_figures import STATUSES, program_costs
from incentivectl.reports.run_folder import RunFolder

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_000_000  # of a sheet; a spreadsheet has 1,048,576
MOST_DIGITS = 15
MOST_CHARACTERS = 32_767
_WIDEST = 42
# Columns of money in the currency of their row, and those whose totals are told by currency.
_MONEY = (
    "before_budget", "budget_cut", "entitlement", "kept", "booked_before", "this_batch",
    "brought_forward", "payable", "carried_forward", "held",
)  # fmt: skip
_RATES = ("rate",)
_HASH = "rule_hash"


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


def write_workbook(run: RunFolder, path: Path) -> None:
    """Writes the workbook; the same run gives the same bytes."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
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
    _summary(summary, formats, run, earnings_rows)
    book.close()


def _leaderboard(run: RunFolder) -> pl.DataFrame:
    """leaderboard.csv, or what everybody earned, due and held, where there is none."""
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
    shown = frame.head(MOST_ROWS)
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for at, column in enumerate(frame.columns):
        sheet.write_string(0, at, column.replace("_", " "), header)
    currency_at = frame.columns.index("currency") if "currency" in frame.columns else None
    home = run.manifest["currency"]
    for number, row in enumerate(shown.iter_rows(), 1):
        currency = row[currency_at] if currency_at is not None else home
        for at, (column, value) in enumerate(zip(frame.columns, row, strict=True)):
            _cell(sheet, formats, number, at, value, _pattern(name, column, currency))
    _layout(sheet, shown)
    if frame.height > shown.height:
        sheet.write_string(
            shown.height + 1, 0, f"{frame.height - shown.height:,} more rows stand in {name}.csv"
        )
    else:
        _totals(sheet, formats, name, frame, home)
    return shown.height


def _pattern(sheet: str, column: str, currency: str) -> str:
    if column in _MONEY or (sheet == "ineligible" and column == "amount"):
        return currency_pattern(currency)
    if column in _RATES:
        return "0.0###%"
    return ""


def _cell(  # noqa: PLR0913
    sheet: "Worksheet", formats: Formats, row: int, at: int, value: object, pattern: str
) -> None:
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
                    sheet, formats, row + number, frame, column, pattern, currency, total(of, column)
                )


def _formula(  # noqa: PLR0913
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
    cells = _range(at, frame.height)
    if currency is None:
        text = f"=SUM({cells})"
    else:
        keys = _range(frame.columns.index("currency"), frame.height)
        text = f'=SUMIFS({cells},{keys},"{currency}")'
    sheet.write_formula(row, at, text, formats.of(pattern, bold=True), float(value))


def _range(at: int, rows: int, sheet: str = "") -> str:
    from xlsxwriter.utility import xl_col_to_name

    letters = xl_col_to_name(at)
    return f"{f'{sheet}!' if sheet else ''}${letters}$2:${letters}${rows + 1}"


# The summary


def _summary(sheet: "Worksheet", formats: Formats, run: RunFolder, rows: int) -> None:
    """What was asked for, and each program's cost by status as sums over the sheet of earnings."""
    manifest = run.manifest
    facts: list[tuple[str, object]] = [
        ("Workspace", manifest["workspace"]),
        ("Period", manifest["period"]),
        ("As of", manifest["last_day"]),
        ("Currency", manifest["currency"]),
        ("Made by", f"incentivectl {manifest['incentivectl']}"),
    ]
    for at, (label, value) in enumerate(facts):
        sheet.write_string(at, 0, label, formats.of(bold=False))
        _cell(sheet, formats, at, 1, value, "")
    head = len(facts) + 1
    names = ("program", "name", "kind", "currency", *STATUSES, "cost", "this batch", "budget", "used")
    bold = formats.of(bold=True)
    for at, label in enumerate(names):
        sheet.write_string(head, at, label, bold)
    first = head + 1
    listed = list(_summary_rows(run))
    for at, row in enumerate(listed):
        _summary_row(sheet, formats, first + at, row, run, rows)
    sheet.freeze_panes(first, 1)
    sheet.autofilter(head, 0, first + max(len(listed), 1) - 1, len(names) - 1)
    _summary_totals(sheet, formats, first, listed)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 3, 13)
    sheet.set_column(4, len(names) - 1, 17)


@dataclass(frozen=True)
class SummaryRow:
    """One program; `sums` are its statuses, then its cost and this batch."""

    program_id: str
    name: str
    kind: str
    currency: str
    sums: tuple[Decimal, ...]
    budget: Decimal | None


def _summary_rows(run: RunFolder) -> Iterator[SummaryRow]:
    for one in program_costs(run):
        sums = (*(one.by_status[status] for status in STATUSES), one.cost, one.this_batch)
        yield SummaryRow(one.program_id, one.name, one.kind, one.currency, sums, one.budget)


def _summary_row(  # noqa: PLR0913
    sheet: "Worksheet", formats: Formats, at: int, row: SummaryRow, run: RunFolder, rows: int
) -> None:
    for column, text in enumerate((row.program_id, row.name, row.kind, row.currency)):
        _cell(sheet, formats, at, column, text, "")
    columns = run.earnings.columns
    ranges = {
        name: _range(columns.index(name), max(rows, 1), "earnings")
        for name in ("program_id", "status", "entitlement", "this_batch")
    }
    shown = formats.money(row.currency)
    of_program = f"{ranges['program_id']},$A{at + 1}"
    texts = [
        f'=SUMIFS({ranges["entitlement"]},{of_program},{ranges["status"]},"{status}")'
        for status in STATUSES
    ]
    texts.append(f"=SUM(E{at + 1}:H{at + 1})")
    texts.append(f"=SUMIFS({ranges['this_batch']},{of_program})")
    for column, (text, value) in enumerate(zip(texts, row.sums, strict=True), 4):
        sheet.write_formula(at, column, text, shown, float(value))
    if row.budget is not None:
        sheet.write_number(at, 10, float(row.budget), shown)
    if row.budget:
        used = float(row.sums[len(STATUSES)] / row.budget)
        sheet.write_formula(at, 11, f"=I{at + 1}/K{at + 1}", formats.of("0.0%"), used)


def _summary_totals(
    sheet: "Worksheet", formats: Formats, first: int, rows: Sequence[SummaryRow]
) -> None:
    """A total for each currency."""
    last = first + len(rows)
    for number, currency in enumerate(sorted({row.currency for row in rows})):
        at = last + 1 + number
        sheet.write_string(at, 0, f"Total {currency}", formats.of(bold=True))
        keys = f"$D${first + 1}:$D${last}"
        for column in range(len(STATUSES) + 2):
            letter = "EFGHIJ"[column]
            value = sum(
                (row.sums[column] for row in rows if row.currency == currency), Decimal(0)
            )
            text = f'=SUMIFS({letter}${first + 1}:{letter}${last},{keys},"{currency}")'
            style = formats.money(currency, bold=True)
            sheet.write_formula(at, 4 + column, text, style, float(value))
