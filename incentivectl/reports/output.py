"""One report in four formats: for a terminal, as JSON, CSV or Markdown.

A report is a title and sections; a section is a small table. The terminal gets Rich tables, a pipe
gets aligned plain text that nothing is cut from. Money in JSON is a string.
"""

import csv
import io
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from incentivectl import money
from incentivectl.errors import ExitCode, Problem, Refused


@dataclass(frozen=True)
class Amount:
    """An exact amount: JSON and CSV have all of it, people see it rounded half up to `digits`."""

    exact: Decimal
    digits: int

    @property
    def rounded(self) -> Decimal:
        """As people see it."""
        return money.round_decimal(self.exact, self.digits)


Cell = str | int | Decimal | Amount | date | None
FORMATS = ("table", "json", "csv", "md")
_ENDINGS = {".json": "json", ".csv": "csv", ".md": "md", ".txt": "table"}
LEAST_WIDTH = 8  # of a column on a terminal that is too narrow for all of them
PROSE_WIDTH = 100  # where sentences are wrapped in plain text


@dataclass(frozen=True)
class Section:
    """A small table with a heading; `key` names it in JSON.

    In `prose` the only column holds sentences, which are shown without a heading of their own.
    `about` is what all rows share and the title says: JSON and CSV have it in each row, and there
    sections of one `key` are one list. `on_screen` sections only draw what others say.
    The last `for_machines` columns are in JSON and CSV only.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""
    prose: bool = False
    about: Mapping[str, Cell] = field(default_factory=dict)
    on_screen: bool = False
    for_machines: int = 0

    @property
    def for_people(self) -> "Section":
        """The section without the columns that people are not shown."""
        if not self.for_machines:
            return self
        shown = len(self.columns) - self.for_machines
        if not shown:
            return replace(self, columns=(), rows=[], note="", for_machines=0)
        rows = [row[:shown] for row in self.rows]
        return replace(self, columns=self.columns[:shown], rows=rows, for_machines=0)


@dataclass(frozen=True)
class Report:
    """Sections under a title; `main` is the section that CSV holds; `facts` stand at its head."""

    title: str
    sections: tuple[Section, ...]
    main: str
    facts: dict[str, Cell] = field(default_factory=dict)
    closing: tuple[str, ...] = ()


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


def shown(cell: Cell) -> str:
    """A cell as people read it: thousands separated, nothing for a missing value."""
    if cell is None:
        return ""
    if isinstance(cell, Amount):
        cell = cell.rounded
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    if isinstance(cell, Decimal):
        return f"{cell:,f}"
    return str(cell)


def is_number(rows: Sequence[tuple[Cell, ...]], column: int) -> bool:
    """Whether a column is shown flush right."""
    return any(isinstance(row[column], int | Decimal | Amount) for row in rows)


def print_tables(report: Report) -> None:
    """The report on a terminal, in tables as wide as it."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"[bold]{escape(report.title)}[/bold]")
    for section in (one.for_people for one in report.sections):
        if not section.rows and not section.note:
            continue
        console.print()
        console.print(f"[bold]{escape(section.title)}[/bold]")
        if section.prose or len(section.columns) == 1:
            for (sentence,) in section.rows:
                console.print(escape(shown(sentence)))
        elif section.rows:
            # A cell that is too wide is folded, never cut.
            table = Table(
                box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False
            )
            for index, name in enumerate(section.columns):
                right = is_number(section.rows, index)
                table.add_column(
                    name,
                    justify="right" if right else "left",
                    no_wrap=right or any(isinstance(row[index], date) for row in section.rows),
                    overflow="fold",
                    min_width=min(LEAST_WIDTH, max(len(shown(row[index])) for row in section.rows)),
                )
            for row in section.rows:
                table.add_row(*(escape(shown(cell)) for cell in row))
            console.print(table)
        if section.note:
            console.print(escape(section.note))
    if report.closing:
        console.print()
    for line in report.closing:
        console.print(escape(line), soft_wrap=True)


def _plain(report: Report) -> str:
    lines = [report.title]
    for section in (one.for_people for one in report.sections):
        if not section.rows and not section.note:
            continue
        lines += ["", section.title]
        if section.prose:
            lines += _wrapped(section)
        elif section.rows:
            lines += _aligned(section)
        if section.note:
            lines.append(f"  {section.note}")
    return "\n".join([*lines, *([""] if report.closing else []), *report.closing]) + "\n"


def _wrapped(section: Section) -> list[str]:
    return [
        line
        for (sentence,) in section.rows
        for line in textwrap.wrap(
            shown(sentence),
            PROSE_WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _aligned(section: Section) -> list[str]:
    if len(section.columns) == 1:
        return [f"  {shown(cell)}" for (cell,) in section.rows]
    cells = [section.columns, *([shown(cell) for cell in row] for row in section.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(section.columns))]
    right = [is_number(section.rows, i) for i in range(len(section.columns))]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]


def _json(report: Report) -> str:
    def value(cell: Cell) -> str | int | None:
        if isinstance(cell, Decimal | Amount):
            return _exact(cell)
        return cell.isoformat() if isinstance(cell, date) else cell

    body: dict[str, object] = {key: value(cell) for key, cell in report.facts.items()}
    lists: dict[str, list[dict[str, object]]] = {}
    for section in report.sections:
        if section.on_screen:
            continue
        names = [name.replace(" ", "_") for name in section.columns]
        shared: dict[str, object] = {key: value(cell) for key, cell in section.about.items()}
        lists.setdefault(section.key, []).extend(
            shared | dict(zip(names, map(value, row), strict=True)) for row in section.rows
        )
    body |= lists
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _csv(report: Report) -> str:
    of_main = [one for one in report.sections if one.key == report.main]
    sections = [one for one in of_main if one.rows] or of_main[:1]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if sections:
        columns = (*sections[0].about, *sections[0].columns)
        writer.writerow(name.replace(" ", "_") for name in columns)
    for section in sections:
        for row in section.rows:
            cells = (*section.about.values(), *row)
            writer.writerow(_exact(c) if isinstance(c, Decimal | Amount) else c for c in cells)
    return text.getvalue()


def _exact(cell: Decimal | Amount) -> str:
    return money.plain(cell.exact if isinstance(cell, Amount) else cell)


def _markdown(report: Report) -> str:
    def safe(text: str) -> str:
        return (
            text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
        )

    lines = [f"# {safe(report.title)}"]
    for section in (one.for_people for one in report.sections):
        if not section.rows and not section.note:
            continue
        lines += ["", f"## {safe(section.title)}", ""]
        if section.prose:
            lines += [f"- {safe(shown(cell).removeprefix('- '))}" for (cell,) in section.rows]
        elif section.rows:
            right = [is_number(section.rows, i) for i in range(len(section.columns))]
            lines.append("| " + " | ".join(section.columns) + " |")
            lines.append("|" + "|".join("---:" if flush else "---" for flush in right) + "|")
            lines += ["| " + " | ".join(safe(shown(c)) for c in row) + " |" for row in section.rows]
        if section.note:
            lines += ["", safe(section.note)]
    closing = ["", *(f"- {safe(line)}" for line in report.closing)] if report.closing else []
    return "\n".join([*lines, *closing]) + "\n"
