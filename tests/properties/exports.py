"""Exports as a sender would write them: rows of plain values, rendered in a dialect."""

import csv
import gzip
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

Row = dict[str, object]

SIGNS = {"USD": "$", "EUR": "€", "JPY": "¥"}


@dataclass(frozen=True)
class Money:
    """A number and the way in which it is written; `currency` is the line's."""

    value: Decimal
    style: int = 0
    currency: str = "USD"


@dataclass(frozen=True)
class Dialect:
    """How a source writes its files."""

    delimiter: str = ","
    decimal: str = "."
    date_format: str = "%Y-%m-%d"
    skip_rows: int = 0
    bom: bool = False
    zipped: bool = False
    missing: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    put_together: tuple[tuple[str, str], ...] = ()

    def options(self) -> dict[str, object]:
        """What the config has to say about it."""
        plain = Dialect()
        named = ("delimiter", "decimal", "date_format", "skip_rows")
        out = {key: getattr(self, key) for key in named}
        out = {key: value for key, value in out.items() if value != getattr(plain, key)}
        columns = dict(self.renamed + self.put_together)
        return {**out, "columns": columns} if columns else out


@dataclass
class Export:
    """One file: rows under our column names; a row of `{"": [...]}` is written as it is."""

    path: str
    rows: list[Row]
    dialect: Dialect = field(default_factory=Dialect)
    columns: tuple[str, ...] = ()

    def text(self) -> str:
        """The file's content."""
        columns = list(self.columns) or list(dict.fromkeys(k for row in self.rows for k in row))
        names = dict(self.dialect.renamed)
        out = io.StringIO()
        for _ in range(self.dialect.skip_rows):
            out.write("An export\n")
        writer = csv.writer(out, delimiter=self.dialect.delimiter, lineterminator="\n")
        writer.writerow([names.get(column, column) for column in columns])
        for row in self.rows:
            cells = [self._cell(row.get(column)) for column in columns]
            writer.writerow(cells[: int(str(row.get("#cells", len(cells))))])
        return out.getvalue()

    def _cell(self, value: object) -> str:
        if value is None:
            return self.dialect.missing
        if isinstance(value, datetime):
            return value.strftime(self.dialect.date_format + " %H:%M:%S")
        if isinstance(value, date):
            return value.strftime(self.dialect.date_format)
        if isinstance(value, Money):
            return written(value, self.dialect.decimal)
        return str(value)

    def write(self, folder: Path) -> None:
        """Writes the file; lone surrogates become bytes that are no UTF-8."""
        raw = self.text().encode("utf-8", "surrogateescape")
        raw = b"\xef\xbb\xbf" + raw if self.dialect.bom else raw
        path = folder / (self.path + ".gz" if self.dialect.zipped else self.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(raw, mtime=0) if self.dialect.zipped else raw)


def written(money: Money, decimal: str) -> str:
    """A number as exports write it (rule 10): all styles mean the same."""
    size = f"{abs(money.value):f}"
    whole, _, part = size.partition(".")
    style = money.style % 8
    if style == 1:
        part += "00"
    if style in (2, 5):
        whole = f"{int(whole):,}".replace(",", "." if decimal == "," else ",")
    text = f"{whole}{decimal}{part}" if part else whole
    if style == 4:
        text = SIGNS.get(money.currency, "") + text
    if money.value < 0:
        text = {5: f"({text})", 6: f"{text}-"}.get(style, f"-{text}")
    if style == 3:
        text = f"{text} {money.currency}"
    return f"{money.currency} {text}" if style == 7 else text
