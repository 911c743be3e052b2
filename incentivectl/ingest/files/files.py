"""Which files belong to which source, and in which order they are read.

Files come in the order of their source's `order`, then by their path relative to the workspace: by
code point, but runs of digits by value (docs/rules.md, "Reading").
"""

import glob
import os
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from incentivectl.core.errors import Problem
from incentivectl.core.object_store import ObjectError
from incentivectl.core.objects import Object, found
from incentivectl.core.safe_text import is_encodable
from incentivectl.core.urls import is_url
from incentivectl.core.workbooks import names
from incentivectl.ingest.files.patterns import TooManyFilesError, matching
from incentivectl.ingest.files.reject_files import rejects_beside
from incentivectl.workspace.source import Source

ENDINGS = (".csv", ".gz", ".zst", ".parquet", *names.ENDINGS)
OPEN_ELSEWHERE = "~$"  # what Excel puts beside a workbook that somebody has open


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a source; `name` is its path relative to the workspace, with slashes, or its URL.

    One in object storage is `stored` there; its `path` is where its copy is, once it is `fetch`ed.
    """

    source: Source
    path: Path
    name: str
    stored: Object | None = None

    @classmethod
    def of_object(cls, source: Source, stored: Object, folder: Path) -> Self:
        """An object, whose copy has its place in `folder`."""
        return cls(source, stored.place(folder), stored.url, stored)

    def within(self, folder: Path) -> "DataFile":
        """The same; an object that was not fetched here has its place in `folder`."""
        if self.stored is None or self.path.is_file():
            return self
        return replace(self, path=self.stored.place(folder))

    def fetch(self) -> Problem | None:
        """Copies an object to its place, unless it is there; what is wrong if that cannot be done."""
        try:
            if self.stored is not None:
                self.stored.fetch(self.path.parent.parent)
        except ObjectError as error:
            return _of_object(error, self.source)
        return None

    @property
    def size(self) -> int:
        """In bytes; 0 where there is no such file."""
        if self.stored is not None:
            return self.stored.size
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def sheet(self) -> str | int | None:
        """Which sheet of a workbook it is; None for other files."""
        return (self.source.sheet or 1) if names.is_workbook(self.path) else None

    @property
    def order(self) -> tuple[int, tuple[tuple[int, str], ...]]:
        """What files are sorted by: the source's order, then the path with digits by value."""
        return (self.source.order, by_value(self.name))


