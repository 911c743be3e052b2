"""A guessed source as the TOML of a config: every key, why, and what to look at."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from incentivectl.core.safe_text import legible
from incentivectl.insight.guess.guessed import Guess

EDIT, UNSURE = "EDIT", "UNSURE"
KEYS = (
    "name",
    "path",
    "sheet",
    "encoding",
    "delimiter",
    "decimal",
    "date_format",
    "grouping",
    "minus",
    "header",
    "header_contains",
    "skip_rows",
    "footer_rows",
    "fill_down",
    "set",
    "values",
    "negate_when",
    "skip_when",
)
UNUSED_SHOWN = 12


def source_toml(guess: Guess, paths: Sequence[str]) -> str:
    """The `[[sources.…]]` of a guess, whose files lie at `paths`."""
    return "\n".join(_lines(guess, paths)) + "\n"


def _lines(guess: Guess, paths: Sequence[str]) -> Iterator[str]:
    yield from _doubts(guess, "table")
    yield f"[[sources.{guess.table}]]"
    stated = {"name": guess.name, "path": _one_or_more(paths), **guess.stated}
    for key in KEYS:
        yield from _doubts(guess, key)
        if key in stated:
            why = f"  {comment(guess.why[key])}" if key in guess.why else ""
            yield f"{key} = {toml_value(stated[key])}{why}"
    if guess.lacks_currency and not any(doubt.key == "set" for doubt in guess.doubts):
        yield comment("no currency is stated: amounts are in that of the workspace")
    yield from _doubts(guess, "columns")
    yield from _doubts(guess, "ids")
    if guess.keys.get("header") is False:
        yield from _positions(guess)
    elif guess.taken:
        yield f"[sources.{guess.table}.columns]"
        yield from (f"{ours} = {toml_value(theirs)}" for ours, theirs in guess.columns.items())
    if guess.unused:
        shown = ", ".join(f'"{name}"' for name in guess.unused[:UNUSED_SHOWN])
        more = len(guess.unused) - UNUSED_SHOWN
        yield comment(f"not read: {shown}{f' and {more:,} more' if more > 0 else ''}")


def _one_or_more(paths: Sequence[str]) -> str | list[str]:
    return paths[0] if len(paths) == 1 else [*paths]


def _positions(guess: Guess) -> Iterator[str]:
    """`columns` of a file without a header: our names by position."""
    places = {one.column.place: ours for ours, one in guess.taken.items()}
    width = guess.width
    yield f"columns = {toml_value([places.get(at, '') for at in range(width)])}"


def _doubts(guess: Guess, key: str) -> Iterator[str]:
    keys = (key, "date_order") if key == "date_format" else (key,)
    for doubt in guess.doubts:
        if doubt.key in keys:
            yield comment(f"{EDIT if doubt.must_edit else UNSURE}: {doubt.text}")


def comment(text: str) -> str:
    """A line of comment; nothing in it can end it."""
    return f"# {legible(text)}".rstrip()


def toml_value(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{toml_key(str(key))} = {toml_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(toml_value, value))}]"
    return toml_text(str(value))


def toml_key(key: str) -> str:
    """A key, in quotes where it needs them."""
    is_bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if is_bare else toml_text(key)


def toml_text(text: str) -> str:
    """A text in quotes; what cannot be seen is escaped."""
    return "".join(_escaped(sign) for sign in json.dumps(text, ensure_ascii=False))


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
