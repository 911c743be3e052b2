"""The sample's exports as workbooks, written by three libraries: the same money."""

import csv
import re
import shutil
from datetime import date, datetime
from itertools import cycle
from pathlib import Path

from tests.small_workspace import incentivectl
from tests.workbook_files import Cell, Write, by_openpyxl, by_pyexcelerate, by_xlsxwriter

SAMPLE = Path(__file__).parents[2]
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:[.,][0-9]{1,6})?")


def typed(text: str, decimal: str) -> Cell:
    """A cell of a CSV file as a spreadsheet would hold it: a number, a date, else text."""
    if NUMBER.fullmatch(text) and ("." if decimal == "," else ",") not in text:
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number
    for date_format in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return date.fromordinal(datetime.strptime(text, date_format).toordinal())
        except ValueError:
            continue
    return text or None


def whole_records(path: Path) -> list[bytes]:
    """The lines of a file but for those with too few or too many cells: a sheet has no such rows."""
    lines = path.read_bytes().splitlines(keepends=True)
    delimiter = ";" if path.parent.name == "alpha" else ","
    widths = [
        len(row) for row in csv.reader([x.decode("latin-1") for x in lines], delimiter=delimiter)
    ]
    return [line for line, width in zip(lines, widths, strict=True) if width == widths[0]]


def to_workbook(path: Path, write: Write) -> None:
    german = path.parent.name == "alpha"
    encoding = "cp1252" if german else "utf-8-sig"  # a broken byte of the sample stays broken
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        rows = [*csv.reader(file, delimiter=";" if german else ",")]
    cells = [[typed(text, "," if german else ".") for text in row] for row in rows[1:]]
    write(path.with_suffix(".xlsx"), [rows[0], *cells])
    path.unlink()


def test_workbooks_give_the_same_money(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    for folder in ("programs", "lists", "sample_data"):
        shutil.copytree(SAMPLE / folder, root / folder)
    shutil.copy(SAMPLE / "incentivectl.toml", root)
    for path in sorted((root / "sample_data").glob("*/*.csv")):
        if path.name.startswith("2025-"):
            path.unlink()  # half as many lines tell as much
        else:
            path.write_bytes(b"".join(whole_records(path)))
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    as_text = (root / "reports/2026-09/earnings.csv").read_bytes()
    rejected = (root / "reports/2026-09/rejects/alpha.csv").read_text(encoding="cp1252")
    libraries = cycle((by_xlsxwriter, by_openpyxl, by_pyexcelerate))
    tables = sorted((root / "sample_data").glob("*.csv"))
    for path in sorted((root / "sample_data").rglob("*.csv")):
        to_workbook(path, next(libraries))
    config = (root / "incentivectl.toml").read_text(encoding="utf-8").replace("*.csv", "*.xlsx")
    for path in tables:
        head, own = f"[sources.{path.stem}]", f'path = "sample_data/{path.stem}.xlsx"\n'
        before, _, after = config.partition(head)  # partners have attributes there
        others = after.partition("\n")[2]
        config = f"{before}{head}\n{own}{others}"
    (root / "incentivectl.toml").write_text(config, encoding="utf-8")
    result = incentivectl("run", "2026-09", "-w", root)
    assert result.exit_code == 0, result.output
    assert (root / "reports/2026-09/earnings.csv").read_bytes() == as_text
    again = (root / "reports/2026-09/rejects/alpha.csv").read_text(encoding="cp1252")
    assert again.replace(".xlsx", ".csv") == rejected  # also the lines, decimals and dates
