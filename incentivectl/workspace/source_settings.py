"""The keys of one `[sources.…]` table as typed values; what they mean is in `sources`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from incentivectl.core.encodings import is_text_encoding
from incentivectl.core.tables.columns import Column
from incentivectl.toml.numbers import whole
from incentivectl.toml.types import (
    Count,
    Flag,
    NoMeaning,
    Texts,
    TomlTable,
    Whole,
    by_name,
    currency_code,
    filled_text,
    one_of,
    one_or_more,
)
from incentivectl.toml.wrong import described, nearest_hint, wrong
from incentivectl.workspace.cell_tests import CellTest, cell_test

Constant = str | Decimal | date | bool
Columns = Mapping[str, tuple[str, ...]]
Values = Mapping[str, Mapping[str, tuple[str, ...]]]

_BAD_IN_FILE_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
_COMMON_CODECS = ("utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "cp850", "shift_jis", "gb18030")
_PROBE = datetime(1999, 11, 23, 0, 0, tzinfo=UTC)  # no two parts alike
_ZONE_WITHIN = re.compile(r"%[zZ].")
_OF_NUMBERS = re.compile(r"[0-9.,()+\u2212-]")
EXCEL = "excel"


def _filled(raw: object) -> str:
    (text,) = one_or_more(raw) if isinstance(raw, str) else (None,)
    if text is None:
        raise wrong("wrong-type", f"expected text, not {described(raw)}")
    return text


def _name(raw: object) -> str:
    name = _filled(raw)
    if _BAD_IN_FILE_NAME.search(name) or name.startswith("."):
        hint = 'use letters, digits, spaces and dashes; no / \\ : * ? " < > |'
        raise wrong("bad-source-name", f'"{name}" cannot be part of a file name', hint)
    return name


def _codec(raw: object) -> str:
    name = _filled(raw)
    if not is_text_encoding(name):
        hint = nearest_hint(name, _COMMON_CODECS) or f"such as {', '.join(_COMMON_CODECS[:4])}"
        raise wrong("unknown-encoding", f'"{name}" is not a text encoding', hint)
    return name


def _delimiter(raw: object) -> str:
    if not isinstance(raw, str):
        raise wrong("wrong-type", f"expected text, not {described(raw)}")
    if len(raw) != 1:
        hint = 'such as ",", ";", "\\t" or "|"'
        raise wrong("bad-delimiter", f"expected one character, not {described(raw)}", hint)
    if raw in '"\r\n' or not raw.isascii():
        raise wrong("bad-delimiter", f"{raw!r} cannot separate columns", 'such as "," or ";"')
    return raw


def _date_format(raw: object) -> str:
    pattern = _filled(raw)
    if pattern == EXCEL:
        return pattern
    try:
        read = datetime.strptime(_PROBE.strftime(pattern), pattern).replace(tzinfo=UTC)
    except (ValueError, re.error):
        read = None
    if read != _PROBE:
        hint = f'such as "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y %H:%M", or "{EXCEL}" for serial numbers'
        raise wrong("bad-date-format", f'"{pattern}" lacks the day, month or year', hint)
    if _ZONE_WITHIN.search(pattern):
        text = f'"{pattern}": the time zone can only stand at the end'
        raise wrong("bad-date-format", text, "such as %H:%M %d.%m.%Y %z")
    return pattern


def _time_zone(raw: object) -> str:
    from zoneinfo import available_timezones

    import polars as pl
    from polars.exceptions import ComputeError

    name = _filled(raw)
    try:
        pl.select(pl.lit(_PROBE).dt.convert_time_zone(name))
    except ComputeError:
        hint = nearest_hint(name, available_timezones()) or 'such as "Europe/Berlin" or "UTC"'
        raise wrong("unknown-time-zone", f'"{name}" is not a time zone', hint) from None
    return name


def _minus(raw: object) -> tuple[str, ...]:
    words = one_or_more(raw)
    for word in words:
        if word != word.strip() or _OF_NUMBERS.search(word):
            hint = 'such as minus = ["CR"]; parentheses and the signs - and + are known'
            raise wrong("bad-minus", f"{word!r} cannot stand for a minus behind a number", hint)
    return words


def _constant(raw: object) -> Constant:
    if isinstance(raw, datetime) or not isinstance(raw, bool | str | int | Decimal | date):
        raise wrong("wrong-type", f"expected a single value, not {described(raw)}")
    return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


def _sheet(raw: object) -> str | int:
    """The name of a sheet, or its number from 1."""
    if isinstance(raw, str):
        return _filled(raw)
    number = whole(raw)
    if number < 1:
        raise wrong("bad-sheet", f"sheets are numbered from 1, not {number}")
    return number


def _one_group(raw: object) -> str:
    pattern = _filled(raw)
    try:
        groups = re.compile(pattern).groups
    except (re.error, RecursionError, OverflowError) as error:
        text = f"invalid regular expression: {error}"
        raise wrong("bad-pattern", text, "single quotes keep backslashes: '\\d+'") from None
    if groups != 1:
        hint = r"put parentheses around the value, and (?: ) around anything else"
        raise wrong("bad-pattern", f"expected one group, not {groups}", hint)
    return pattern


def _columns(raw: object) -> Columns | tuple[str, ...]:
    """A table of our names, or a list of our names by position ("" skips one)."""
    if isinstance(raw, Mapping):
        return by_name(raw, one_or_more)
    if not isinstance(raw, list | tuple):
        raise wrong("wrong-type", f"expected a table or a list, not {described(raw)}")
    for item in raw:
        if not isinstance(item, str):
            raise wrong("wrong-type", f"expected a list of names, not of {described(item)}")
    if not any(raw):
        raise wrong("empty-list", "the list names no column")
    return tuple(raw)


def _values(raw: object) -> Values:
    return by_name(raw, lambda inner: by_name(inner, one_or_more))


_OBJECT: dict[str, Any] = {"type": "object"}
_Lists = Annotated[
    Mapping[str, tuple[str, ...]],
    BeforeValidator(lambda raw: by_name(raw, one_or_more)),
    WithJsonSchema(_OBJECT),
]


KINDS = ("text", "number", "date")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An extra column of an export, and what conditions may compare it with."""

    name: str
    kind: Literal["text", "number", "date"] = "text"


