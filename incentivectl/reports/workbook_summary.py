"""The first sheet of `report.xlsx`: each program's cost as sums over the sheet of earnings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from incentivectl.reports.booked import left_of_folder, what_text
from incentivectl.reports.run_figures import attention, program_costs
from incentivectl.reports.run_folder import RunFolder
from incentivectl.reports.workbook_cells import Formats, cell_range, write_cell
from incentivectl.run.program_rows import ADJUSTMENTS, ProgramRow, shown_columns, totals
from incentivectl.settlement.bookings import ELSEWHERE

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_FIRST = 4  # the column of the first amount
# Amounts that are sums over the sheet of earnings, and the column there.
_SUMMED = {
    "earned": "entitlement",
    "booked_before": "booked_before",
    "this_batch": "this_batch",
    "settled_elsewhere": "entitlement",
}


def write_summary(sheet: "Worksheet", formats: Formats, run: RunFolder, rows: int) -> None:
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
        write_cell(sheet, formats, at, 1, value, "")
    head = len(facts) + 1
    listed = program_costs(run)
    amounts = (*shown_columns(listed), "settled_elsewhere")
    names = ("program", "name", "kind", "currency", *amounts, "cost", "budget", "used")
    bold = formats.of(bold=True)
    for at, label in enumerate(names):
        sheet.write_string(head, at, label.replace("_", " "), bold)
    first = head + 1
    for at, row in enumerate(listed):
        _summary_row(sheet, formats, first + at, row, amounts, run, rows)
    sheet.freeze_panes(first, 1)
    sheet.autofilter(head, 0, first + max(len(listed), 1) - 1, len(names) - 1)
    below = _summary_totals(sheet, formats, first, listed, amounts)
    below = _booked(sheet, formats, below + 1, run)
    _attention(sheet, formats, below + 1, run)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 3, 13)
    sheet.set_column(4, len(names) - 1, 17)


def _summary_row(
    sheet: "Worksheet",
    formats: Formats,
    at: int,
    row: ProgramRow,
    amounts: Sequence[str],
    run: RunFolder,
    rows: int,
) -> None:
    """One program: sums over the sheet of earnings where that has the column."""
    for column, text in enumerate((row.program_id, row.name, row.kind, row.currency)):
        write_cell(sheet, formats, at, column, text, "")
    columns = run.earnings.columns
    ranges = {
        name: cell_range(columns.index(name), max(rows, 1), "earnings")
        for name in ("program_id", "status", *_SUMMED.values())
    }
    shown = formats.money(row.currency)
    for column, name in enumerate(amounts, _FIRST):
        value = float(row.amounts[name])
        if name not in _SUMMED or row.program_id == ADJUSTMENTS:
            sheet.write_number(at, column, value, shown)
            continue
        sign = "" if name == "settled_elsewhere" else "<>"
        text = (
            f"=SUMIFS({ranges[_SUMMED[name]]},{ranges['program_id']},$A{at + 1}"
            f',{ranges["status"]},"{sign}{ELSEWHERE}")'
        )
        sheet.write_formula(at, column, text, shown, value)
    cost_at = _FIRST + len(amounts)
    earned, elsewhere = (
        _letter(_FIRST + amounts.index(n)) for n in ("earned", "settled_elsewhere")
    )
    text = f"=SUM({earned}{at + 1},{elsewhere}{at + 1})"
    sheet.write_formula(at, cost_at, text, shown, float(row.cost))
    if row.budget is not None:
        sheet.write_number(at, cost_at + 1, float(row.budget), shown)
    if row.used is not None:
        share = f"{_letter(cost_at)}{at + 1}/{_letter(cost_at + 1)}{at + 1}"
        # As everywhere, 100 % only where it is all.
        text = f"=IF(AND({share}<>1,ROUND({share},3)=1),1+0.001*SIGN({share}-1),ROUND({share},3))"
        sheet.write_formula(at, cost_at + 2, text, formats.of("0.0%"), float(row.used) / 100)


def _summary_totals(
    sheet: "Worksheet",
    formats: Formats,
    first: int,
    rows: Sequence[ProgramRow],
    amounts: Sequence[str],
) -> int:
    """A total for each currency; returns the first row below."""
    last = first + len(rows)
    sums_of = totals(rows)
    for number, (currency, sums) in enumerate(sums_of.items()):
        at = last + 1 + number
        sheet.write_string(at, 0, f"Total {currency}", formats.of(bold=True))
        keys = f"$D${first + 1}:$D${last}"
        values = [*(sums[name] for name in amounts), sums["earned"] + sums["settled_elsewhere"]]
        for column, value in enumerate(values, _FIRST):
            letter = _letter(column)
            text = f'=SUMIFS({letter}${first + 1}:{letter}${last},{keys},"{currency}")'
            style = formats.money(currency, bold=True)
            sheet.write_formula(at, column, text, style, float(value))
    return last + 1 + len(sums_of)


def _booked(sheet: "Worksheet", formats: Formats, first: int, run: RunFolder) -> int:
    """What the period's batches booked and paid; returns the first row below."""
    if not run.booked.totals:
        return first - 1
    sheet.write_string(first, 0, "Booked", formats.of(bold=True))
    for at, one in enumerate(run.booked.totals, first + 1):
        for column, text in enumerate((one.batch_id, what_text(one), "", one.currency)):
            write_cell(sheet, formats, at, column, text, "")
        write_cell(sheet, formats, at, _FIRST, one.number, "")
        sheet.write_number(at, _FIRST + 1, float(one.amount), formats.money(one.currency))
    at = first + 1 + len(run.booked.totals)
    write_cell(sheet, formats, at, 0, left_of_folder(run), "")
    return at + 1


def _attention(sheet: "Worksheet", formats: Formats, first: int, run: RunFolder) -> None:
    """What needs attention, a sentence a row."""
    sheet.write_string(first, 0, "Needs attention", formats.of(bold=True))
    for at, text in enumerate(attention(run) or ["Nothing."], first + 1):
        write_cell(sheet, formats, at, 0, text, "")


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
