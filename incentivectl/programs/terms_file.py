"""Reads the terms of a CSV file (docs/rules.md, "Terms").

A column with a dot is a key, `valid_from` and `valid_until` are dates, `contract` is a name; every other
column is a value that `[reward]` or one of its tiers has under the same name.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Annotated, NamedTuple, TypeVar

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from incentivectl.core.limits import FIRST_DAY, LAST_DAY
from incentivectl.core.memory import no_search_for_cycles
from incentivectl.core.money import plain
from incentivectl.core.nouns import counted
from incentivectl.core.tables.columns import Column
from incentivectl.programs.conditions import Value
from incentivectl.programs.fields import field_column
from incentivectl.programs.lists import Lists
from incentivectl.programs.lists import value as cell_value
from incentivectl.programs.terms import (
    FROM,
    MAX_QUANTITY,
    NET_PRICE,
    PER_PAYEE,
    Term,
    Terms,
    TermTier,
)
from incentivectl.toml.numbers import not_negative, positive, rate, ratio
from incentivectl.toml.types import filled_text
from incentivectl.toml.wrong import described, nearest_hint, wrong

_T = TypeVar("_T")

# How each value is read; what a tier and a reward have is paid, the last two limit a term.
_VALUES = {
    FROM: ratio,
    "rate": rate,
    "per_unit": not_negative,
    "bonus": not_negative,
    NET_PRICE: not_negative,
    "every": positive,
    "pays": not_negative,
    "per_bundle": not_negative,
    PER_PAYEE: not_negative,
    MAX_QUANTITY: not_negative,
}
_VALID_FROM, _VALID_UNTIL = "valid_from", "valid_until"
_DATES = (_VALID_FROM, _VALID_UNTIL)
_CONTRACT = "contract"
_MOST_ERRORS = 50


def read_terms(raw: object, info: ValidationInfo) -> Terms:
    """The terms of the file that a program names; everything wrong in it is raised at once."""
    if isinstance(raw, Terms):
        return raw
    if not isinstance(raw, str):
        hint = 'such as terms = "lists/contracts.csv"'
        raise wrong("wrong-type", f"expected the path of a file, not {described(raw)}", hint)
    path = filled_text(raw)
    lists = info.context if isinstance(info.context, Lists) else Lists(())
    reading = _Reading(path)
    with no_search_for_cycles():
        terms = reading.terms(lists.records(path))
    if reading.errors:
        listed = reading.errors[:_MOST_ERRORS]
        if len(reading.errors) > len(listed):
            more = len(reading.errors) - len(listed)
            listed.append(wrong("bad-terms", f"{path}: {counted(more, 'error')} like these follow"))
        details = [InitErrorDetails(type=error, loc=(), input=None) for error in listed]
        raise ValidationError.from_exception_data("terms", details)
    return terms


class _Row(NamedTuple):
    """One row of the file with its cells read; `pays` has neither the tier's start nor limits."""

    line: int
    keys: tuple[tuple[str, Value], ...]
    dates: tuple[date | None, date | None]
    contract: str
    start: Decimal | None
    per_payee: Decimal | None
    max_quantity: Decimal | None
    pays: Mapping[str, Decimal]


