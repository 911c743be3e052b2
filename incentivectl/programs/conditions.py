"""Conditions of `[eligible]` and of a `when` (docs/rules.md, "Conditions").

An entry is a value, a list (any of them), or a table of `not`, `in`, `not_in`, `min`, `max`,
`before` and `after`. Whether its column exists and takes such values, `condition_checks` says.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from incentivectl.core.tables.columns import Column
from incentivectl.programs.fields import FIELD_ENTITIES, field_column
from incentivectl.programs.lists import Lists
from incentivectl.toml.numbers import within_limits
from incentivectl.toml.types import within_calendar
from incentivectl.toml.wrong import described, nearest_hint, wrong

Value = str | Decimal | date | bool
_T = TypeVar("_T")

OPERATORS = ("not", "in", "not_in", "min", "max", "before", "after")


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of `[eligible]` or of a `when`; every part that is set must hold."""

    field: str
    any_of: tuple[Value, ...] | None = None
    none_of: tuple[Value, ...] | None = None
    not_in: tuple[Value, ...] | None = None
    min: Decimal | date | None = None
    max: Decimal | date | None = None
    before: date | None = None
    after: date | None = None

    @property
    def entity(self) -> str:
        """What the column belongs to: sale, partner, rep, product, customer or level."""
        return self.field.partition(".")[0]

    @property
    def column(self) -> str:
        """The column's name within its entity."""
        return self.field.partition(".")[2]


def scalar(value: object) -> Value:
    """One TOML value as conditions and examples hold it; numbers become exact decimals."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | Decimal):
        return within_limits(Decimal(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return within_calendar(value)
    raise wrong("wrong-type", f"expected a single value, not {described(value)}")


def parse_conditions(raw: object, info: ValidationInfo) -> tuple[Condition, ...]:
    """The conditions of one table; all that is wrong in it is raised at once."""
    if isinstance(raw, tuple):
        return raw
    if not isinstance(raw, Mapping):
        raise wrong("wrong-type", f"expected a table of conditions, not {described(raw)}")
    lists = info.context if isinstance(info.context, Lists) else Lists(())
    conditions: list[Condition] = []
    errors: list[InitErrorDetails] = []
    for place, field, body in _entries(raw):
        entry = _Entry(field, lists)
        conditions.append(entry.read(body))
        errors += (
            InitErrorDetails(type=error, loc=(*place, *at), input=None)
            for at, error in entry.errors
        )
    if errors:
        raise ValidationError.from_exception_data("conditions", errors)
    return tuple(conditions)


def _entries(raw: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Each entry's place, field and body; `partner.tier` may also be written without quotes."""
    for key, body in raw.items():
        if key in FIELD_ENTITIES and isinstance(body, Mapping):
            for column, inner in body.items():
                yield (key, column), f"{key}.{column}", inner
        else:
            yield (key,), key, body


class _Entry:
    """Reads one entry and keeps what is wrong with it, each with its place below the entry."""

    def __init__(self, field: str, lists: Lists) -> None:
        self.field = field
        self.lists = lists
        self.errors: list[tuple[tuple[str | int, ...], PydanticCustomError]] = []

    def read(self, body: object) -> Condition:
        if not isinstance(body, Mapping):
            return Condition(self.field, any_of=self._values(body))
        if not body:
            self._keep((), wrong("empty-condition", "it has neither a value nor a bound"))
        for key in body:
            if key not in OPERATORS:
                hint = nearest_hint(key, OPERATORS) or f"choose from {', '.join(OPERATORS)}"
                text = f"unknown key `{key}` in a condition"
                self._keep((key,), wrong("unknown-key", text, hint))
        return Condition(
            self.field,
            any_of=self._from_file(body, "in") or None,
            none_of=self._listed(body, "not") or None,
            not_in=self._from_file(body, "not_in") or None,
            min=self._one(body, "min", _bound),
            max=self._one(body, "max", _bound),
            before=self._one(body, "before", _day),
            after=self._one(body, "after", _day),
        )

    def _keep(self, at: tuple[str | int, ...], error: PydanticCustomError) -> None:
        self.errors.append((at, error))

    def _values(self, raw: object, *at: str) -> tuple[Value, ...]:
        """A value, or a list of them."""
        if not isinstance(raw, list):
            try:
                return (scalar(raw),)
            except PydanticCustomError as error:
                self._keep(at, error)
                return ()
        if not raw:
            self._keep(at, wrong("empty-list", "the list is empty, so nothing can match"))
        values: list[Value] = []
        for index, item in enumerate(raw):
            try:
                values.append(scalar(item))
            except PydanticCustomError as error:
                self._keep((*at, index), error)
        return tuple(values)

    def _listed(self, body: Mapping[str, Any], key: str) -> tuple[Value, ...]:
        return self._values(body[key], key) if key in body else ()

    def _from_file(self, body: Mapping[str, Any], key: str) -> tuple[Value, ...]:
        if key not in body:
            return ()
        path = body[key]
        if not isinstance(path, str):
            hint = "write the list itself: `= [...]`, or `{ not = [...] }`"
            text = f"expected the path of a file, not {described(path)}"
            self._keep((key,), wrong("wrong-type", text, hint if isinstance(path, list) else ""))
            return ()
        column = field_column(self.field, {}) or Column(self.field.partition(".")[2])
        try:
            return self.lists.first_column(path, column)
        except PydanticCustomError as error:
            self._keep((key,), error)
            return ()

    def _one(self, body: Mapping[str, Any], key: str, read: Callable[[object], _T]) -> _T | None:
        if key not in body:
            return None
        try:
            return read(body[key])
        except PydanticCustomError as error:
            self._keep((key,), error)
            return None


def _bound(raw: object) -> Decimal | date:
    if isinstance(raw, bool | str | list | dict):
        raise wrong("wrong-type", f"expected a number or a date, not {described(raw)}")
    value = scalar(raw)
    assert not isinstance(value, bool | str)
    return value


def _day(raw: object) -> date:
    if not isinstance(raw, date) or isinstance(raw, datetime):
        hint = "write it without quotes, such as 2026-07-01"
        raise wrong("wrong-type", f"expected a date, not {described(raw)}", hint)
    return within_calendar(raw)


_SCALAR_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_ENTRY_SCHEMA: dict[str, Any] = {
    "anyOf": [
        _SCALAR_SCHEMA,
        {"type": "array", "items": _SCALAR_SCHEMA, "minItems": 1},
        {
            "type": "object",
            "properties": {key: {} for key in OPERATORS},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}
Conditions = Annotated[
    tuple[Condition, ...],
    BeforeValidator(parse_conditions),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                entity: {"type": "object"} for entity in FIELD_ENTITIES
            },  # partner.tier unquoted
            "additionalProperties": _ENTRY_SCHEMA,
        }
    ),
]
