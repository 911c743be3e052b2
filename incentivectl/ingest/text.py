"""A file as plain UTF-8 text that Polars can scan, whatever its encoding and compression.

One pass over the bytes, a chunk at a time: it hashes the file, writes the plain text to `scratch`
where that differs from the file, and finds out what the next passes need to know about it.
"""

import codecs
import gzip
import hashlib
import io
import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from incentivectl.errors import Problem

CHUNK = 1 << 22
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# An apostrophe that may stand before a formula (incentivectl.cells), or is the last that was read.
_NEUTRALISED = re.compile(rb"' *(?:[=+\-@\t\r\n]|\xef\xbc|$)")
# White space that Polars strips from cells, besides blanks and line ends.
_OTHER_BLANKS = (b"\t", b"\v", b"\f")
_WIDE_BLANKS = "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
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
    padded: bool = False  # white space may stand at the edge of a cell

    @property
    def lines(self) -> int:
        """Physical lines, where there are no lone carriage returns."""
        return self.breaks + (not self.ends_with_break)

    @property
    def most_records(self) -> int:
        """An upper bound of the records that the text may hold."""
        return self.lines + self.returns


@dataclass(frozen=True, slots=True)
class Text:
    """A file's plain text at `path` (UTF-8, perhaps with a BOM), and the file's size and hash."""

    path: Path
    traits: Traits
    bytes: int
    sha256: str


def plain_text(
    path: Path,
    encoding: str,
    scratch: Path,
    progress: Callable[[int], None] | None = None,
    *,
    delimiter: str = ",",
) -> Text | Problem:
    """The text of one file, or the problem that keeps it from being read.

    `encoding` is the source's; a BOM in the file wins. Bytes that do not decode become U+FFFD.
    """
    try:
        return _Reading(path, encoding, scratch, progress or (lambda _: None), delimiter).text()
    except PermissionError:
        return _problem("no-permission", path, "there is no permission to read it")
    except (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError) as error:
        hint = "is it complete? Copy it again, or unpack it and see what is wrong"
        return _problem("broken-archive", path, f"it cannot be unpacked: {error}", hint)
    except OSError as error:
        return _problem("unreadable-file", path, f"it cannot be read: {error.strerror or error}")


def hashed(path: Path, progress: Callable[[int], None] | None = None) -> Text | Problem:
    """A file that is no text (Parquet): only its size and hash are found out."""
    try:
        with path.open("rb", buffering=0) as file:
            counted = _Counted(file, progress or (lambda _: None))
            while counted.read(CHUNK):
                pass
    except PermissionError:
        return _problem("no-permission", path, "there is no permission to read it")
    except OSError as error:
        return _problem("unreadable-file", path, f"it cannot be read: {error.strerror or error}")
    return Text(path, Traits(), counted.count, counted.hash.hexdigest())


def _problem(code: str, path: Path, message: str, hint: str = "check the file") -> Problem:
    return Problem(code, message, hint, file=path)


class _Counted(io.RawIOBase):
    """The file's raw bytes: hashed and counted as they pass."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], None]) -> None:
        self._file = file
        self._progress = progress
        self.hash = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        got = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self.hash.update(buffer[:got])
        self.count += got
        self._progress(got)
        return int(got)


class _Reading:
    def __init__(
        self,
        path: Path,
        encoding: str,
        scratch: Path,
        progress: Callable[[int], None],
        delimiter: str,
    ) -> None:
        self.path = path
        self.encoding = encoding
        self.scratch = scratch
        self.progress = progress
        self.traits = Traits()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._cut_return = False
        edges = (delimiter, "\n", "\r", '"')
        self._padding = [pair.encode() for edge in edges for pair in (f" {edge}", f"{edge} ")]
        self._blanks = [blank for blank in _OTHER_BLANKS if blank != delimiter.encode()]

    def text(self) -> Text | Problem:
        with self.path.open("rb", buffering=0) as file:
            counted = _Counted(file, self.progress)
            unpacked, packed = self._unpacked(counted)
            chunks = iter(lambda: unpacked.read(CHUNK), b"")
            first = next(chunks, b"")
            found = next((name for bom, name in BOMS if first.startswith(bom)), None)
            encoding = codecs.lookup(found or self.encoding).name
            plain = encoding in ("utf-8", "utf-8-sig", "ascii")
            decoded = (
                _joined(first, chunks)
                if plain
                else _transcoded(_without_bom(_joined(first, chunks)), encoding)
            )
            target = self.path
            if packed or not plain:
                target = self._write(decoded)
            else:
                for chunk in decoded:
                    self._look_at(chunk)
            while counted.read(CHUNK):  # what lies behind the end of a compressed stream
                pass
        if self.traits.nul:
            hint = f'is it text in the encoding "{self.encoding}"? A spreadsheet must be exported'
            return _problem("binary-file", self.path, "it holds binary data (NUL bytes)", hint)
        if self._utf8.getstate()[0]:  # the last character is cut off
            self.traits.valid = False
        self.traits.replacements |= not self.traits.valid
        return Text(target, self.traits, counted.count, counted.hash.hexdigest())

    def _unpacked(self, raw: _Counted) -> tuple[BinaryIO, bool]:
        if self.path.suffix == ".gz":
            return gzip.GzipFile(fileobj=io.BufferedReader(raw, CHUNK)), True  # type: ignore[return-value]
        if self.path.suffix == ".zst":
            reader = zstandard.ZstdDecompressor().stream_reader(
                raw,  # type: ignore[arg-type]
                read_across_frames=True,
            )
            return io.BufferedReader(reader, CHUNK), True
        return raw, False  # type: ignore[return-value]

    def _write(self, chunks: Iterator[bytes]) -> Path:
        self.scratch.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="text-", suffix=".csv", dir=self.scratch)
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                self._look_at(chunk)
                out.write(chunk)
        return Path(name)

    def _look_at(self, chunk: bytes) -> None:
        if not chunk:
            return
        traits = self.traits
        traits.size += len(chunk)
        traits.breaks += chunk.count(b"\n")
        traits.ends_with_break = chunk.endswith(b"\n")
        traits.quotes = traits.quotes or b'"' in chunk
        if not traits.apostrophes and b"'" in chunk:
            traits.apostrophes = _NEUTRALISED.search(chunk) is not None
        traits.nul = traits.nul or b"\0" in chunk
        traits.separators = traits.separators or UNIT_SEPARATOR.encode() in chunk
        self._look_at_returns(chunk)
        traits.padded = traits.padded or self._is_padded(chunk)
        if traits.valid and (not chunk.isascii() or self._utf8.getstate()[0]):
            self._look_at_characters(chunk)

    def _look_at_returns(self, chunk: bytes) -> None:
        """Carriage returns without a line feed; a pair may be cut in two by the end of a chunk."""
        if self._cut_return and not chunk.startswith(b"\n"):
            self.traits.lone_returns = True
        self._cut_return = chunk.endswith(b"\r")
        if b"\r" in chunk:
            returns = chunk.count(b"\r")
            self.traits.returns += returns
            if returns - self._cut_return > chunk.count(b"\r\n"):
                self.traits.lone_returns = True

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
            self.traits.valid = False
            self.traits.padded = True
        else:
            self.traits.padded |= any(blank in characters for blank in _WIDE_BLANKS)
            self.traits.replacements = self.traits.replacements or "\ufffd" in characters


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _without_bom(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for at, chunk in enumerate(chunks):
        bom = next((bom for bom, _ in BOMS if at == 0 and chunk.startswith(bom)), b"")
        yield chunk[len(bom) :]


def _transcoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
