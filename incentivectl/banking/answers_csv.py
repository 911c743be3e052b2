"""The bank's answers as CSV: `payment_id`, `status`, `reason` (docs/ledger.md, 51.2)."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from incentivectl.banking.answer import Statement
from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.core.safe_text import restored

_REQUIRED = ("payment_id", "status")
_DELIMITERS = (",", ";")
MOST_CHARACTERS = 1 << 17  # of a cell: no id, status or reason is longer


def read_csv(content: bytes, path: Path) -> tuple[list[Statement], list[Problem]]:
    """The statements in the file's order, with the lines that their rows begin on."""
    csv.field_size_limit(MOST_CHARACTERS)
    text = _text(content)
    records = _records(text)
    statements: list[Statement] = []
    problems: list[Problem] = []
    try:
        header_line, header = next(records, (1, []))
        names = [name.lower() for name in header]
        missing = [name for name in _REQUIRED if name not in names]
        if missing:
            return [], [_missing_column(path, header_line, missing, names)]
        for line, cells in records:
            if len(cells) == len(names):
                _row(dict(zip(names, cells, strict=True)), line, path, statements, problems)
            else:
                problems.append(_field_count(path, line, len(cells), len(names)))
    except csv.Error as error:
        problems.append(Problem("bad-csv", f"the file is not valid CSV: {error}", file=path))
    return statements, problems


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, with the line that each begins on."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
    line = 1
    for record in reader:
        cells = [restored(value.strip()) for value in record]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _row(
    values: dict[str, str],
    line: int,
    path: Path,
    statements: list[Statement],
    problems: list[Problem],
) -> None:
    payment_id, status = values["payment_id"], values["status"]
    if not payment_id:
        problems.append(Problem("no-payment-id", "the row has no payment_id", "", path, line))
    elif not status:
        problems.append(_no_status(path, line, payment_id))
    else:
        statements.append(Statement(payment_id, status, values.get("reason", ""), line))


def _text(content: bytes) -> str:
    """The file's text: as its mark says, else UTF-8, else as old spreadsheets write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _neither(path: Path) -> Problem:
    hint = "a CSV with the columns payment_id, status and reason, or the bank's pain.002"
    return Problem("no-answer-file", "this is neither a CSV nor a pain.002", hint, file=path)


def _missing_column(path: Path, line: int, missing: list[str], names: list[str]) -> Problem:
    if len(missing) == len(_REQUIRED) and len(names) <= 1:
        return _neither(path)
    text = f"there is no column {' and no column '.join(missing)}"
    hint = f"the columns are payment_id, status and reason; the file has {', '.join(names)}"
    return Problem("missing-column", text, hint, path, line)


def _field_count(path: Path, line: int, found: int, wanted: int) -> Problem:
    hint = "quote values that contain the delimiter"
    text = f"the row has {counted(found, 'cell')}, the header {wanted}"
    return Problem("field-count", text, hint, path, line)


def _no_status(path: Path, line: int, payment_id: str) -> Problem:
    text = f"{payment_id} has no status and keeps its state"
    return Problem("no-status", text, file=path, line=line, severity="warning")
