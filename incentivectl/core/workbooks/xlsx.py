"""How far a sheet of an `.xlsx` file goes, and where its error values stand.

The reader of cells tells neither. Most programs write each cell as `<c r="B7" …>`, which is found
in bytes at a glance; a sheet that is written otherwise is parsed element by element.
"""

import re

from incentivectl.core import limits
from incentivectl.core.workbooks.archives import Attributes, Elements, Parts, target_of
from incentivectl.core.workbooks.cells import UNNAMED_ERROR, Errors, Extent, error_text

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_LOADED = ("xl/sharedStrings.xml", "xl/styles.xml")
_MOST_ROWS = 1_049_999  # that a row of these digits can be
_PLACE = rb'r="([A-Z]{1,3})(?:[0-9]{1,6}|10[0-4][0-9]{4})"'
_USUAL = re.compile(rb"<c " + _PLACE)
_UNUSUAL = re.compile(rb"<(?:\w+:c|c(?! " + _PLACE + rb"))[\s/>]")
_ERROR = re.compile(
    rb'<c r="([A-Z]+)([0-9]+)"[^>]*?\st=["\']e["\'][^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>'
)
_ERROR_MARKS = (b't="e"', b"t='e'")
_REFERENCE = re.compile(r"([A-Za-z]+)([0-9]+)")


def check(parts: Parts) -> None:
    """Raises where the parts that are loaded with the workbook are too large."""
    for name in _LOADED:
        parts.check(name, limits.SHARED_TEXT_BYTES)


def part_of(parts: Parts, sheet: str) -> str:
    """The part that holds a sheet."""
    relations: dict[str, str] = {}

    def note(name: str, attributes: Attributes) -> None:
        if name == "sheet" and "name" in attributes:
            relations[attributes["name"]] = attributes.get("id", "")

    Elements(note).feed(iter([parts.content(_WORKBOOK)]))
    return target_of(parts, _RELATIONS, relations.get(sheet, ""))


def scan(parts: Parts, sheet: str) -> Errors:
    """The error values of a sheet; raises where it goes further than can be held."""
    part = part_of(parts, sheet)
    found = _quickly(parts, part)
    return _exactly(parts, part) if found is None else found


def _quickly(parts: Parts, part: str) -> Errors | None:
    """None where a cell is written in an unusual way, or the sheet may go further than can be held."""
    columns: set[bytes] = set()
    errors: Errors = {}
    rest = b""
    for chunk in parts.chunks(part):
        text = rest + chunk
        end = text.rfind(b"<c ")  # the last cell may be cut off
        end = end if end >= 0 else max(len(text) - limits.LINE_BYTES, 0)
        text, rest = text[:end], text[end:]
        if not _note(text, columns, errors):
            return None
    if not _note(rest, columns, errors):
        return None
    widest = max(map(_number, columns), default=0)
    fits = widest * _MOST_ROWS <= limits.SHEET_CELLS
    return errors if fits else None  # of a wide sheet it matters how many rows there are


def _note(text: bytes, columns: set[bytes], errors: Errors) -> bool:
    """Takes in a stretch of whole cells; False where one of them is unusual."""
    cells = _USUAL.findall(text)
    if (len(cells) != text.count(b"<c") or b":c" in text) and _UNUSUAL.search(text):
        return False
    columns.update(cells)
    if any(mark in text for mark in _ERROR_MARKS):
        for column, row, value in _ERROR.findall(text):
            name = error_text(value.decode("ascii", "replace"))
            errors.setdefault(int(row) - 1, {})[_number(column) - 1] = name
    return True


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _exactly(parts: Parts, part: str) -> Errors:
    """As `_quickly`, element by element: cells may lack their place, and elements have a prefix."""
    scanning = _Scan()
    elements = Elements(scanning.start)
    elements.parser.EndElementHandler = scanning.end
    elements.parser.CharacterDataHandler = scanning.text
    elements.feed(parts.chunks(part))
    scanning.extent.check()
    return scanning.errors


class _Scan:
    def __init__(self) -> None:
        self.extent = Extent()
        self.errors: Errors = {}
        self._row = self._column = 0
        self._value: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isascii() and number.isdigit() else self._row + 1
            self._column = 0
        elif name == "c":
            self._column += 1
            if place := _REFERENCE.fullmatch(attributes.get("r", "")):
                self._column = _number(place[1].upper().encode())
                self._row = int(place[2])
            self.extent.reach(self._row, self._column)
            if attributes.get("t") == "e":
                self.errors.setdefault(self._row - 1, {})[self._column - 1] = UNNAMED_ERROR
        elif name == "v" and self._column - 1 in self.errors.get(self._row - 1, {}):
            self._value = []

    def text(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)

    def end(self, _: str) -> None:
        if self._value is not None:
            name = error_text("".join(self._value))
            self.errors[self._row - 1][self._column - 1] = name
            self._value = None
