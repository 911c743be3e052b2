"""Which row of a file is its header: the first, or the first with the cells that the source names."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.ingest.files.files import DataFile

ROWS_LOOKED_AT = 1000  # a banner is shorter


@dataclass(frozen=True, slots=True)
class Row:
    """A row that may be the header: its cells, its line, and the last line that it takes."""

    cells: Sequence[str]
    line: int
    last_line: int


def same(name: str) -> str:
    """A header without what differs between exports of the same program: case, width, blanks, line breaks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def header_of(file: DataFile, rows: Iterable[Row]) -> Row | Problem | None:
    """The header among the rows of a file; none where there is no row."""
    wanted = {same(name): name for name in file.source.header_contains}
    nearest: tuple[list[str], Row] | None = None
    count = 0
    for count, row in enumerate(rows, start=1):
        there = {same(cell) for cell in row.cells}
        lacking = [name for key, name in wanted.items() if key not in there]
        if not lacking:
            return row
        if nearest is None or len(lacking) < len(nearest[0]):
            nearest = (lacking, row)
        if count == ROWS_LOOKED_AT:
            break
    return None if nearest is None else _without(file, count, *nearest)


def _without(file: DataFile, count: int, lacking: list[str], nearest: Row) -> Problem:
    names = _listed(file.source.header_contains)
    message = f"it has no header with {names} in its first {counted(count, 'row')}"
    hint = f"correct `header_contains` of {file.source.place}"
    line = None
    if len(lacking) < len(file.source.header_contains):
        line = nearest.line
        hint = f"line {line} has all but {_listed(lacking)}; {hint}"
    return Problem("header-not-found", message, hint, file=file.path, line=line)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f'"{name}"' for name in names)
