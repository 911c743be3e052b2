"""A report for programs: JSON with exact values, and CSV of its main section.

Money is a string. Control signs are escaped in JSON and replaced in CSV, so that neither steers a terminal
that it is printed on.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from incentivectl.core import money
from incentivectl.core.safe_text import encodable, neutralised
from incentivectl.output.report import Amount, Cell, Report, Worded

_UNESCAPED = re.compile(r"[\x7f-\x9f]")  # what json leaves as it is and a terminal would obey


def json_text(body: object) -> str:
    """Any value of strings, numbers, lists and mappings as JSON, ending in a line feed."""
    text = json.dumps(body, indent=2, ensure_ascii=False)
    escaped = _UNESCAPED.sub(lambda sign: f"\\u{ord(sign.group()):04x}", text)
    return encodable(escaped) + "\n"


def json_body(report: Report) -> dict[str, object]:
    """The facts of a report and its sections, each under its key."""

    def value(cell: Cell) -> str | int | None:
        if isinstance(cell, Decimal | Amount | Worded):
            return _exact(cell)
        return cell.isoformat() if isinstance(cell, date) else cell

    body: dict[str, object] = {key: value(cell) for key, cell in report.facts.items()}
    lists: dict[str, list[dict[str, object]]] = {}
    for section in (one for one in report.sections if one.audience != "people"):
        lists.setdefault(section.key, []).extend(
            dict(zip(section.names, map(value, row), strict=True)) for row in section.whole_rows
        )
    return body | lists


def csv_text(reports: Sequence[Report], facts: tuple[str, ...] = ()) -> str:
    """The main sections of reports of one kind, each row after some facts of its report."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    headed = False
    for report in reports:
        shared = [report.facts[name] for name in facts]
        of_main = [one for one in report.sections if one.key == report.main]
        for section in [one for one in of_main if one.rows] or of_main[:1]:
            if not headed:
                writer.writerow([*facts, *section.names])
                headed = True
            writer.writerows(
                [_in_csv(cell) for cell in (*shared, *row)] for row in section.whole_rows
            )
    return encodable(text.getvalue())


def _in_csv(cell: Cell) -> str | int | date | None:
    """A cell of a CSV: numbers exact, texts so that no spreadsheet runs them."""
    if isinstance(cell, Decimal | Amount):
        return _exact(cell)
    if isinstance(cell, Worded):
        is_text = isinstance(cell.exact, str)
        return neutralised(cell.plain) if is_text else cell.plain
    return neutralised(cell) if isinstance(cell, str) else cell


def _exact(cell: Decimal | Amount | Worded) -> str:
    if isinstance(cell, Worded):
        return cell.plain
    return money.plain(cell if isinstance(cell, Decimal) else cell.exact)
