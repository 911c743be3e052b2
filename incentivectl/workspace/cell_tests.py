"""What `skip_when` says of a cell: words, `{ matches = '…' }`, `{ empty = true }`."""

from collections.abc import Mapping
from dataclasses import dataclass

from incentivectl.toml.types import one_or_more
from incentivectl.toml.wrong import described, wrong

LONGEST_PATTERN = 500
_HINT = "write a text, { matches = '^Total' } or { empty = true }"


@dataclass(frozen=True, slots=True)
class CellTest:
    """A cell that is one of `words`, in which one of `patterns` is found, or where `empty` nothing stands."""

    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    empty: bool = False


def cell_test(raw: object) -> CellTest:
    """A text or a table, or a list of both."""
    parts = [*raw] if isinstance(raw, list | tuple) else [raw]
    if not parts:
        raise wrong("empty-list", "the list says nothing", _HINT)
    words: list[str] = []
    patterns: list[str] = []
    empty = False
    for part in parts:
        if not isinstance(part, Mapping):
            words += one_or_more(part)
        elif {*part} == {"matches"}:
            patterns.append(_pattern(part["matches"]))
        elif part == {"empty": True}:
            empty = True
        else:
            raise wrong("bad-cell-test", f"unknown test {described(part)}", _HINT)
    return CellTest((*words,), (*patterns,), empty)


def _pattern(raw: object) -> str:
    """A pattern that the engine knows which looks for it; it needs no more time for any."""
    import polars as pl

    if not isinstance(raw, str) or not raw:
        raise wrong("wrong-type", f"expected a regular expression, not {described(raw)}")
    if len(raw) > LONGEST_PATTERN:
        raise wrong("bad-pattern", f"the pattern is longer than {LONGEST_PATTERN} characters")
    try:
        pl.select(pl.lit("").str.contains(raw))
    except pl.exceptions.ComputeError as error:
        told = str(error).removeprefix("regex error: ").splitlines()
        reason = next((line[7:] for line in told if line.startswith("error: ")), told[0])
        hint = "single quotes keep backslashes: '\\d+'"
        raise wrong("bad-pattern", f"invalid regular expression: {reason}", hint) from None
    return raw
