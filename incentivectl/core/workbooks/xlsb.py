"""How far a sheet of an `.xlsb` file goes, and where its error values stand (its format is BIFF12)."""

from collections.abc import Iterator

from incentivectl.core import limits
from incentivectl.core.workbooks.archives import Parts, target_of
from incentivectl.core.workbooks.cells import (
    ERROR_VALUES,
    UNNAMED_ERROR,
    Errors,
    Extent,
    damaged,
)

_WORKBOOK, _RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
_LOADED = ("xl/sharedStrings.bin", "xl/styles.bin")
_ROW, _SHEET = 0, 156
_ERRORS = {3, 11}  # a value, the value of a formula
_CELLS = {2, *_ERRORS, *range(4, 11), 62}
_COUNT = 4  # bytes of a number


def check(parts: Parts) -> None:
    """Raises where the parts that are loaded with the workbook are too large."""
    for name in _LOADED:
        parts.check(name, limits.SHARED_TEXT_BYTES)


def part_of(parts: Parts, sheet: str) -> str:
    """The part that holds a sheet."""
    for kind, record in _records(iter([parts.content(_WORKBOOK)])):
        if kind == _SHEET:
            relation, end = _text(record, 2 * _COUNT)
            name, _ = _text(record, end)
            if name == sheet:
                return target_of(parts, _RELATIONS, relation)
    raise damaged(f"the sheet {sheet} has no part")


def scan(parts: Parts, sheet: str) -> Errors:
    """The error values of a sheet; raises where it goes further than can be held."""
    extent = Extent()
    errors: Errors = {}
    row = 0
    for kind, record in _records(parts.chunks(part_of(parts, sheet))):
        if kind == _ROW:
            row = _number(record, 0)
        elif kind in _CELLS:
            column = _number(record, 0)
            extent.reach(row + 1, column + 1)
            if kind in _ERRORS:
                errors.setdefault(row, {})[column] = ERROR_VALUES.get(record[8], UNNAMED_ERROR)
    extent.check()
    return errors


def _number(record: bytes, at: int) -> int:
    return int.from_bytes(record[at : at + _COUNT], "little")


def _text(record: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and the place behind it."""
    start = at + _COUNT
    end = start + 2 * _number(record, at)
    return record[start:end].decode("utf-16-le", "replace"), end


def _records(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record of a part; both numbers before it are of seven bits a byte."""
    text = b""
    for chunk in chunks:
        text += chunk
        at = 0
        while (found := _record(text, at)) is not None:
            kind, start, end = found
            yield kind, text[start:end]
            at = end
        text = text[at:]
    if text:
        raise damaged("its last record is cut off")


def _record(text: bytes, at: int) -> tuple[int, int, int] | None:
    """Kind, start and end of the record at a place; none where it goes beyond the text."""
    kind, at = _packed(text, at, most_bytes=2)
    size, at = _packed(text, at, most_bytes=_COUNT)
    return (kind, at, at + size) if at + size <= len(text) else None


def _packed(text: bytes, at: int, most_bytes: int) -> tuple[int, int]:
    """A number and the place behind it; behind the text where it is cut off."""
    number = 0
    for shift in range(0, 7 * most_bytes, 7):
        if at >= len(text):
            return 0, len(text) + 1
        byte, at = text[at], at + 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    return number, at