def _attributes(raw: object) -> tuple[Attribute, ...]:
    """Names, or tables of a name and a kind; a single one may stand by itself."""
    listed = raw if isinstance(raw, list | tuple) else [raw]
    if not listed:
        raise wrong("empty-list", "the list is empty")
    return tuple(map(_attribute, listed))


def _attribute(raw: object) -> Attribute:
    if not isinstance(raw, Mapping):
        return Attribute(filled_text(raw))
    hint = 'such as { name = "contract_years", kind = "number" }'
    for key in raw:
        if key not in ("name", "kind"):
            raise wrong("bad-attribute", f"`{key}` is not a key of an attribute", hint)
    if "name" not in raw:
        raise wrong("bad-attribute", "an attribute needs a `name`", hint)
    kind = raw.get("kind", "text")
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise wrong(
            "unknown-choice", f"{described(kind)} is not a kind of attribute: {known}", hint
        )
    return Attribute(filled_text(raw["name"]), kind)


_ATTRIBUTE_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "object"}]}
Attributes = Annotated[
    tuple[Attribute, ...],
    BeforeValidator(_attributes),
    WithJsonSchema(
        {"anyOf": [*_ATTRIBUTE_SCHEMA["anyOf"], {"type": "array", "items": _ATTRIBUTE_SCHEMA}]}
    ),
]


class SourceSettings(TomlTable):
    """One source as its table says; `model_fields_set` tells what it leaves out."""

    path: Texts | None = None
    name: Annotated[str, BeforeValidator(_name)] | None = None
    encoding: Annotated[str, BeforeValidator(_codec)] = "utf-8"
    delimiter: Annotated[str, BeforeValidator(_delimiter)] = ","
    decimal: Annotated[Literal[".", ","], one_of((".", ","), "a decimal sign")] = "."
    grouping: Annotated[
        Literal["thousands", "indian"], one_of(("thousands", "indian"), "a grouping of digits")
    ] = "thousands"
    minus: Annotated[tuple[str, ...], BeforeValidator(_minus)] = ()
    date_format: Annotated[str, BeforeValidator(_date_format)] = "%Y-%m-%d"
    time_zone: Annotated[str | None, BeforeValidator(_time_zone)] = None
    header: Flag = True
    sheet: Annotated[
        str | int | None,
        BeforeValidator(_sheet),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}),
    ] = None
    skip_rows: Count = 0
    header_contains: Texts = ()
    footer_rows: Count = 0
    fill_down: Texts = ()
    order: Whole = 0
    attributes: Attributes = ()
    optional: Texts = ()
    columns: Annotated[Columns | tuple[str, ...], BeforeValidator(_columns)] = Field(
        default_factory=dict
    )
    set: Annotated[
        Mapping[str, Constant],
        BeforeValidator(lambda raw: by_name(raw, _constant)),
        WithJsonSchema(_OBJECT),
    ] = Field(default_factory=dict)
    from_path: Annotated[
        Mapping[str, str], BeforeValidator(lambda raw: by_name(raw, _one_group))
    ] = Field(default_factory=dict)
    values: Annotated[Values, BeforeValidator(_values), WithJsonSchema(_OBJECT)] = Field(
        default_factory=dict
    )
    negate_when: _Lists = Field(default_factory=dict)
    skip_when: Annotated[
        Mapping[str, CellTest],
        BeforeValidator(lambda raw: by_name(raw, cell_test)),
        WithJsonSchema(_OBJECT),
    ] = Field(default_factory=dict)


class DefaultSettings(SourceSettings):
    """`[sources.defaults]`: every key but those that tell one source from another."""

    path: Annotated[Texts | None, NoMeaning("every source has its own")] = None
    name: Annotated[str | None, NoMeaning("every source has its own")] = None


def canonical_constant(value: Constant, column: Column) -> str:
    """A constant of `set` as the text that an export would hold: ISO dates, a decimal point."""
    match column.kind:
        case "date":
            fits, expected = type(value) is date, "a date without quotes"
        case "amount" | "fx_rate" | "whole":
            fits, expected = isinstance(value, Decimal) and value.is_finite(), "a number"
        case "flag":
            fits, expected = isinstance(value, bool), "true or false"
        case _:
            fits, expected = isinstance(value, str), "text"
    if not fits:
        hint = "put it in quotes" if expected == "text" else ""
        raise wrong("wrong-type", f"expected {expected}, not {described(value)}", hint)
    text = _canonical_text(value)
    if column.kind == "currency":
        currency_code(text)
    if column.choices and text not in column.choices:
        hint = nearest_hint(text, column.choices) or f"choose from {', '.join(column.choices)}"
        raise wrong("unknown-choice", f'invalid {column.name} "{text}"', hint)
    return text


def _canonical_text(value: Constant) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, str) else value.isoformat()
