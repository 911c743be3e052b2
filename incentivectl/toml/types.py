"""The values that our TOML files may hold, checked in our own words.

Every type here is a pydantic annotation whose validator raises `wrong(...)`: a stable code, a plain
sentence and a hint, which `incentivectl.toml_problems` turns into a `Problem` with its line.
Numbers are exact decimals with at most 6 decimals and 12 integer digits (docs/rules.md, "Numbers").
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
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

from incentivectl.core.limits import CENTURY, FIRST_DAY, LAST_DAY

_T = TypeVar("_T")

MOST_DECIMALS = 6
MOST_INTEGER_DIGITS = 12

_PERCENT = re.compile(r"([-+]?\d[\d_]*(?:\.\d+)?)\s*%")
_QUOTED = re.compile(r"[-+]?\d[\d_]*(?:\.\d+)?")
_NUMBER_TEXT = re.compile(r"[-+]?\d[\d_,.]*\s*%?")
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


def wrong(code: str, text: str, hint: str = "") -> PydanticCustomError:
    """What a validator raises: `text` follows the key's name in the message that is shown."""
    return PydanticCustomError(code, "{text}", {"text": text, "hint": hint})


def described(value: object) -> str:
    """A TOML value in plain words, for "expected a number, not …"."""
    match value:
        case bool():
            words = str(value).lower()
        case int() | float() | Decimal():
            words = f"the number {_shortened(str(value))}"
        case str():
            words = f'the text "{_shortened(value)}"' if value else "empty text"
        case datetime():
            words = "a date with a time"
        case date():
            words = f"the date {value.isoformat()}"
        case list() | tuple():
            words = "a list"
        case dict():
            words = "a table"
        case _:
            words = "a time of day"
    return words


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def exact(value: object) -> Decimal:
    """A TOML number as an exact decimal within the contract's limits."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        hint = ""
        if isinstance(value, str) and _NUMBER_TEXT.fullmatch(value):
            hint = "write the number without quotes and with a decimal point"
        raise wrong("wrong-type", f"expected a number, not {described(value)}", hint)
    return within_limits(Decimal(value))


def within_limits(number: Decimal) -> Decimal:
    """`number` if it is finite and has no more digits than money may have."""
    if not number.is_finite():
        raise wrong("not-finite", "expected a finite number")
    if number and number.adjusted() >= MOST_INTEGER_DIGITS:
        raise wrong("too-large", f"more than {MOST_INTEGER_DIGITS} digits before the point")
    if decimals_of(number) > MOST_DECIMALS:
        raise wrong("too-precise", f"more than {MOST_DECIMALS} decimals")
    return number


def decimals_of(number: Decimal) -> int:
    """Decimals after the point, trailing zeros aside."""
    if not number:
        return 0
    _, digits, exponent = number.as_tuple()
    trailing = 0
    while trailing < len(digits) and digits[-1 - trailing] == 0:
        trailing += 1
    return max(0, -int(exponent) - trailing)


def not_negative(value: object) -> Decimal:
    """A number that is 0 or more."""
    number = exact(value)
    if number < 0:
        raise wrong("negative", "must not be negative")
    return number


def positive(value: object) -> Decimal:
    """A number above 0."""
    number = not_negative(value)
    if not number:
        raise wrong("not-positive", "it must be above 0")
    return number


def ratio(value: object) -> Decimal:
    """A number, in quotes or without, or a percentage such as `"2.5%"`, as a decimal."""
    if not isinstance(value, str):
        return exact(value)
    if _QUOTED.fullmatch(value.strip()):
        return exact(Decimal(value.strip().replace("_", "")))
    found = _PERCENT.fullmatch(value.strip())
    if found is None:
        hint = 'write 0.025 or "2.5%"'
        raise wrong("wrong-type", f"expected a rate, not {described(value)}", hint)
    number = Decimal(found[1].replace("_", ""))
    if not number:
        return Decimal(0)
    return within_limits(number.scaleb(-2))


def rate(value: object) -> Decimal:
    """A rate from 0 to 100 %."""
    number = ratio(value)
    if number < 0:
        raise wrong("negative", "a rate must not be negative")
    if number > 1:
        percent = format((number * 100).normalize(), "f")
        meant = format(number.normalize(), "f")
        hint = f'write "{meant}%" if that is intended'
        raise wrong("rate-over-100-percent", f"{percent} % is over 100 %", hint)
    return number


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


def whole(value: object) -> int:
    """A number without decimals."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("wrong-type", f"expected a whole number, not {described(value)}")
    if abs(value) >= 10**MOST_INTEGER_DIGITS:
        raise wrong("too-large", f"more than {MOST_INTEGER_DIGITS} digits")
    return value


def _count(value: object) -> int:
    number = whole(value)
    if number < 0:
        raise wrong("negative", "must not be negative")
    return number


def _within_a_century(per_year: int, unit: str) -> Callable[[object], int]:
    """A number of days or months of at most a hundred years, so that no term leaves the calendar."""

    def read(value: object) -> int:
        number = _count(value)
        if number > CENTURY * per_year:
            message = f"expected at most {CENTURY * per_year:,} {unit}, not {number:,}"
            raise wrong("too-long", message, f"that is {CENTURY} years; leave it out for no limit")
        return number

    return read


def currency_code(value: object) -> str:
    """A currency in the form of ISO 4217."""
    text = any_text(value)
    if not _CURRENCY.fullmatch(text):
        hint = "three capital letters (ISO 4217), such as USD"
        raise wrong("not-a-currency", f'invalid currency code "{_shortened(text)}"', hint)
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
                f'"{_shortened(text)}" is not {noun}: {", ".join(known)}',
                nearest_hint(text, known),
            )
        return text

    return BeforeValidator(choose)


def nearest_hint(text: str, known: Iterable[str]) -> str:
    """A "did you mean" for the nearest of `known`, or empty text."""
    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(text.casefold(), by_folded, n=1, cutoff=0.6)
    return f"did you mean `{by_folded[found[0]]}`?" if found else ""


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
Count = Annotated[int, BeforeValidator(_count)]
Days = Annotated[int, BeforeValidator(_within_a_century(365, "days"))]
Months = Annotated[int, BeforeValidator(_within_a_century(12, "months"))]
Currency = Annotated[str, BeforeValidator(currency_code), WithJsonSchema({"type": "string"})]
Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_more), WithJsonSchema(_TEXTS_SCHEMA)]
Listed = BeforeValidator(_sequence)