def by_value(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key for paths: code points, but runs of digits by value (`2.csv` before `10.csv`)."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((int(part), part) if at % 2 else (0, part) for at, part in enumerate(parts))


def files_of_sources(
    root: Path, sources: Sequence[Source], folder: Path, later: Container[str] = ()
) -> tuple[dict[str, list[DataFile]], list[Problem]]:
    """The files of every table in reading order, and what is wrong with them.

    Objects are copied into `folder`; those of tables that are read `later` are only found.

    A declared file that is not there, a pattern without a match, a folder in place of a file, and a
    file that two sources match are errors; the last belongs to neither.
    """
    problems: list[Problem] = []
    of_tables: dict[str, list[DataFile]] = {}
    owners: dict[tuple[str, str | int | None], Source] = {}
    contested: set[tuple[Path, str | int | None]] = set()
    for source in sources:
        for file in (*_files(root, source, problems), *_objects(source, folder, problems)):
            owner = owners.setdefault((os.path.realpath(file.path), file.sheet), source)
            if owner is not source:
                problems.append(_two_sources(file.path, owner, source))
                contested.add((file.path, file.sheet))
            of_tables.setdefault(source.table, []).append(file)
    for table, files in of_tables.items():
        mine = [file for file in files if (file.path, file.sheet) not in contested]
        here = mine if table in later else [file for file in mine if _is_here(file, problems)]
        of_tables[table] = sorted(here, key=lambda file: file.order)
    return of_tables, problems


def _files(root: Path, source: Source, problems: list[Problem]) -> Iterator[DataFile]:
    for path in _paths(root, source, problems):
        yield DataFile(source, path, Path(os.path.relpath(path, root)).as_posix())


def _objects(source: Source, folder: Path, problems: list[Problem]) -> Iterator[DataFile]:
    """The objects of a source, each once."""
    named: dict[str, Object] = {}
    for url in filter(is_url, source.paths):
        try:
            mine = found(url)
        except ObjectError as error:
            problems.append(_of_object(error, source))
            continue
        if not mine and source.declared:
            message = f'no object matches "{url}" (source {source.name})'
            problems.append(Problem("no-file", message, "correct `path`, or leave the source out"))
        named |= {one.url: one for one in mine}
    return (DataFile.of_object(source, one, folder) for one in named.values())


def _is_here(file: DataFile, problems: list[Problem]) -> bool:
    problem = file.fetch()
    if problem is not None:
        problems.append(problem)
    return problem is None


def _of_object(error: ObjectError, source: Source) -> Problem:
    return Problem(error.code, f"{error.message} (source {source.name})", error.hint)


def _paths(root: Path, source: Source, problems: list[Problem]) -> Iterator[Path]:
    seen: set[str] = set()
    for pattern in source.paths:
        if is_url(pattern):
            continue
        try:
            matches = [*_matches(root, pattern), *rejects_beside(root, pattern, source)]
        except TooManyFilesError as error:
            problems.append(_too_many(root, pattern, source, str(error)))
            continue
        if not matches and source.declared:
            problems.append(_nothing_there(root, pattern, source))
        for path in matches:
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            if path.is_dir():
                problems.append(_is_folder(path))
            elif not is_encodable(os.path.relpath(path, root)):
                problems.append(_odd_name(path))
            else:
                yield path


def _matches(root: Path, pattern: str) -> Iterator[Path]:
    """The files that a pattern names; folders only where they pose as a file of data."""
    literal = root / pattern
    if literal.exists() or literal.is_symlink():  # a link to nowhere is told when it is opened
        yield literal
        return
    if glob.has_magic(pattern):
        for path in matching(root, pattern):
            is_data = not path.is_dir() or path.suffix in ENDINGS
            if is_data and not path.name.startswith(OPEN_ELSEWHERE):
                yield path


def _too_many(root: Path, pattern: str, source: Source, why: str) -> Problem:
    message = f'the pattern "{pattern}" (source {source.name}) {why}'
    hint = "narrow it, such as sales/*.csv"
    return Problem("too-many-files", message, hint, file=root / pattern)


def _nothing_there(root: Path, pattern: str, source: Source) -> Problem:
    if glob.has_magic(pattern):
        message = f'no file matches "{pattern}" (source {source.name})'
        hint = "correct `path`, or leave the source out"
    else:
        message = f'file not found: "{pattern}" (source {source.name})'
        near = _similar_files(root / pattern)
        hint = f"did you mean {near}?" if near else "correct `path`, or leave the source out"
    return Problem("no-file", message, hint, file=root / pattern)


def _similar_files(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return ""
    same = [p.name for p in folder.iterdir() if p.name.split(".")[0] == path.name.split(".")[0]]
    return ", ".join(sorted(same)[:3])


def _is_folder(path: Path) -> Problem:
    hint = f'to read all files in it, write path = "{path.name}/*.csv"'
    return Problem("folder-for-file", "expected a file, found a folder", hint, file=path)


def _odd_name(path: Path) -> Problem:
    hint = "rename it: reports and rejects name the files that they are about"
    return Problem("bad-file-name", "the file's name is not valid UTF-8", hint, file=path)


def _two_sources(path: Path, first: Source, second: Source) -> Problem:
    message = (
        f"the sources {first.name} ({first.table}) and {second.name} ({second.table}) both match it"
    )
    return Problem(
        "two-sources", message, "a file belongs to one source: narrow one `path`", file=path
    )
