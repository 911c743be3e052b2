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
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import zstandard

from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.errors import Problem
from incentivectl.core.input_files import NotAFileError, Seen, opened_raw, seen_open
from incentivectl.ingest.files.bounds import Bounds
from incentivectl.ingest.files.encodings import wide_encoding
from incentivectl.ingest.files.traits import Look, Traits

CHUNK = 1 << 22
_SEPARATOR = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=([^"\r\n\x80-\xff])"?[\r\n]', re.IGNORECASE)
LARGE = 1 << 18  # bytes; fewer are hashed at once
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A file's plain text at `path` (UTF-8, perhaps with a BOM), and the file's size and hash.

    `seen` is what the file was like before its first byte was read. A first line such as `sep=;` names the
    `delimiter`, and is one of the `lines_before` the header.
    """

    path: Path
    traits: Traits
    bytes: int
    sha256: str
    seen: Seen
    delimiter: str = ","
    lines_before: int = 0


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
    reading = _Reading(path, encoding, scratch, progress or (lambda _: None), delimiter)
    try:
        return reading.text()
    except (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError) as error:
        hint = "is it complete? Copy it again, or unpack it and see what is wrong"
        return _problem("broken-archive", path, f"it cannot be unpacked: {error}", hint)
    except BeyondLimitError as error:
        return reading.binary() if reading.look.nul else error.problem(path)
    except OSError as error:
        return _unreadable(path, error)


def hashed(path: Path, progress: Callable[[int], None] | None = None) -> Text | Problem:
    """A file that is no text (Parquet): only its size and hash are found out."""
    try:
        with opened_raw(path) as file:
            before = seen_open(file)
            counted = _Counted(file, progress or (lambda _: None))
            while counted.read(CHUNK):
                pass
    except OSError as error:
        return _unreadable(path, error)
    return Text(path, Traits(), counted.count, counted.sha256(), before)


def _unreadable(path: Path, error: OSError) -> Problem:
    if isinstance(error, NotAFileError):
        return _problem("not-a-file", path, error.strerror, "save the export as a file")
    if isinstance(error, PermissionError):
        return _problem("no-permission", path, "no permission to read it")
    return _problem("unreadable-file", path, f"it cannot be read: {error.strerror or error}")


def _problem(code: str, path: Path, message: str, hint: str = "check the file") -> Problem:
    return Problem(code, message, hint, file=path)


class _Counted(io.RawIOBase):
    """The file's raw bytes: counted as they pass, and hashed beside what is done with them."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], None]) -> None:
        self._file = file
        self._progress = progress
        self._hash = hashlib.sha256()
        self._beside = ThreadPoolExecutor(1)
        self._hashing: Future[None] | None = None
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._wait()
        if len(chunk) < LARGE:
            self._hash.update(chunk)
        else:
            self._hashing = self._beside.submit(self._hash.update, chunk)
        self.count += len(chunk)
        self._progress(len(chunk))
        return chunk

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def sha256(self) -> str:
        """The hash of all that was read (hex)."""
        self._wait()
        self._beside.shutdown()
        return self._hash.hexdigest()

    def _wait(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None


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
        self.delimiter = delimiter
        self.lines_before = 0
        self.look = Look(delimiter)
        self._begun = False

    def text(self) -> Text | Problem:
        with opened_raw(self.path) as file:
            before = seen_open(file)
            counted = _Counted(file, self.progress)
            unpacked, packed = self._unpacked(counted)
            self.bounds = Bounds(os.fstat(file.fileno()).st_size if packed else None)
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
        if self.look.nul:
            return self.binary()
        traits = self.look.finished()
        text = Text(target, traits, counted.count, counted.sha256(), before)
        return replace(text, delimiter=self.delimiter, lines_before=self.lines_before)

    def binary(self) -> Problem:
        """What is told of a file that holds NUL bytes."""
        hint = "if it is a workbook, let its name end in .xlsx (or .xls, .xlsb, .ods);"
        hint += " if it is text in another"
        hint += f' encoding than "{self.encoding}", name that in `encoding`'
        fitting = wide_encoding(self.path)
        hint += f': "{fitting}" would fit' if fitting else ""
        return _problem("binary-file", self.path, "this is not a text file", hint)

    def _look_at(self, chunk: bytes) -> None:
        if not self._begun:
            self._obey(chunk)
        before = self.look.breaks
        self.look.at(chunk)
        self.bounds.at(chunk, before)

    def _obey(self, start: bytes) -> None:
        """A first line `sep=;` says what separates columns, whatever the source does."""
        self._begun = True
        if found := _SEPARATOR.match(start):
            self.delimiter, self.lines_before = found[1].decode("ascii"), 1
            self.look = Look(self.delimiter)

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
