"""Where the columns of a file stand: its header, or the positions that its source names.

A file of rejects that was corrected carries five more columns at its end; they are told apart here,
so that its own columns are those of its source (docs/rules.md, "Reading").
"""

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from incentivectl.errors import Problem
from incentivectl.ingest.files import DataFile
from incentivectl.ingest.split import split_records, without_end
from incentivectl.input_files import opened_text
from incentivectl.safe_text import restored
from incentivectl.tables import TABLES
from incentivectl.workspace import Source

REJECT_COLUMNS = ("reject_file", "reject_line", "reject_reason", "reject_value", "occurrence")
MOST_NAMES_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file by position, under the export's own names, and the lines before its rows.

    `rejects` tells that `REJECT_COLUMNS` follow; without a `header` each record may have them or not.
    """

    names: tuple[str, ...]
    lines_before: int
    rejects: bool = False
    header: bool = True

    @property
    def width(self) -> int:
        """How many cells a record has."""
        return len(self.names) + (len(REJECT_COLUMNS) if self.rejects else 0)

    @property
    def widths(self) -> frozenset[int]:
        """The numbers of cells that a record may have."""
        return frozenset({self.width} if self.header else {len(self.names), self.width})

    def place(self, name: str) -> int | None:
        """The position of a column of the export, or of a reject column; none if it is not there."""
        if name in self.names:
            return self.names.index(name)
        return None

    def reject_place(self, name: str) -> int:
        """The position of a reject column (only where `rejects`)."""
        return len(self.names) + REJECT_COLUMNS.index(name)


def layout_of(file: DataFile, text: Path) -> Layout | None:
    """The layout of a text file, or none where it has no header line."""
    source = file.source
    if not source.header:
        return Layout(source.positions, source.skip_rows, rejects=True, header=False)
    with opened_text(text, "utf-8-sig", "replace") as lines:
        for _ in range(source.skip_rows):
            if not lines.readline():
                return None
        before = source.skip_rows
        header = next(split_records(lines, source.delimiter, first_line=before + 1), None)
    if header is None:
        return None
    names = tuple(restored(name.strip()) for name in header.cells or [without_end(header.text)])
    return with_rejects(names, header.line - 1 + header.lines)


def with_rejects(names: tuple[str, ...], lines_before: int) -> Layout:
    """The layout of these columns; `REJECT_COLUMNS` at their end are not the export's own."""
    is_rejects = names[-len(REJECT_COLUMNS) :] == REJECT_COLUMNS
    own = names[: -len(REJECT_COLUMNS)] if is_rejects else names
    return Layout(own, lines_before, is_rejects)


def theirs(source: Source, ours: str, layout: Layout) -> str | None:
    """The export's name of our column `ours` in this layout: the first of its names that is there."""
    choice = (ours,) if source.positions else source.columns.get(ours, (ours,))
    return next((name for name in choice if name in layout.names), None)


def layout_problems(file: DataFile, layout: Layout) -> Iterator[Problem]:
    """Columns that are needed and nowhere, and used ones whose name stands twice."""
    source = file.source
    table = TABLES[source.table]
    constants = {*source.set, *source.from_path}
    used = set()
    for column in table.columns:
        name = theirs(source, column.name, layout)
        if name is not None:
            used.add(name)
        elif column.required and column.name not in constants:
            yield _missing_column(file, column.name, layout)
    for attribute in source.attributes:
        name = theirs(source, attribute, layout)
        if name is not None:
            used.add(name)
        elif attribute not in constants:
            yield _missing_attribute(file, attribute, layout)
    for name in {**source.negate_when, **source.skip_when}:
        if name in layout.names:
            used.add(name)
        else:
            yield _missing_condition(file, name, layout)
    counts = Counter(layout.names)
    for name in sorted(used):
        if counts[name] > 1:
            message = f'{counts[name]} columns are called "{name}"'
            hint = "rename all but one in the export"
            yield Problem("equal-headers", message, hint, file=file.path, line=layout.lines_before)


def _missing_column(file: DataFile, ours: str, layout: Layout) -> Problem:
    wanted = file.source.columns.get(ours, (ours,))
    message = f"it has no column for {ours} (looked for: {_listed(wanted)})"
    near = _nearest((*wanted, ours), layout.names)
    hint = f'is it "{near}"? ' if near else ""
    hint += f"Its columns are {_listed(layout.names)}"
    code = "column-missing"
    return Problem(code, message, hint, file=file.path, line=layout.lines_before or None)


def _missing_attribute(file: DataFile, attribute: str, layout: Layout) -> Problem:
    message = f'it has no column "{attribute}", which `attributes` lists'
    near = _nearest((attribute,), layout.names)
    hint = f'is it "{near}"?' if near else "its rows have no value there"
    return Problem(
        "attribute-missing",
        message,
        hint,
        file=file.path,
        line=layout.lines_before or None,
        severity="warning",
    )


def _missing_condition(file: DataFile, name: str, layout: Layout) -> Problem:
    message = f'it has no column "{name}", which negate_when or skip_when names'
    near = _nearest((name,), layout.names)
    hint = f'is it "{near}"?' if near else f"its columns are {_listed(layout.names)}"
    return Problem(
        "condition-column-missing",
        message,
        hint,
        file=file.path,
        line=layout.lines_before or None,
        severity="warning",
    )


def _nearest(wanted: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    plain = {_plain(name): name for name in names}
    for want in wanted:
        close = difflib.get_close_matches(_plain(want), plain, 1, 0.6)
        if close:
            return plain[close[0]]
    return None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:MOST_NAMES_SHOWN])
    more = len(names) - MOST_NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
