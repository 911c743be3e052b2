"""Reads a payout file that somebody else made: who is paid how much, perhaps by program and currency."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from incentivectl.core.encodings import is_text_encoding
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import text
from incentivectl.core.safe_text import restored
from incentivectl.ingest.rows.numbers import NumberStyle, read_number
from incentivectl.toml.wrong import nearest_hint

if TYPE_CHECKING:
    from _csv import Reader

OURS = ("payee_id", "amount", "program_id", "currency")
REQUIRED = ("payee_id", "amount")
_MISSING = ("", "NULL", "N/A", "-")


@dataclass(frozen=True)
class FileDialect:
    """How the file is written; as in a source of the config."""

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."


@dataclass(frozen=True)
class PayoutRow:
    """One row; `program_id` and `currency` are None if the file does not have them."""

    line: int
    payee_id: str
    amount: Decimal
    program_id: str | None
    currency: str | None


def parse_map(written: Sequence[str]) -> dict[str, str]:
    """Our column → theirs, from `--map OUR=THEIRS`; refuses unknown names of columns."""
    found = {}
    for one in written:
        ours, equals, theirs = one.partition("=")
        if not equals or not theirs:
            raise _refused(f"--map {one}: expected OUR=THEIRS", "such as --map payee_id=Partner")
        if ours not in OURS:
            hint = nearest_hint(ours, OURS) or f"choose from {', '.join(OURS)}"
            raise _refused(f"--map {one}: unknown column `{ours}`", hint)
        found[ours] = theirs
    return found


def read_payouts(file: Path, named: Mapping[str, str], dialect: FileDialect) -> list[PayoutRow]:
    """The rows of a CSV file with a header; refuses all that cannot be read, at once.

    A column that is not mapped is looked for under our own name.
    """
    rows = _cells(file, named, dialect)
    texts = pl.Series("amount", [cells.get("amount") for _, cells in rows], dtype=pl.String)
    read = texts.to_frame().select(
        read_number(pl.col("amount"), "amount", NumberStyle(dialect.decimal))
    )
    amounts = read.unnest("amount")["value"].to_list()
    problems, found = [], []
    for (line, cells), amount in zip(rows, amounts, strict=True):
        payee = cells.get("payee_id")
        if payee is None or amount is None:
            what = (
                "the payee is missing"
                if payee is None
                else f"`{cells.get('amount') or ''}` is not an amount"
            )
            problems.append(Problem("bad-row", what, file=file, line=line))
            continue
        found.append(PayoutRow(line, payee, amount, cells.get("program_id"), cells.get("currency")))
    if problems:
        hint = "--decimal , reads 1.234,50; --delimiter sets the column separator"
        first, *others = problems
        hinted = Problem(first.code, first.message, hint, first.file, first.line)
        raise Refused([hinted, *others], ExitCode.DATA)
    return found


def _cells(
    file: Path, named: Mapping[str, str], dialect: FileDialect
) -> list[tuple[int, dict[str, str | None]]]:
    """Each record's line number and its cells by our names; refuses a file that cannot be read as such."""
    lines = io.StringIO(_text(file, dialect.encoding), newline="")
    reader = csv.reader(lines, delimiter=dialect.delimiter)
    try:
        return _records(reader, file, named)
    except csv.Error as error:
        hint = "--delimiter sets the column separator"
        problem = Problem("bad-row", str(error), hint, file=file, line=reader.line_num)
        raise Refused([problem], ExitCode.DATA) from None


def _text(file: Path, encoding: str) -> str:
    """The file's text; refuses another encoding."""
    if not is_text_encoding(encoding):
        why = f"`{encoding}` is not a text encoding"
    else:
        try:
            return text(file, encoding).removeprefix("\ufeff")
        except UnicodeError as error:
            why = f"the file is not in {encoding}: {error}"
    hint = "--encoding names another, such as cp1252"
    raise Refused([Problem("bad-encoding", why, hint, file=file)], ExitCode.DATA)


def _records(
    reader: "Reader", file: Path, named: Mapping[str, str]
) -> list[tuple[int, dict[str, str | None]]]:
    header = [name.strip() for name in next(reader, [])]
    places = {}
    for ours in OURS:
        theirs = named.get(ours, ours)
        if theirs in header:
            places[ours] = header.index(theirs)
        elif ours in named or ours in REQUIRED:
            hint = nearest_hint(theirs, header) or f"it has {', '.join(header)}"
            message = f"it has no column `{theirs}`, which `{ours}` is taken from"
            raise Refused([Problem("no-column", message, hint, file=file, line=1)], ExitCode.USAGE)
    rows: list[tuple[int, dict[str, str | None]]] = []
    for record in reader:
        if not any(cell.strip() for cell in record):
            continue
        cells = {
            ours: _value(record[place]) if place < len(record) else None
            for ours, place in places.items()
        }
        rows.append((reader.line_num, cells))
    return rows


def _value(cell: str) -> str | None:
    value = restored(cell.strip())
    return None if value in _MISSING else value


def _refused(message: str, hint: str) -> Refused:
    return Refused([Problem("bad-map", message, hint)], ExitCode.USAGE)
