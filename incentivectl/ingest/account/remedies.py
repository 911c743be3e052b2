"""What to do about rejected rows, by reason (docs/rules.md, 3.12)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.core.workbooks.cells import ERROR_TEXTS
from incentivectl.ingest.files.encodings import read_as
from incentivectl.ingest.rows.dates import DateStyle, date
from incentivectl.ingest.rows.mapping import LOST_DIGITS, dialect_of
from incentivectl.ingest.rows.numbers import NumberStyle, read_number
from incentivectl.workspace.source import Source
from incentivectl.workspace.source_settings import EXCEL

_DATE_FORMATS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d-%m-%Y",
    EXCEL,
)
_WORD_BEHIND = re.compile(r"[0-9]\s*([^\W\d_]+)$")
_OF_CODE = {
    "field-count": "each row needs as many cells as the header: quote cells that contain the delimiter,"
    " or correct `delimiter`",
    "too-precise": "at most 6 decimals",
    "too-large": "at most 12 digits before the decimal point",
    "missing-amount": "fill in `amount` or `unit_price`",
    "ambiguous-sale": "name the sale's `partner_id` and `distributor_id`",
    "bad-share": "the shares of a sale or line are above 0 and add up to exactly 1",
    "unknown-partner": "add it to partners, or map it to a partner in `aliases`",
    "unknown-product": "add it to products, or map it to a product in `aliases`",
    "unknown-rep": "add it to reps, or map it to a rep in `aliases`",
}


def remedy(source: Source, first: Mapping[str, Any], file: Path, currency: str) -> str:
    """What to do about the rows that were rejected for the same reason as the row `first`.

    `first` has the columns of `details.FIRST_REJECTED`; `file` is where it stands.
    """
    code, column, value = str(first["reason"]), str(first["column"]), first["value"] or ""
    if code == "bad-encoding":
        return read_as(file, int(first["line"]), source.encoding)
    if code == "bad-date":
        return _date(source, first)
    if code == "bad-number":
        return _number(source, [str(text) for text in first["values"]])
    if code == "bad-value":
        return _value(source, column, value, currency)
    if code == "no-fx-rate":
        return f"add a rate to {currency} of that day or an earlier one to `fx`"
    if code.startswith("missing-"):
        named = source.columns.get(column)
        if named:
            return f"fill in {' or '.join(f'`{name}`' for name in named)}"
        return f"fill in `{column}`, or name the export's column in `columns`"
    return _OF_CODE.get(code, "")


def _date(source: Source, first: Mapping[str, Any]) -> str:
    tried = f'dates are read with date_format = "{source.date_format}"'
    values = [str(text) for text in first["values"]]
    read = {
        form: _dates_read(values, form, source.decimal)
        for form in _DATE_FORMATS
        if form != source.date_format
    }
    most = max(map(sum, read.values()))
    if not most:
        return tried
    fitting = [form for form, known in read.items() if sum(known) == most]
    named = " or ".join(f'"{form}"' for form in fitting)
    if most < len(values):
        one = next(text for text, known in zip(values, read[fitting[0]], strict=True) if known)
        return f"{tried}; {named} would read `{one}`"
    if len(values) == 1:
        return f"{tried}; {named} would read this one"
    return (
        f"{tried}; {named} would read these: set it in the source; or if only {first['file']} uses"
        " it, export that file again like the others, or give it its own source"
    )


def _dates_read(values: Sequence[str], date_format: str, decimal: str) -> list[bool]:
    """Which of the texts are dates in this format."""
    texts = pl.DataFrame({"text": values}, schema={"text": pl.String})
    return texts.select(
        date(pl.col("text"), DateStyle(date_format, decimal=decimal)).is_not_null()
    )["text"].to_list()


def _number(source: Source, values: Sequence[str]) -> str:
    tried = f'numbers are read with decimal = "{source.decimal}"'
    own = dialect_of(source).numbers
    other = "," if source.decimal == "." else "."
    if _fit(values, replace(own, decimal=other)):
        return f'{tried}; is it "{other}"?'
    if own.grouping != "indian" and _fit(values, replace(own, grouping="indian")):
        return f'{tried} and groups of three digits; is it grouping = "indian"?'
    for word in dict.fromkeys(
        found[1] for value in values if (found := _WORD_BEHIND.search(value))
    ):
        if _fit(values, replace(own, minus=(*own.minus, word))):
            return f'{tried}; if {word} behind a number means a minus, set minus = ["{word}"]'
    return f"{tried}, and without words beside them"


def _fit(values: Sequence[str], style: NumberStyle) -> bool:
    """Whether any of the texts is a number of this style."""
    texts = pl.DataFrame({"text": values}, schema={"text": pl.String})
    read = texts.select(read_number(pl.col("text"), "amount", style).struct["value"])
    return bool(read.to_series().is_not_null().any())


def _value(source: Source, column: str, value: str, currency: str) -> str:
    found = TABLES[source.table].column(column)
    if value.strip() in ERROR_TEXTS:
        return "a formula of the spreadsheet failed: correct it there, and export again"
    words = found.choices if found is not None else ()
    if words:
        translated = f'values = {{ {column} = {{ {words[0]} = ["{value}"] }} }}'
        return f"accepted are {', '.join(words)}; or translate it: {translated}"
    if re.search(LOST_DIGITS, value):
        return (
            "a spreadsheet has cut the digits of these ids: format the column as text there, and export"
            " it again from where the ids are whole"
        )
    if found is not None and found.kind == "amount":
        return (
            f"a currency beside a number must be that of the row: its `currency`, else {currency}"
        )
    return ""
