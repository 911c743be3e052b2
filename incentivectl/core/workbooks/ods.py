"""How far a table of an `.ods` file goes, and where its error values stand."""

from incentivectl.core import limits
from incentivectl.core.workbooks.archives import Attributes, Elements, Parts
from incentivectl.core.workbooks.cells import Errors, Extent, error_text

_CONTENT = "content.xml"
_CELLS = ("table-cell", "covered-table-cell")


def check(parts: Parts) -> None:
    """Raises where a table goes further than can be held: all are loaded with the workbook."""
    _scanned(parts, None)


def scan(parts: Parts, sheet: str) -> Errors:
    """The error values of a table."""
    return _scanned(parts, sheet).errors


def _scanned(parts: Parts, sheet: str | None) -> "_Scan":
    scanning = _Scan(sheet)
    elements = Elements(scanning.start)
    elements.parser.EndElementHandler = scanning.end
    elements.parser.CharacterDataHandler = scanning.text
    elements.feed(parts.chunks(_CONTENT))
    return scanning


class _Scan:
    """A pass over one table, or all. Equal rows, and equal cells of a row, are written once.

    Their number stands beside them.
    """

    def __init__(self, sheet: str | None) -> None:
        self._sheet = sheet
        self._is_in = False
        self.errors: Errors = {}
        self._row = self._column = 0
        self._rows = self._cells = 1
        self._error: list[str] | None = None
        self._found: dict[int, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "table":
            self._is_in = self._sheet in (None, attributes.get("name"))
            self._row = 0
            self._extent = Extent()
        elif not self._is_in:
            return
        elif name == "table-row":
            self._rows = _repeated(attributes, "number-rows-repeated")
            self._column, self._found = 0, {}
        elif name in _CELLS:
            self._cells = _repeated(attributes, "number-columns-repeated")
            if "value-type" in attributes:
                self._extent.reach(self._row + self._rows, self._column + self._cells)
                self._extent.check()
            if attributes.get("value-type") == "error":  # of LibreOffice, beside the usual one
                self._error = []

    def text(self, text: str) -> None:
        if self._error is not None:
            self._error.append(text)

    def end(self, name: str) -> None:
        if not self._is_in:
            return
        local = name.rpartition(":")[2]
        if local == "table":
            self._is_in = False
        elif local in _CELLS:
            if self._error is not None:
                value = error_text("".join(self._error))
                columns = range(self._column, self._column + self._cells)
                self._found.update(dict.fromkeys(columns, value))
                self._error = None
            self._column += self._cells
        elif local == "table-row":
            if self._found:
                rows = range(self._row, self._row + min(self._rows, limits.SHEET_ROWS))
                self.errors.update(dict.fromkeys(rows, self._found))
            self._row += self._rows


def _repeated(attributes: Attributes, name: str) -> int:
    number = attributes.get(name, "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 1
