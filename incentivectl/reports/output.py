"""One report in four formats: for a terminal, as JSON, CSV or Markdown.

The terminal gets Rich tables, a pipe gets aligned plain text that no cell is cut from. Money in JSON is
a string. Of a very long table people are shown the first rows; JSON and CSV have all of them.
"""

import csv
import io
import json
import textwrap
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from incentivectl import money
from incentivectl.cells import in_markdown, neutralised
from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.reports.report import (
    Amount,
    Cell,
    Report,
    Section,
    Worded,
    is_number,
    legible,
    shown,
)

FORMATS = ("table", "json", "csv", "md")
_ENDINGS = {".json": "json", ".csv": "csv", ".md": "md", ".txt": "table"}
LEAST_WIDTH = 8  # of a column on a terminal that is too narrow for all of them
PROSE_WIDTH = 100  # where sentences are wrapped in plain text
CELL_WIDTH = 200  # where the cells of plain tables are wrapped


def format_for(named: str | None, output: Path | None) -> str:
    """The format to write: the one named, else by the file's ending, else a table."""
    if named is not None:
        if named not in FORMATS:
            hint = f"known are {', '.join(FORMATS)}"
            raise Refused([Problem("bad-format", f"`{named}` is no format", hint)], ExitCode.USAGE)
        return named
    if output is None:
        return "table"
    if output.suffix not in _ENDINGS:
        problem = Problem(
            "bad-format",
            f"the ending of {output} names no format",
            hint=f"use one of {' '.join(_ENDINGS)}, or --format",
        )
        raise Refused([problem], ExitCode.USAGE)
    return _ENDINGS[output.suffix]


def rendered(report: Report, form: str) -> str:
    """The report as text in `form`, ending in a line feed."""
    return {"table": _plain, "json": _json, "csv": _csv, "md": _markdown}[form](report)


def rendered_all(reports: Sequence[Report], form: str) -> str:
    """Several reports of one kind as one text: a JSON list, or one CSV that begins with `payee`."""
    if form == "json":
        return json.dumps([_body(one) for one in reports], indent=2, ensure_ascii=False) + "\n"
    if form == "csv":
        return _csv_of(reports, ("payee",))
    between = "\n---\n\n" if form == "md" else "\n\n"
    return between.join(rendered(one, form) for one in reports)


def print_tables(report: Report, *, gap: bool = False) -> None:
    """The report on a terminal, in tables as wide as it; `gap` sets it off from one before."""
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    if gap:
        console.print("\n")
    console.print(f"[bold]{escape(legible(report.title))}[/bold]")
    for section in report.for_people:
        console.print()
        if section.title:
            console.print(f"[bold]{escape(section.title)}[/bold]")
        if section.prose or len(section.columns) == 1:
            for line in _wrapped(section, console.width, ""):  # Rich would break at no-break spaces
                console.print(escape(line), soft_wrap=True)
        elif section.rows:
            # A cell that is too wide is folded, never cut; numbers stay whole.
            table = Table(
                box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False
            )
            for index, name in enumerate(section.columns):
                right = is_number(section.rows, index)
                every = (*section.rows, *section.totals)
                longest = max(cell_len(shown(row[index])) for row in every)
                table.add_column(
                    _folded(name, longest),
                    justify="right" if right else "left",
                    no_wrap=right or any(isinstance(row[index], date) for row in section.rows),
                    overflow="fold",
                    min_width=min(LEAST_WIDTH, longest),
                )
            for row in section.rows:
                table.add_row(*(escape(shown(cell)) for cell in row))
            table.add_section()
            for row in section.totals:
                table.add_row(*(escape(shown(cell)) for cell in row), style="bold")
            console.print(table)
        if section.note:
            console.print(escape(section.note))
    if report.closing:
        console.print()
    for line in report.closing:
        console.print(escape(line), soft_wrap=True)


def _folded(heading: str, width: int) -> str:
    """A heading over a column of `width`, on as many lines as its words need."""
    longest_word = max((len(word) for word in heading.split()), default=1)
    return "\n".join(textwrap.wrap(heading, max(width, longest_word, 1)))


def _plain(report: Report) -> str:
    lines = [legible(report.title)]
    for section in report.for_people:
        lines += ["", *([section.title] if section.title else [])]
        if section.prose:
            lines += _wrapped(section)
        elif section.rows:
            lines += _aligned(section)
        if section.note:
            lines.append(f"  {section.note}")
    return "\n".join([*lines, *([""] if report.closing else []), *report.closing]) + "\n"


def _wrapped(section: Section, width: int = PROSE_WIDTH, indent: str = "  ") -> list[str]:
    """The sentences on lines of a width; no-break spaces hold, and no word is broken."""
    return [
        line
        for (sentence,) in section.rows
        for line in textwrap.wrap(
            shown(sentence),
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _aligned(section: Section) -> list[str]:
    from rich.cells import cell_len

    if len(section.columns) == 1:
        return [f"  {shown(cell)}" for (cell,) in section.rows]
    records = [section.columns, *([shown(cell) for cell in row] for row in section.rows)]
    totals = [[shown(cell) for cell in row] for row in section.totals]
    lines = [line for record in [*records, *totals] for line in _physical_lines(record)]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(section.columns))]
    right = [is_number(section.rows, i) for i in range(len(section.columns))]

    def placed(cell: str, width: int, flush: bool) -> str:
        gap = " " * (width - cell_len(cell))
        return gap + cell if flush else cell + gap

    drawn = [("  " + "  ".join(map(placed, line, widths, right))).rstrip() for line in lines]
    if totals:
        at = len(lines) - sum(len(_physical_lines(record)) for record in totals)
        drawn.insert(at, "  " + "  ".join("-" * width for width in widths))
    return drawn


def _physical_lines(record: Sequence[str]) -> list[list[str]]:
    """A row as the lines that it takes: a very long cell goes on below, and nothing is cut."""
    wrapped = [textwrap.wrap(cell, CELL_WIDTH) or [""] for cell in record]
    return [list(line) for line in zip_longest(*wrapped, fillvalue="")]


def _json(report: Report) -> str:
    return json.dumps(_body(report), indent=2, ensure_ascii=False) + "\n"


def _body(report: Report) -> dict[str, object]:
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


def _csv(report: Report) -> str:
    return _csv_of([report], ())


def _csv_of(reports: Sequence[Report], facts: tuple[str, ...]) -> str:
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
    return text.getvalue()


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


def _markdown(report: Report) -> str:
    lines = [f"# {in_markdown(legible(report.title))}"]
    for section in report.for_people:
        lines += ["", *([f"## {in_markdown(section.title)}", ""] if section.title else [])]
        if section.prose:
            lines += [
                f"- {in_markdown(shown(cell).removeprefix('- '))}" for (cell,) in section.rows
            ]
        elif section.rows:
            right = [is_number(section.rows, i) for i in range(len(section.columns))]
            lines.append("| " + " | ".join(section.columns) + " |")
            lines.append("|" + "|".join("---:" if flush else "---" for flush in right) + "|")
            lines += [
                "| " + " | ".join(in_markdown(shown(c)) for c in row) + " |"
                for row in (*section.rows, *section.totals)
            ]
        if section.note:
            lines += ["", in_markdown(section.note)]
    closing = ["", *(f"- {in_markdown(line)}" for line in report.closing)] if report.closing else []
    return "\n".join([*lines, *closing]) + "\n"
