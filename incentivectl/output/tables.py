"""Tables for people: aligned columns, or a record for each row where those are too wide.

One rule holds on every screen: no figure, date or id is cut, and no column is dropped. A table that is too
wide first gives sentences more lines; then it says once what all its rows share; then its first column
gets lines of its own, above the rows that it names; then the columns move together; and at last each row
becomes a record of `label: value`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from rich.cells import cell_len

from incentivectl.core.safe_text import legible
from incentivectl.output.lines import Kind, Line
from incentivectl.output.report import Section, is_number, shown
from incentivectl.output.wrapping import widest_word, wrapped

INDENT = "  "
GAP = "  "
NARROW_GAP = " "
RECORD_GAP = "   "
SENTENCE = 24  # columns from which on a cell of several words may take several lines
LONGEST_CELL = 200  # columns of a cell where a table is as wide as it likes
NOTHING = "–"  # for a missing value of a record


@dataclass(frozen=True)
class _Column:
    """A column as text; `sentences` may be wrapped, everything else stays whole."""

    name: str
    cells: tuple[str, ...]
    totals: tuple[str, ...]
    right: bool
    sentences: bool

    @property
    def natural(self) -> int:
        """The columns that its widest cell takes."""
        return max(map(cell_len, (*self.cells, *self.totals)), default=0)

    @property
    def least(self) -> int:
        """The columns that it needs so that no word is broken."""
        if not self.sentences:
            return self.natural
        return max(SENTENCE, *map(widest_word, (*self.cells, *self.totals)))

    @property
    def shared(self) -> str | None:
        """What stands in every row, if there are several and a total has nothing else."""
        alike = len(self.cells) > 1 and not any(self.totals) and len(set(self.cells)) == 1
        return self.cells[0] if alike else None


def table_lines(section: Section, width: int | None) -> list[Line]:
    """The rows of a section with their headings and totals, within `width` where one is given."""
    columns = [_column(section, at) for at in range(len(section.columns))]
    room = None if width is None else width - len(INDENT)
    widths = _widths(columns, room)
    if widths is not None:
        return _table(columns, widths)
    shared = [one for one in columns if one.shared is not None][: len(columns) - 1]
    left = [one for one in columns if one not in shared]
    told = ", ".join(f"{one.name} {one.shared or NOTHING}" for one in shared)
    lines = [Line(INDENT + line, "note") for line in wrapped(f"in all rows: {told}", room) if told]
    return lines + _narrow(left, room or 0)


def _narrow(columns: Sequence[_Column], room: int) -> list[Line]:
    """Columns that share nothing: as a table if they fit now, below their first column, or as records."""
    for gap in (GAP, NARROW_GAP):
        widths = _widths(columns, room, gap)
        if widths is not None:
            return _table(columns, widths, gap)
        below = _widths(columns[1:], room - len(INDENT), gap)
        if below:
            return _grouped(columns, below, gap)
    return _records(columns, room)


def _column(section: Section, at: int) -> _Column:
    cells = tuple(shown(row[at]) for row in section.rows)
    right = is_number(section.rows, at)
    is_text = not right and not any(isinstance(row[at], date) for row in section.rows)
    return _Column(
        name=legible(section.columns[at]),
        cells=cells,
        totals=tuple(shown(row[at]) for row in section.totals),
        right=right,
        sentences=is_text and any(cell_len(cell) > SENTENCE for cell in cells),
    )


def _widths(columns: Sequence[_Column], room: int | None, gap: str = GAP) -> list[int] | None:
    """How wide each column is drawn; None where they do not fit."""
    if room is None:
        return [max(min(one.natural, LONGEST_CELL), cell_len(one.name)) for one in columns]
    most = [max(one.natural, widest_word(one.name)) for one in columns]
    widths = [max(one.least, widest_word(one.name)) for one in columns]
    left = room - sum(widths) - len(gap) * (len(columns) - 1)
    if left < 0:
        return None
    for at in range(len(columns)):  # sentences first, headings get what is left
        more = min(left, max(0, most[at] - widths[at]))
        widths[at], left = widths[at] + more, left - more
    for at, one in enumerate(columns):
        more = cell_len(one.name) - widths[at]
        if 0 < more <= left:
            widths[at], left = widths[at] + more, left - more
    return widths


def _table(columns: Sequence[_Column], widths: Sequence[int], gap: str = GAP) -> list[Line]:
    rows = list(zip(*(one.cells for one in columns), strict=True))
    totals = list(zip(*(one.totals for one in columns), strict=True))
    lines = _row(columns, widths, [one.name for one in columns], "head", INDENT, gap)
    lines += [line for row in rows for line in _row(columns, widths, row, "", INDENT, gap)]
    if totals:
        lines.append(_rule(widths, INDENT, gap))
    return lines + [
        line for row in totals for line in _row(columns, widths, row, "total", INDENT, gap)
    ]


def _rule(widths: Sequence[int], indent: str, gap: str) -> Line:
    return Line(indent + gap.join("-" * width for width in widths))


def _row(
    columns: Sequence[_Column],
    widths: Sequence[int],
    cells: Sequence[str],
    kind: Kind,
    indent: str,
    gap: str,
) -> list[Line]:
    """The lines that the cells of a row take; a short heading stands right above its column."""
    parts = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    if kind == "head":
        most = max(map(len, parts))
        parts = [[""] * (most - len(part)) + part for part in parts]
    right = [one.right for one in columns]
    lines = (map(_placed, line, widths, right) for line in zip_longest(*parts, fillvalue=""))
    return [Line((indent + gap.join(line)).rstrip(), kind) for line in lines]


def _grouped(columns: Sequence[_Column], widths: Sequence[int], gap: str) -> list[Line]:
    """The first column on lines of its own, once for rows that follow each other, the others below."""
    first, others = columns[0], columns[1:]
    indent = 2 * INDENT
    lines = [Line(INDENT + first.name, "head")]
    lines += _row(others, widths, [one.name for one in others], "head", indent, gap)
    for kind in ("", "total"):
        names = first.totals if kind else first.cells
        if kind and names:
            lines.append(_rule(widths, indent, gap))
        for at, name in enumerate(names):
            if at == 0 or name != names[at - 1]:
                lines.append(Line(INDENT + (name or NOTHING), kind))
            cells = [(one.totals if kind else one.cells)[at] for one in others]
            lines += _row(others, widths, cells, kind, indent, gap)
    return lines


def _placed(cell: str, width: int, right: bool) -> str:
    gap = " " * (width - cell_len(cell))
    return gap + cell if right else cell + gap


def _records(columns: Sequence[_Column], room: int) -> list[Line]:
    """Each row below its first cell; the fields have the same places in every record."""
    first, others = columns[0], columns[1:]
    room -= len(INDENT)
    layout = _places(others, room)
    lines: list[Line] = []
    for kind in ("", "total"):
        names = first.totals if kind else first.cells
        if kind and names:
            lines.append(Line(INDENT + "-" * room))
        for at, name in enumerate(names):
            lines.append(Line(f"{INDENT}{first.name}: {name or NOTHING}", kind or "head"))
            for fields in layout:
                cells = [(one.totals if kind else one.cells)[at] for one in fields]
                if not any(cells):
                    continue
                text = RECORD_GAP.join(map(_field, fields, cells)).rstrip()
                lines += [
                    Line(2 * INDENT + line, kind) for line in wrapped(text, room, rest=INDENT)
                ]
    return lines


def _places(columns: Sequence[_Column], room: int) -> list[list[_Column]]:
    """Which fields of a record share a line; sentences have one of their own."""
    lines: list[list[_Column]] = []
    left = 0
    for one in columns:
        taken = cell_len(_field(one, ""))
        if lines and not one.sentences and taken <= left:
            lines[-1].append(one)
        else:
            lines.append([one])
            left = room
        left = 0 if one.sentences else left - taken - len(RECORD_GAP)
    return lines


def _field(column: _Column, cell: str) -> str:
    width = 0 if column.sentences else column.natural
    return f"{column.name}: {_placed(cell or NOTHING, width, column.right)}"
