"""Splits text into records the exact way: for whatever is not one plain record a line.

Cells are split as Python's `csv` module splits them: an odd quote inside a cell is part of its text.
But a quoted cell goes on in the next line only where it is closed properly, right before a delimiter
or a line's end. Otherwise its opening quote is a slip, and only the line that it stands in is lost
(docs/rules.md, "Reading").
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_CELL_LINES = 1000
LONGEST_CELL = 1 << 20  # characters; what a quoted cell with line breaks may span


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first physical line, its text, and its cells (none: the quoting is broken)."""

    line: int
    text: str
    cells: list[str] | None
    lines: int = 1


def split_records(lines: Iterable[str], delimiter: str, *, first_line: int = 1) -> Iterator[Record]:
    """The records of `lines` (each with its line end); an empty line is not a record."""
    waiting = _Waiting(lines)
    number = first_line
    while (line := waiting.next_line()) is not None:
        text = without_end(line)
        record = None
        if '"' not in text:
            record = Record(number, text, text.split(delimiter)) if text else None
        else:
            cells, is_open, _ = split_cells(text, delimiter)
            record = Record(number, text, cells)
            if is_open:
                record = _continued(line, waiting, delimiter, number) or Record(number, text, None)
        if record is not None:
            yield record
        number += record.lines if record is not None else 1


def without_end(line: str) -> str:
    """A physical line without its line end (line feed, carriage return, or both)."""
    return line.removesuffix("\n").removesuffix("\r")


class _Waiting:
    """Lines still to be read; some may have been looked at and put back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()

    def next_line(self) -> str | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def put_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))


def _continued(first: str, waiting: _Waiting, delimiter: str, number: int) -> Record | None:
    """The record that begins in `first` and goes on in the next lines, if it ends properly."""
    taken: list[str] = []
    size = 0
    while len(taken) < LONGEST_CELL_LINES and size < LONGEST_CELL:
        line = waiting.next_line()
        if line is None:
            break
        taken.append(line)
        size += len(line)
        if '"' not in line:
            continue
        text = without_end(first + "".join(taken))
        cells, is_open, is_odd = split_cells(text, delimiter)
        if is_odd:
            break
        if not is_open:
            return Record(number, text, cells, 1 + len(taken))
    waiting.put_back(taken)
    return None


def split_cells(text: str, delimiter: str) -> tuple[list[str], bool, bool]:
    """The cells of one record, whether the last is still open, and whether a quoted one ends oddly."""
    cells: list[str] = []
    at = 0
    is_odd = False
    while True:
        if text.startswith('"', at):
            cell, at, closed = _quoted(text, at + 1)
            if not closed:
                cells.append(cell)
                return cells, True, is_odd
            if at < len(text) and not text.startswith(delimiter, at):
                is_odd = True
                end = _found(text, delimiter, at)
                cell, at = cell + text[at:end], end
        else:
            end = _found(text, delimiter, at)
            cell, at = text[at:end], end
        cells.append(cell)
        if at >= len(text):
            return cells, False, is_odd
        at += len(delimiter)


def _quoted(text: str, at: int) -> tuple[str, int, bool]:
    """The text of a quoted cell from `at` on, the place behind its closing quote, and if it has one."""
    parts: list[str] = []
    while True:
        end = text.find('"', at)
        if end < 0:
            parts.append(text[at:])
            return "".join(parts), len(text), False
        parts.append(text[at:end])
        if not text.startswith('"', end + 1):
            return "".join(parts), end + 1, True
        parts.append('"')
        at = end + 2


def _found(text: str, delimiter: str, at: int) -> int:
    end = text.find(delimiter, at)
    return len(text) if end < 0 else end
