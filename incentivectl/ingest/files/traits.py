"""What the text of a file holds that decides how it is read, found out while its bytes pass.

Delimiters are counted line by line, without a loop over lines: of a chunk only its delimiters and line
feeds are kept, and that must be the usual line over and over again; what is left where it is not are the
uneven lines.
"""

import codecs
import re
from dataclasses import dataclass, field

from incentivectl.core.workbooks.cells import ERROR_TEXTS

# An apostrophe that may stand before a formula (core.safe_text), or is the last that was read.
_NEUTRALISED = re.compile(rb"' *(?:[=+\-@\t\r\n]|\xef\xbc|$)")
# White space that Polars strips from cells, besides blanks and line ends.
_OTHER_BLANKS = (b"\t", b"\v", b"\f")
_WIDE_BLANKS = "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_ERROR_VALUES = [value.encode() for value in ERROR_TEXTS]
_LONGEST_ERROR = max(map(len, _ERROR_VALUES))
MOST_UNEVEN = 100_000  # a file with more is looked at once more, line by line
_USUAL = b"\x01"  # what stands for a usual line
UNIT_SEPARATOR = "\x1f"  # what a physical line is told not to hold when lines are scanned whole


@dataclass(slots=True)
class Traits:
    """What a text holds that decides how it is read. Sizes are of the plain UTF-8 text."""

    size: int = 0
    breaks: int = 0  # line feeds
    returns: int = 0  # carriage returns
    ends_with_break: bool = True
    quotes: bool = False
    lone_returns: bool = False
    separators: bool = False
    nul: bool = False
    apostrophes: bool = False  # before what a spreadsheet would run
    valid: bool = True
    replacements: bool = False
    errors: bool = False  # a cell may hold a spreadsheet's error value, such as #N/A
    exponents: bool = False  # a number such as 2E+11 may stand in a cell
    padded: bool = False  # white space may stand at the edge of a cell
    delimiters: int | None = None  # in most lines; None if that is not known
    uneven: list[tuple[int, int]] = field(default_factory=list)  # other lines, from 0, and theirs

    @property
    def lines(self) -> int:
        """Physical lines, where there are no lone carriage returns."""
        return self.breaks + (not self.ends_with_break)

    @property
    def most_records(self) -> int:
        """An upper bound of the records that the text may hold."""
        return self.lines + self.returns


class Look:
    """Looks at a text chunk by chunk."""

    def __init__(self, delimiter: str) -> None:
        self._traits = Traits()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._cut_return = False
        edges = (delimiter, "\n", "\r", '"')
        self._padding = [pair.encode() for edge in edges for pair in (f" {edge}", f"{edge} ")]
        self._blanks = [blank for blank in _OTHER_BLANKS if blank != delimiter.encode()]
        self._evenness = Evenness(delimiter)

    @property
    def breaks(self) -> int:
        """How many line feeds there were so far."""
        return self._traits.breaks

    @property
    def nul(self) -> bool:
        """Whether there was a NUL byte so far."""
        return self._traits.nul

    def at(self, chunk: bytes) -> None:
        """Looks at the next chunk."""
        if not chunk:
            return
        traits = self._traits
        traits.size += len(chunk)
        traits.breaks += self._evenness.breaks_in(chunk)
        traits.ends_with_break = chunk.endswith(b"\n")
        traits.quotes = traits.quotes or b'"' in chunk
        if not traits.apostrophes and b"'" in chunk:
            traits.apostrophes = _NEUTRALISED.search(chunk) is not None
        traits.nul = traits.nul or b"\0" in chunk
        traits.separators = traits.separators or UNIT_SEPARATOR.encode() in chunk
        self._look_at_returns(chunk)
        traits.exponents = traits.exponents or _has_exponent(chunk)
        traits.errors = traits.errors or _has_error(chunk)
        traits.padded = traits.padded or self._is_padded(chunk)
        if traits.valid and (not chunk.isascii() or self._utf8.getstate()[0]):
            self._look_at_characters(chunk)

    def finished(self) -> Traits:
        """What was found out, at the end of the text."""
        traits = self._traits
        if self._utf8.getstate()[0]:  # the last character is cut off
            traits.valid = False
        traits.replacements |= not traits.valid
        if not traits.quotes:
            traits.delimiters, traits.uneven = self._evenness.found(traits.ends_with_break)
        return traits

    def _look_at_returns(self, chunk: bytes) -> None:
        """Carriage returns without a line feed; a pair may be cut in two by the end of a chunk."""
        if self._cut_return and not chunk.startswith(b"\n"):
            self._traits.lone_returns = True
        self._cut_return = chunk.endswith(b"\r")
        if b"\r" in chunk:
            returns = chunk.count(b"\r")
            self._traits.returns += returns
            if returns - self._cut_return > chunk.count(b"\r\n"):
                self._traits.lone_returns = True

    def _is_padded(self, chunk: bytes) -> bool:
        """Whether a cell may begin or end with a blank; what a chunk's end cuts in two may."""
        if any(blank in chunk for blank in self._blanks):
            return True
        if b" " not in chunk:
            return False
        cut = chunk.startswith(b" ") or chunk.endswith(b" ")
        return cut or any(pair in chunk for pair in self._padding)

    def _look_at_characters(self, chunk: bytes) -> None:
        try:
            characters = self._utf8.decode(chunk)
        except UnicodeDecodeError:
            self._traits.valid = False
            self._traits.padded = True
        else:
            self._traits.padded |= any(blank in characters for blank in _WIDE_BLANKS)
            self._traits.replacements = self._traits.replacements or "\ufffd" in characters