class _Reading:
    """Reads one file and keeps what is wrong in it, each with file and line."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.errors: list[PydanticCustomError] = []
        self._first_lines: dict[str, int] = {}
        self._numbers: dict[tuple[str, str], Decimal] = {}  # sound cells of values: many are alike

    def terms(self, records: Iterator[tuple[int, list[str]]]) -> Terms:
        line, header = next(records, (1, []))
        self._check_columns(line, header)
        rows = [self._row(line, header, cells) for line, cells in records]
        if not rows:
            self._wrong(
                line, "the file has no terms", "one row a term, below the names of its columns"
            )
        groups: dict[tuple[object, ...], list[_Row]] = {}
        for row in rows:
            groups.setdefault((row.keys, row.dates), []).append(row)
        terms = sorted((self._term(group) for group in groups.values()), key=lambda t: t.line)
        keys = tuple(name for name in header if "." in name)
        found = Terms(self._path, keys, tuple(terms), self._first_lines)
        self._check_overlaps(found)
        return found

    def _wrong(self, line: int, text: str, hint: str = "") -> None:
        self.errors.append(wrong("bad-terms", f"{self._path}:{line}: {text}", hint))

    def _check_columns(self, line: int, header: list[str]) -> None:
        known = [*_VALUES, *_DATES, _CONTRACT]
        for place, name in enumerate(header):
            if name in header[:place]:
                self._wrong(line, f"the column `{name}` is listed twice")
            elif "." not in name and name not in known:
                hint = (
                    nearest_hint(name, known)
                    or f"keys have a dot, such as partner.partner_id; values are {', '.join(known)}"
                )
                self._wrong(
                    line, f"unknown column `{name}`" if name else "a column has no name", hint
                )

    def _row(self, line: int, columns: list[str], cells: list[str]) -> _Row:
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            self._wrong(
                line, f"{counted(len(cells), 'cell')} under {counted(len(columns), 'column')}"
            )
        keys: list[tuple[str, Value]] = []
        numbers: dict[str, Decimal] = {}
        days: dict[str, date] = {}
        contract = ""
        for name, cell in zip(columns, cells, strict=False):
            if not cell:
                continue
            if name in _VALUES:
                number = self._number(line, name, cell)
                if number is not None:
                    numbers[name] = number
                    self._first_lines.setdefault(name, line)
            elif "." in name:
                try:
                    keys.append((name, _key(name, cell, f"{self._path}:{line}")))
                except PydanticCustomError as error:
                    self.errors.append(error)
            elif name in _DATES:
                day = self._day(line, name, cell)
                if day is not None:
                    days[name] = day
            elif name == _CONTRACT:
                contract = cell
        first, last = days.get(_VALID_FROM), days.get(_VALID_UNTIL)
        if first is not None and last is not None and last < first:
            self._wrong(line, f"valid until {last}, before it is valid from {first}")
        start, cap = numbers.pop(FROM, None), numbers.pop(PER_PAYEE, None)
        most = numbers.pop(MAX_QUANTITY, None)
        if start is not None and NET_PRICE in numbers:
            self._wrong(line, "`net_price` and `from` exclude each other")
        return _Row(line, tuple(keys), (first, last), contract, start, cap, most, numbers)

    def _number(self, line: int, name: str, cell: str) -> Decimal | None:
        """The value in a cell; None where it is wrong."""
        if (name, cell) not in self._numbers:
            try:
                self._numbers[name, cell] = _VALUES[name](_number(cell))
            except PydanticCustomError as error:
                about = error.context or {}
                self._wrong(line, f"`{name}`: {about.get('text')}", str(about.get("hint", "")))
                return None
        return self._numbers[name, cell]

    def _day(self, line: int, name: str, cell: str) -> date | None:
        """The date in a cell; None where it is wrong."""
        try:
            return date.fromisoformat(cell)
        except ValueError:
            self._wrong(line, f'`{name}`: invalid date "{cell}"', "such as 2026-07-31")
            return None

    def _term(self, rows: list[_Row]) -> Term:
        first = rows[0]
        tiers = [TermTier(row.start, row.line, row.pays) for row in rows]
        if len(rows) == 1:
            limits = (first.per_payee, first.max_quantity)
            return Term(first.keys, *first.dates, first.contract, *limits, tuple(tiers))
        self._check_tiers(rows)
        contract = self._once(_CONTRACT, [(row.line, row.contract or None) for row in rows])
        cap = self._once(PER_PAYEE, [(row.line, row.per_payee) for row in rows])
        most = self._once(MAX_QUANTITY, [(row.line, row.max_quantity) for row in rows])
        tiers.sort(key=lambda tier: (tier.from_ is not None, tier.from_ or Decimal(0)))
        return Term(first.keys, *first.dates, contract or "", cap, most, tuple(tiers))

    def _check_tiers(self, rows: list[_Row]) -> None:
        """What is wrong with the rows of a term that has several."""
        tiered = [row for row in rows if row.start is not None]
        if not tiered:
            self._wrong(rows[1].line, f"the term of line {rows[0].line} is listed twice")
        elif len(tiered) < len(rows):
            line = next(row.line for row in rows if row.start is None)
            self._wrong(
                line, f"a term has rows with `from` and one without (line {tiered[0].line})"
            )
        starts: dict[Decimal, int] = {}
        for row in tiered:
            assert row.start is not None
            if row.start in starts:
                text = (
                    f"the tier from {plain(row.start)} is listed twice (line {starts[row.start]})"
                )
                self._wrong(row.line, text)
            starts.setdefault(row.start, row.line)

    def _once(self, name: str, cells: list[tuple[int, _T | None]]) -> _T | None:
        """The value on which all rows of a term that state one agree."""
        said = [(line, cell) for line, cell in cells if cell is not None]
        for line, cell in said[1:]:
            if cell != said[0][1]:
                self._wrong(line, f"`{name}` differs from line {said[0][0]} of the same term")
                break
        return said[0][1] if said else None

    def _check_overlaps(self, found: Terms) -> None:
        for alike in found.by_keys.values():
            if len(alike) == 1:
                continue
            ordered = sorted(alike, key=lambda term: (term.valid_from or FIRST_DAY, term.line))
            for earlier, later in pairwise(ordered):
                if (later.valid_from or FIRST_DAY) <= (earlier.valid_until or LAST_DAY):
                    text = (
                        f"the term of line {earlier.line} has the same keys and overlapping dates"
                    )
                    self._wrong(later.line, text, "end one the day before the other begins")


def _key(name: str, cell: str, place: str) -> Value:
    """A key cell as a value of its field."""
    return cell_value(cell, _column(name), place)


@cache
def _column(name: str) -> Column:
    """The column of a key's field; attributes are text."""
    return field_column(name, {}) or Column(name.partition(".")[2])


def _number(cell: str) -> Decimal | str:
    """A number as TOML has it: a decimal, or text such as `2.5%` that says what it is."""
    if cell.endswith("%"):
        return cell
    try:
        return Decimal(cell.replace("_", ""))
    except ArithmeticError:
        raise wrong("bad-number", f'invalid number "{cell}"', 'such as 0.025 or "2.5%"') from None


TermsKey = Annotated[Terms, BeforeValidator(read_terms), WithJsonSchema({"type": "string"})]
