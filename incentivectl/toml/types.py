"""The values that our TOML files may hold, checked in our own words.

Every type here is a pydantic annotation whose validator raises `wrong(...)`, which `toml.problems` turns
into a `Problem` with its line.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue, WithJsonSchema
from pydantic_core import (
    CoreSchema,
    InitErrorDetails,
    PydanticCustomError,
    PydanticOmit,
    ValidationError,
    core_schema,
)

from incentivectl.core.limits import FIRST_DAY, LAST_DAY
from incentivectl.toml.numbers import (
    count,
    exact,
    not_negative,
    positive,
    rate,
    ratio,
    whole,
    within_a_century,
)
from incentivectl.toml.wrong import described, nearest_hint, shortened, wrong

_T = TypeVar("_T")


_CURRENCY = re.compile(r"[A-Z]{3}")


class TomlTable(BaseModel):
    """A table of a TOML file: no unknown key, no silent conversion, never changed after reading."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        populate_by_name=True,
        arbitrary_types_allowed=True,
    )


def any_text(value: object) -> str:
    """A text, which may be empty."""
    if not isinstance(value, str):
        hint = "put it in quotes" if isinstance(value, int | Decimal | date) else ""
        raise wrong("wrong-type", f"expected text, not {described(value)}", hint)
    return value


def filled_text(value: object) -> str:
    """A text that says something."""
    text = any_text(value)
    if not text.strip():
        raise wrong("empty-text", "must not be empty")
    return text


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        hint = "write a date without quotes, such as 2026-07-01"
        raise wrong("wrong-type", f"expected a date, not {described(value)}", hint)
    return within_calendar(value)


def within_calendar(day: date) -> date:
    """A day that periods and terms can be counted from."""
    if not FIRST_DAY <= day <= LAST_DAY:
        message = f"expected a date from {FIRST_DAY} to {LAST_DAY}, not {day}"
        raise wrong("date-out-of-range", message, "if it has no end, use 2099-12-31")
    return day


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        hint = "write true or false without quotes"
        raise wrong("wrong-type", f"expected true or false, not {described(value)}", hint)
    return value


def currency_code(value: object) -> str:
    """A currency in the form of ISO 4217."""
    text = any_text(value)
    if not _CURRENCY.fullmatch(text):
        hint = "three capital letters (ISO 4217), such as USD"
        raise wrong("not-a-currency", f'invalid currency code "{shortened(text)}"', hint)
    return text


def one_or_more(value: object) -> tuple[str, ...]:
    """A text or a list of texts, as a tuple."""
    values = value if isinstance(value, list | tuple) else [value]
    if not values:
        raise wrong("empty-list", "the list is empty")
    return tuple(filled_text(item) for item in values)


def _sequence(value: object) -> object:
    """A TOML array as the tuple that the model keeps; a single table stays an error."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, tuple):
        return value
    hint = "double brackets make a list of tables: [[…]]" if isinstance(value, dict) else ""
    raise wrong("wrong-type", f"expected a list, not {described(value)}", hint)


def by_name(
    value: object,
    parse: Callable[[object], _T],
    *,
    check_name: Callable[[object], object] = lambda name: name,
) -> dict[str, _T]:
    """A table of free names, each entry parsed by `parse`; all that is wrong is raised at once."""
    if not isinstance(value, Mapping):
        raise wrong("wrong-type", f"expected a table, not {described(value)}")
    parsed: dict[str, _T] = {}
    errors: list[InitErrorDetails] = []
    for name, number in value.items():
        try:
            check_name(name)
            parsed[name] = parse(number)
        except PydanticCustomError as error:
            errors.append(InitErrorDetails(type=error, loc=(name,), input=None))
        except ValidationError as nested:
            errors += (
                InitErrorDetails(
                    type=wrong(inner["type"], **inner["ctx"]), loc=(name, *inner["loc"]), input=None
                )
                for inner in nested.errors(include_url=False)
            )
    if errors:
        raise ValidationError.from_exception_data("table", errors)
    return parsed


def one_of(choices: Iterable[str], noun: str) -> BeforeValidator:
    """A text that is one of `choices`; `noun` says what it is ("a period")."""
    known = tuple(choices)

    def choose(value: object) -> str:
        text = any_text(value)
        if text not in known:
            raise wrong(
                "unknown-choice",
                f'"{shortened(text)}" is not {noun}: {", ".join(known)}',
                nearest_hint(text, known),
            )
        return text

    return BeforeValidator(choose)


class NoMeaning:
    """Marks a key that a kind inherits and that has no meaning there; `why` ends the sentence."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        why = self.why

        def refuse(value: object) -> object:
            raise wrong("key-without-meaning", f"not allowed here: {why}")

        return core_schema.no_info_before_validator_function(refuse, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        raise PydanticOmit


_NUMBER_SCHEMA = {"type": "number"}
_RATE_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^\d[\d_]*(\.\d+)?\s*%$"},
    ]
}
_TEXTS_SCHEMA = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}

Number = Annotated[Decimal, BeforeValidator(exact), WithJsonSchema(_NUMBER_SCHEMA)]
Amount = Annotated[
    Decimal, BeforeValidator(not_negative), WithJsonSchema(_NUMBER_SCHEMA | {"minimum": 0})
]
Positive = Annotated[
    Decimal, BeforeValidator(positive), WithJsonSchema(_NUMBER_SCHEMA | {"exclusiveMinimum": 0})
]
Rate = Annotated[Decimal, BeforeValidator(rate), WithJsonSchema(_RATE_SCHEMA)]
Threshold = Annotated[
    Decimal,
    BeforeValidator(ratio),
    WithJsonSchema({"anyOf": [_NUMBER_SCHEMA, {"type": "string"}]}),
]
Text = Annotated[str, BeforeValidator(any_text)]
FilledText = Annotated[str, BeforeValidator(filled_text)]
Day = Annotated[date, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Whole = Annotated[int, BeforeValidator(whole)]
Count = Annotated[int, BeforeValidator(count)]
Days = Annotated[int, BeforeValidator(within_a_century(365, "days"))]
Months = Annotated[int, BeforeValidator(within_a_century(12, "months"))]
Currency = Annotated[str, BeforeValidator(currency_code), WithJsonSchema({"type": "string"})]
Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_more), WithJsonSchema(_TEXTS_SCHEMA)]
Listed = BeforeValidator(_sequence)