def _has_exponent(chunk: bytes) -> bool:
    """Whether a number may have an exponent; the end of a chunk may cut it in two."""
    return b"+" in chunk and (chunk.startswith(b"+") or b"E+" in chunk or b"e+" in chunk)


def _has_error(chunk: bytes) -> bool:
    """Whether an error value of a spreadsheet may stand in a cell; a chunk's end may cut it in two."""
    return b"#" in chunk and (
        any(value in chunk for value in _ERROR_VALUES) or b"#" in chunk[-_LONGEST_ERROR:]
    )


class Evenness:
    """How many delimiters lines have: that of most lines, and the lines that have others.

    Nothing is known of lines without a delimiter, since they may be empty.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter.encode()
        self._others = bytes(byte for byte in range(256) if byte not in (*self._delimiter, 10))
        one = re.escape(self._delimiter)
        self._uneven_line = re.compile(one + rb"*\n|" + one + rb"+" + _USUAL)
        self._usual = b""
        self._cut = b""
        self._lines = 0
        self._uneven: list[tuple[int, int]] = []
        self._is_known = len(self._delimiter) == 1 and self._delimiter != _USUAL

    def breaks_in(self, chunk: bytes) -> int:
        """Looks at the next chunk; how many line feeds it has."""
        if not self._is_known:
            return chunk.count(b"\n")
        before = self._cut
        bare = before + chunk.translate(None, self._others)
        end = bare.rfind(b"\n") + 1
        bare, self._cut = bare[:end], bare[end:]
        if not bare:
            return 0
        if not self._usual:
            self._usual = bare[bare.rfind(b"\n", 0, -1) + 1 :]
        usual = bare.count(self._usual)
        if usual * len(self._usual) == len(bare):
            self._lines += usual
            return usual
        breaks = bare.count(b"\n")
        self._gather(bare)
        self._lines += breaks
        return breaks

    def found(self, ends_with_break: bool) -> tuple[int | None, list[tuple[int, int]]]:
        """The delimiters of most lines, None if that is not known; and the other lines."""
        if len(self._usual) > 1 and self._is_known and not ends_with_break:
            self._gather(self._cut + b"\n")
        if len(self._usual) < 2 or not self._is_known:
            return None, []
        return len(self._usual) - 1, self._uneven

    def _gather(self, bare: bytes) -> None:
        """Notes the uneven lines of a chunk, of which only delimiters and line feeds are left."""
        marked = bare.replace(self._usual, _USUAL)
        line = self._lines
        at = 0
        for uneven in self._uneven_line.finditer(marked):
            line += uneven.start() - at  # every byte between two uneven lines is a usual line
            text = uneven[0]
            delimiters = len(text) - 1 + (len(self._usual) - 1 if text.endswith(_USUAL) else 0)
            self._uneven.append((line, delimiters))
            self._is_known = self._is_known and delimiters > 0
            line += 1
            at = uneven.end()
            if len(self._uneven) > MOST_UNEVEN:
                self._is_known = False
                return
