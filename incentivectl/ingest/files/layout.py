"""Where the columns of a file stand: its header, or the positions that its source names.

A file of rejects that was corrected carries five more columns at its end; they are told apart here,
so that its own columns are those of its source (docs/rules.md, "Reading").
"""

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from incentivectl.core import limits
from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.errors import Problem
from incentivectl.core.input_files import opened_text
from incentivectl.core.safe_text import restored
from incentivectl.core.tables import TABLES
from incentivectl.ingest.files.encodings import read_as
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.headers import Row, header_of, same
from incentivectl.ingest.files.reject_files import REJECT_COLUMNS
from incentivectl.ingest.files.split import Record, split_records, without_end
from incentivectl.ingest.files.text import Text
from incentivectl.workspace.compound_ids import Compound, compound, plain
from incentivectl.workspace.source import Source

MOST_NAMES_SHOWN = 30
UNREADABLE = "\ufffd"


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
        """The position of a column of the export; none if it is not there.

        Where no header is spelt like that, the only one counts that is, but for case, blanks and line breaks.
        """
        if name in self.names:
            return self.names.index(name)
        alike = [at for at, own in enumerate(self.names) if same(own) == same(name)]
        return alike[0] if len(alike) == 1 else None

    def reject_place(self, name: str) -> int:
        """The position of a reject column (only where `rejects`)."""
        return len(self.names) + REJECT_COLUMNS.index(name)


def layout_of(file: DataFile, text: Text) -> Layout | Problem | None:
    """The layout of a text file, none where it has no row, or why there is no header.

    Raises `BeyondLimitError` where the header has too many columns.
    """
    source, before = file.source, max(file.source.skip_rows, text.lines_before)
    if not source.header:
        return Layout(source.positions, before, rejects=True, header=False)
    with opened_text(text.path, "utf-8-sig", "replace") as lines:
        for _ in range(before):
            if not lines.readline():
                return None
        narrow = _not_too_wide(lines, text.delimiter, before + 1)
        records = split_records(narrow, text.delimiter, first_line=before + 1)
        return layout_below(file, (_row(record) for record in records))


def _row(record: Record) -> Row:
    cells = record.cells or [without_end(record.text)]
    return Row(cells, record.line, record.line - 1 + record.lines)


def layout_below(file: DataFile, rows: Iterable[Row]) -> Layout | Problem | None:
    """The layout that the header among the rows gives."""
    header = header_of(file, rows)
    if not isinstance(header, Row):
        return header
    return with_rejects(tuple(restored(name.strip()) for name in header.cells), header.last_line)


def check_columns(count: int, line: int | None = None) -> None:
    """Raises `BeyondLimitError` where a file has more columns than any genuine one."""
    if count > limits.COLUMNS:
        message = f"it has more than {limits.COLUMNS:,} columns"
        raise BeyondLimitError(message, "export only the columns that are needed", line)


def _not_too_wide(lines: Iterable[str], delimiter: str, first_line: int) -> Iterator[str]:
    """`lines`, each checked before it is split."""
    for number, line in enumerate(lines, first_line):
        check_columns(line.count(delimiter) + 1, number)
        yield line


def with_rejects(names: tuple[str, ...], lines_before: int) -> Layout:
    """The layout of these columns; `REJECT_COLUMNS` at their end are not the export's own."""
    is_rejects = names[-len(REJECT_COLUMNS) :] == REJECT_COLUMNS
    own = names[: -len(REJECT_COLUMNS)] if is_rejects else names
    return Layout(own, lines_before, is_rejects)


def theirs(source: Source, ours: str, layout: Layout) -> Compound | None:
    """The export's columns for our column `ours`: of several choices the first that is all there."""
    for choice in _choices(source, ours):
        names = [_header(source, ours, name, layout) for name in choice.columns]
        if None not in names:
            return replace(choice, columns=tuple(name for name in names if name is not None))
    return None


def _header(source: Source, ours: str, name: str, layout: Layout) -> str | None:
    """The header of a column that the source names; our own names only count as they are spelt."""
    if ours in source.columns:
        place = layout.place(name)
        return None if place is None else layout.names[place]
    return name if name in layout.names else None


def _choices(source: Source, ours: str) -> tuple[Compound, ...]:
    names = (ours,) if source.positions else source.columns.get(ours, (ours,))
    column = TABLES[source.table].column(ours)
    is_id = column is not None and column.is_id and not source.positions
    return tuple(compound(name) if is_id else plain(name) for name in names)


