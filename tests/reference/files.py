"""From the workspace's files to raw rows: sources, dialects, columns (section 1)."""

import codecs
import csv
import gzip
import io
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.reference.tables import TABLES, Value
from tests.reference.values import is_missing

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass
class RawRow:
    """One record of a file, under our column names and still as text."""

    source: "Source"
    path: str
    line: int
    cells: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    skipped: bool = False
    negate: bool = False
    corrects: tuple[str, int] | None = None
    rounded: set[str] = field(default_factory=set)
    blamed: str | None = None
    own_occurrence: str | None = None
    texts: frozenset[str] = frozenset()

    @property
    def order(self) -> tuple[object, ...]:
        """Rule 8: source order, path (runs of digits by value), line."""
        return (self.source.order, by_digits(self.path), self.line)


@dataclass
class Source:
    """One `[sources.…]` table of the config, its defaults filled in."""

    table: str
    options: dict[str, Value]

    @property
    def name(self) -> str:
        """A source without a name is called after its table."""
        return str(self.options.get("name", self.table))

    @property
    def order(self) -> int:
        """Of two versions of a line, the one from the source of higher order counts."""
        return int(self.options.get("order", 0))

    def option(self, key: str, default: object) -> Value:
        """An option of the source, or its default."""
        return self.options.get(key, default)


def by_digits(text: str) -> tuple[object, ...]:
    """A path by code point, but its runs of digits by value (rule 8)."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((int(p), p) if i % 2 else p for i, p in enumerate(parts))


def sources_of(config: dict[str, Value], table: str) -> list[Source]:
    """The sources of one table; one that is left out is looked for in sample_data."""
    named = config.get("sources", {})
    given = named.get(table, {})
    defaults = named.get("defaults", {})
    several = given if isinstance(given, list) else [given]
    return [Source(table, {"path": f"sample_data/{table}.csv", **defaults, **s}) for s in several]


def read_table(workspace: Path, config: dict[str, Value], table: str) -> list[RawRow] | None:
    """All records of a table in their order, or None if it has no file at all."""
    rows: list[RawRow] = []
    found = False
    for source in sources_of(config, table):
        patterns = source.option("path", [])
        patterns = [patterns] if isinstance(patterns, str) else patterns
        files = {file for pattern in patterns for file in workspace.glob(pattern)}
        for file in files:
            found = True
            rows.extend(_read_file(source, workspace, file))
    return sorted(rows, key=lambda row: row.order) if found else None


def _read_text(source: Source, file: Path) -> str:
    """The file's text; bytes that cannot be decoded become lone surrogates."""
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for bom, encoding in BOMS:
        if raw.startswith(bom):
            return raw[len(bom) :].decode(encoding, "surrogateescape")
    return raw.decode(source.option("encoding", "utf-8"), "surrogateescape")


def _records(source: Source, text: str) -> Iterator[tuple[int, list[str]]]:
    """(first physical line, cells) of each record; an empty line is not a record."""
    lines = io.StringIO(text, newline="")
    skip = int(source.option("skip_rows", 0))
    for _ in range(skip):
        lines.readline()
    reader = csv.reader(lines, delimiter=source.option("delimiter", ","))
    before = 0
    for record in reader:
        first, before = before + 1, reader.line_num
        if record:
            yield skip + first, record


def _read_file(source: Source, workspace: Path, file: Path) -> Iterator[RawRow]:
    """The raw rows of one file."""
    path = file.relative_to(workspace).as_posix()
    records = _records(source, _read_text(source, file))
    if source.option("header", True):
        _, header = next(records, (0, []))
    else:
        header = list(source.option("columns", []))
    for line, record in records:
        row = RawRow(source, path, line)
        if len(record) != len(header):
            row.problem = "field-count"
        else:
            theirs = dict(zip(header, record, strict=True))
            row.cells = _our_cells(source, path, theirs)
            row.rounded = {ours for ours in row.cells if _is_rounded(source, ours, theirs)}
            row.skipped = _matches(source.option("skip_when", {}), theirs)
            row.negate = _matches(source.option("negate_when", {}), theirs)
            if any("\ud800" <= c <= "\udfff" for cell in record for c in cell):
                row.problem = "bad-encoding"
            if theirs.get("reject_file") and theirs.get("reject_line"):
                row.corrects = (theirs["reject_file"], int(theirs["reject_line"]))
                row.blamed = theirs.get("reject_value")
            row.texts = frozenset(cell.strip() for cell in record)
        yield row


def _matches(wanted: dict[str, list[str]], theirs: dict[str, str]) -> bool:
    """Whether one of the export's own columns holds one of the listed values."""
    return any(theirs.get(column, "").strip() in values for column, values in wanted.items())


def _is_id(ours: str) -> bool:
    return ours.endswith("_id") or ours in ("return_of", "serial", "alias", "id")


def _parts(
    source: Source, ours: str, theirs: dict[str, str]
) -> list[tuple[str, str | None]] | None:
    """The texts and columns that one of ours is made of: the first choice that is all there (2.11)."""
    names = source.option("columns", {})
    choice: Value = names.get(ours, ours) if isinstance(names, dict) else ours
    for name in [choice] if isinstance(choice, str) else choice:
        parts: list[tuple[str, str | None]] = [("", name)]
        if _is_id(ours):
            parts = [(text, column) for text, column, _, _ in string.Formatter().parse(name)]
            if all(column is None for _, column in parts):
                parts = [("", "".join(text for text, _ in parts))]
        if all(column is None or column in theirs for _, column in parts):
            return parts
    return None


def _is_rounded(source: Source, ours: str, theirs: dict[str, str]) -> bool:
    """Whether a part of an id is a number as a spreadsheet shows long ones (3.32)."""
    columns = [column for _, column in _parts(source, ours, theirs) or [] if column is not None]
    shown = r"\d+([.,]\d+)?[eE]\+\d+"
    return _is_id(ours) and any(
        re.fullmatch(shown, theirs[column].strip(), re.ASCII) for column in columns
    )


def _our_cells(source: Source, path: str, theirs: dict[str, str]) -> dict[str, str]:
    """The cells under our names: renamed, set, read out of the path, translated."""
    cells = {}
    known = [c.name for c in TABLES[source.table]] + list(source.option("attributes", []))
    for ours in known:
        parts = _parts(source, ours, theirs)
        if parts is None:
            continue
        texts = [theirs[column] for _, column in parts if column is not None]
        if len(parts) == 1 and not parts[0][0]:
            cells[ours] = texts[0]
        elif not any(is_missing(text) for text in texts):
            cells[ours] = "".join(
                text + (theirs[column].strip() if column is not None else "")
                for text, column in parts
            )
    for ours, pattern in source.option("from_path", {}).items():
        found = re.search(pattern, Path(path).name)
        if found:
            cells[ours] = found[1] if found.groups() else found[0]
    cells.update({ours: str(value) for ours, value in source.option("set", {}).items()})
    for ours, translation in source.option("values", {}).items():
        for value, words in translation.items():
            if cells.get(ours, "").strip() in ([words] if isinstance(words, str) else words):
                cells[ours] = value
                break
    return cells
