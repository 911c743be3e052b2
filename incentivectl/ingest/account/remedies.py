"""What to do about rejected rows, by reason (docs/rules.md, 3.12)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.ingest.files.encodings import that_fit
from incentivectl.ingest.rows.dates import date
from incentivectl.workspace.sources import Source

_DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y")
_OF_CODE = {
    "field-count": "each row needs as many cells as the header: quote cells that hold the delimiter,"
    " or correct `delimiter`",
    "too-precise": "at most 6 decimals",
    "too-large": "at most 12 digits before the decimal point",
    "missing-amount": "fill in `amount` or `unit_price`",
    "ambiguous-sale": "name the sale's `partner_id` and `distributor_id`",
    "bad-share": "the shares of a sale or line are above 0 and add up to exactly 1",
    "unknown-partner": "add it to partners, or say in `aliases` which partner it is",
    "unknown-product": "add it to products, or say in `aliases` which product it is",
    "unknown-rep": "add it to reps, or say in `aliases` which rep it is",
}


def remedy(source: Source, first: Mapping[str, Any], file: Path, currency: str) -> str:
    """What to do about the rows that were rejected for the same reason as the row `first`.

    `first` has the columns of `details.FIRST_REJECTED`; `file` is where it stands.
    """
    code, column, value = str(first["reason"]), str(first["column"]), first["value"] or ""
    if code == "bad-encoding":
        return _encoding(source, file, int(first["line"]))
    if code == "bad-date":
        return _date(source, value)
    if code == "bad-number":
        return _number(source)
    if code == "bad-value":
        return _value(source, column, value)
    if code == "no-fx-rate":
        return f"add a rate to {currency} of that day or an earlier one to `fx`"
    if code.startswith("missing-"):
        return f"fill in `{column}`, or say in `columns` what the export calls it"
    return _OF_CODE.get(code, "")


def _encoding(source: Source, file: Path, line: int) -> str:
    found = [
        f'encoding = "{name}" reads it as {word}'
        for name, word in that_fit(file, line)
        if name != source.encoding
    ]
    tried = f'it is read with encoding = "{source.encoding}"'
    return (
        f"{tried}; {', '.join(found)}"
        if found
        else f"{tried}: is that what the export is written in?"
    )


def _date(source: Source, value: str) -> str:
    tried = f'dates are read with date_format = "{source.date_format}"'
    fitting = [
        f'"{form}"' for form in _DATE_FORMATS if form != source.date_format and _reads(value, form)
    ]
    return f"{tried}; {' or '.join(fitting)} would read this one" if fitting else tried


def _reads(value: str, date_format: str) -> bool:
    text = pl.DataFrame({"text": [value]}, schema={"text": pl.String})
    return text.select(date(pl.col("text"), date_format))["text"][0] is not None


def _number(source: Source) -> str:
    other = "," if source.decimal == "." else "."
    return f'numbers are read with decimal = "{source.decimal}"; is it "{other}"?'


def _value(source: Source, column: str, value: str) -> str:
    found = TABLES[source.table].column(column)
    words = found.choices if found is not None else ()
    if not words:
        return ""
    translated = f'values = {{ {column} = {{ {words[0]} = ["{value}"] }} }}'
    return f"accepted are {', '.join(words)}; or translate it: {translated}"
