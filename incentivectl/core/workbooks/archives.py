"""The parts of a zipped workbook, which are checked before they are unpacked into memory."""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from incentivectl.core import limits
from incentivectl.core.bounds import BeyondLimitError, check_unpacked
from incentivectl.core.input_files import size
from incentivectl.core.workbooks.cells import WorkbookError, damaged

CHUNK = 1 << 22
# What zipfile raises where an archive is damaged.
BAD_ZIP = (BadZipFile, EOFError, zlib.error, NotImplementedError, ValueError, RuntimeError, OSError)
ENCRYPTED = 0x1  # a flag of each part
Attributes = dict[str, str]


def protected() -> WorkbookError:
    """What is told of a workbook that needs a password."""
    hint = "save it without a password, or save the sheet as CSV"
    return WorkbookError("protected-workbook", "the workbook is protected by a password", hint)


class Parts:
    """The parts of a workbook by name; raises `WorkbookError`, `BeyondLimitError`."""

    def __init__(self, archive: ZipFile, path: Path) -> None:
        self._archive = archive
        self._parts = {part.filename.lower(): part for part in archive.infolist()}
        if any(part.flag_bits & ENCRYPTED for part in self._parts.values()):
            raise protected()
        whole = sum(part.file_size for part in archive.infolist())
        check_unpacked(whole, path.stat().st_size, limits.WORKBOOK_BYTES)
        self._sizes = {part.filename: part.file_size for part in archive.infolist()}
        for part in archive.infolist():  # so that a byte more than that would be read
            part.file_size += 1

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def names(self) -> list[str]:
        """The names of all parts in lower case."""
        return [*self._parts]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part; raises `WorkbookError` where it holds another number than it says."""
        part = self._parts.get(name.lower())
        if part is None:
            raise damaged(f"the part {name} is missing")
        try:
            yield from self._inflated(part)
        except BAD_ZIP as error:
            raise damaged(error) from None

    def _inflated(self, part: ZipInfo) -> Iterator[bytes]:
        """What a part holds; one that is larger than it says is meant to fill the memory."""
        found = 0
        with self._archive.open(part) as file:
            while chunk := file.read(CHUNK):
                found += len(chunk)
                yield chunk
        if found != self._sizes[part.filename]:
            raise damaged(f"the part {part.filename} is not as large as it says")

    def check(self, name: str, most_bytes: int) -> None:
        """Raises where a part, if it is there, is larger than this, or than it says."""
        found = 0
        for chunk in self.chunks(name) if name in self else ():
            found += len(chunk)
            if found > most_bytes:
                hint = "save the sheet that is needed as CSV"
                raise BeyondLimitError(f"its part {name} is larger than {size(most_bytes)}", hint)

    def content(self, name: str) -> bytes:
        """A small part as a whole."""
        self.check(name, limits.WORKBOOK_INDEX_BYTES)
        return b"".join(self.chunks(name))


class Elements:
    """Passes the elements of XML to `start` (name without prefix, attributes without prefixes)."""

    def __init__(self, start: Callable[[str, Attributes], None]) -> None:
        from xml.parsers import expat

        self._error = expat.ExpatError
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = lambda name, attributes: start(
            bare(name), {bare(key): value for key, value in attributes.items()}
        )
        self.parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, chunks: Iterator[bytes]) -> None:
        """Parses a whole part; raises `WorkbookError`."""
        try:
            for chunk in chunks:
                self.parser.Parse(chunk, False)
            self.parser.Parse(b"", True)
        except self._error as error:
            raise damaged(error) from None

    @staticmethod
    def _refuse(*_: object) -> None:
        raise damaged("it declares a document type")


def bare(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def target_of(parts: Parts, relations: str, relation: str) -> str:
    """The part that a relation of the workbook leads to."""
    targets: dict[str, str] = {}

    def note(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    Elements(note).feed(iter([parts.content(relations)]))
    target = targets.get(relation, "")
    if not target:
        raise damaged("a sheet has no part")
    return target[1:] if target.startswith("/") else f"xl/{target}"
