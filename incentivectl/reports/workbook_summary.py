"""The first sheet of `report.xlsx`: each program's cost as sums over the sheet of earnings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from incentivectl.reports.run_figures import STATUSES, program_costs
from incentivectl.reports.run_folder import RunFolder
from incentivectl.reports.workbook_cells import Formats, cell_range, write_cell

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


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
    names = (
        "program",
        "name",
        "kind",
        "currency",
        *STATUSES,
        "cost",
        "this batch",
        "budget",
        "used",
    )
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


def _summary_row(
    sheet: "Worksheet", formats: Formats, at: int, row: SummaryRow, run: RunFolder, rows: int
) -> None:
    for column, text in enumerate((row.program_id, row.name, row.kind, row.currency)):
        write_cell(sheet, formats, at, column, text, "")
    columns = run.earnings.columns
    ranges = {
        name: cell_range(columns.index(name), max(rows, 1), "earnings")
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
            value = sum((row.sums[column] for row in rows if row.currency == currency), Decimal(0))
            text = f'=SUMIFS({letter}${first + 1}:{letter}${last},{keys},"{currency}")'
            style = formats.money(currency, bold=True)
            sheet.write_formula(at, 4 + column, text, style, float(value))
