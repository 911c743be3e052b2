"""What validators raise, in our own words: a stable code, a plain sentence and a hint."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches

from pydantic_core import PydanticCustomError


def wrong(code: str, text: str, hint: str = "") -> PydanticCustomError:
    """What a validator raises: `text` follows the key's name in the message that is shown."""
    return PydanticCustomError(code, "{text}", {"text": text, "hint": hint})


def described(value: object) -> str:
    """A TOML value in plain words, for "expected a number, not …"."""
    match value:
        case bool():
            words = str(value).lower()
        case int() | float() | Decimal():
            words = f"the number {shortened(str(value))}"
        case str():
            words = f'the text "{shortened(value)}"' if value else "empty text"
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


def shortened(text: str) -> str:
    """A text as messages quote it."""
    return text if len(text) <= 40 else text[:37] + "..."


def nearest_hint(text: str, known: Iterable[str]) -> str:
    """A "did you mean" for the nearest of `known`, or empty text."""
    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(text.casefold(), by_folded, n=1, cutoff=0.6)
    return f"did you mean `{by_folded[found[0]]}`?" if found else ""