def layout_problems(
    file: DataFile, layout: Layout, constants: Collection[str]
) -> Iterator[Problem]:
    """Columns that are needed and not there, and used ones whose name is listed twice.

    `constants` are our columns that the file's own path gives a value to.
    """
    source = file.source
    columns = [*TABLES[source.table].column_names, *source.attributes]
    names = {ours: theirs(source, ours, layout) for ours in columns}
    given = {*source.set, *source.from_path}
    for column in TABLES[source.table].columns:
        if column.required and names[column.name] is None and column.name not in given:
            yield _missing_column(file, column.name, layout, may_lack=False)
    for ours in source.needed:
        is_required = ours in columns and _is_required(source, ours)
        if names[ours] is None and not is_required and ours not in constants:
            yield _missing_column(file, ours, layout)
    used = {name for found in names.values() if found is not None for name in found.columns}
    named = dict.fromkeys((*source.negate_when, *source.skip_when, *source.fill_down))
    conditions = {name: layout.place(name) for name in named}
    used |= {layout.names[place] for place in conditions.values() if place is not None}
    told = {*given, *source.optional, *source.needed, *source.attributes}
    for column in TABLES[source.table].columns:
        if names[column.name] is None and not column.required and column.name not in told:
            yield from _unread_column(file, column.name, layout, used)
    for ours in source.attributes:
        if names[ours] is None and ours not in (*given, *source.needed, *source.optional):
            yield _missing_attribute(file, ours, layout)
    for name, place in conditions.items():
        if place is None and name not in source.optional:
            yield _missing_condition(file, name, layout)
    counts = Counter(layout.names)
    for name in sorted(used):
        if counts[name] > 1:
            message = f'{counts[name]} columns are called "{name}"'
            hint = "rename all but one in the export"
            yield Problem("equal-headers", message, hint, file=file.path, line=layout.lines_before)


def _is_required(source: Source, ours: str) -> bool:
    column = TABLES[source.table].column(ours)
    return column is not None and column.required


def _missing_column(file: DataFile, ours: str, layout: Layout, *, may_lack: bool = True) -> Problem:
    """Our column `ours`, which no column of the file gives; `may_lack`: rows can do without it."""
    source = file.source
    lacks = [
        [name for name in choice.columns if _header(source, ours, name, layout) is None]
        for choice in _choices(source, ours)
    ]
    listed = " or ".join(" and ".join(f'"{name}"' for name in names) for names in lacks)
    message = f"it has no column {listed} for {ours}"
    wanted = (*(name for names in lacks for name in names), ours)
    hint = f"{_there(wanted, layout)}; correct `columns` of {source.place}"
    near, names = _nearest(wanted, layout.names), [name for one in lacks for name in one]
    if near and UNREADABLE in near:
        hint = read_as(file.path, layout.lines_before, source.encoding)
    elif near and all(choice.is_plain for choice in _choices(source, ours)):
        both = ", ".join(f'"{name}"' for name in (*names, near))
        hint += f" ({ours} = [{both}] reads either)"
    if may_lack:
        hint += f', or set optional = ["{ours}"] if files may lack it'
    return _missing(file, "column-missing", message, hint, layout)


def _unread_column(
    file: DataFile, ours: str, layout: Layout, used: Collection[str]
) -> Iterator[Problem]:
    """A column with nearly the name of one of ours, which nothing reads: perhaps a slip."""
    alike = [name for name in layout.names if _plain(name) == _plain(ours) and name not in used]
    if file.source.positions or not alike:
        return
    message = f'its column "{alike[0]}" is not read: ours is called {ours}'
    hint = f'say {ours} = "{alike[0]}" in `columns` of {file.source.place},'
    hint += f' or optional = ["{ours}"] if it is something else'
    yield replace(_missing(file, "column-unread", message, hint, layout), severity="warning")


def _missing_attribute(file: DataFile, attribute: str, layout: Layout) -> Problem:
    message = f'it has no column "{attribute}", which `attributes` lists'
    hint = f'{_there((attribute,), layout)}; if files may lack it, set optional = ["{attribute}"]'
    problem = _missing(file, "attribute-missing", message, hint, layout)
    return replace(problem, severity="warning")


def _missing_condition(file: DataFile, name: str, layout: Layout) -> Problem:
    keys = ("negate_when", "skip_when", "fill_down")
    key = next(key for key in keys if name in getattr(file.source, key))
    message = f'it has no column "{name}", which `{key}` names'
    hint = f"{_there((name,), layout)}; correct `{key}` of {file.source.place}, or set"
    hint += f' optional = ["{name}"] if files may lack it'
    return _missing(file, "condition-column-missing", message, hint, layout)


def _missing(file: DataFile, code: str, message: str, hint: str, layout: Layout) -> Problem:
    return Problem(code, message, hint, file=file.path, line=layout.lines_before or None)


def _there(wanted: tuple[str, ...], layout: Layout) -> str:
    """What the file has instead: the header that comes closest, else all of them."""
    near = _nearest(wanted, layout.names)
    if near:
        return f'the nearest is "{near}"'
    return f"it has {_listed(layout.names)} (`incentivectl sources guess FILE` tells what they are)"


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
