"""Terms: contracts and rate cards as rows of a table (docs/rules.md, "Terms").

A column with a dot is a key, `valid_from` and `valid_until` are dates, `contract` is a name; every other
column is a value that `[reward]` or one of its tiers has under the same name.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from incentivectl.core.limits import FIRST_DAY, LAST_DAY
from incentivectl.core.money import plain
from incentivectl.core.nouns import counted
from incentivectl.core.tables import Column
from incentivectl.programs.conditions import Value
from incentivectl.programs.fields import field_column
from incentivectl.programs.lists import Lists
from incentivectl.programs.lists import value as cell_value
from incentivectl.toml.types import (
    described,
    filled_text,
    nearest_hint,
    not_negative,
    positive,
    rate,
    ratio,
    wrong,
)

_T = TypeVar("_T")

FROM = "from"
NET_PRICE, PER_PAYEE, MAX_QUANTITY = "net_price", "per_payee", "max_quantity"
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
PAYS = ("rate", "per_unit", "bonus", "every", "pays", "per_bundle")
_ONCE = (PER_PAYEE, MAX_QUANTITY)  # the same for all tiers of a term
_DATES = ("valid_from", "valid_until")
_CONTRACT = "contract"
_MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class TermTier:
    """One row of a term: where it begins (None without tiers), its line in the file, what it pays."""

    from_: Decimal | None
    line: int
    pays: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Term:
    """The rows that agree in all keys and both dates: one without `from`, or tiers in their order.

    `keys` are the filled ones, in the order of their columns.
    """

    keys: tuple[tuple[str, Value], ...]
    valid_from: date | None
    valid_until: date | None
    contract: str
    per_payee: Decimal | None
    max_quantity: Decimal | None
    tiers: tuple[TermTier, ...]

    @property
    def line(self) -> int:
        """The line of its first row in the file."""
        return min(tier.line for tier in self.tiers)

    @property
    def is_tiered(self) -> bool:
        """Whether it has tiers."""
        return self.tiers[0].from_ is not None

    @property
    def net_price(self) -> Decimal | None:
        """Down to which price it pays, in ship and debit."""
        return self.tiers[0].pays.get(NET_PRICE)

    def canonical(self) -> str:
        """Everything in it that can change money, in one spelling; its contract's name cannot."""
        parts = [
            [[key, _spelled(value)] for key, value in sorted(self.keys)],
            [str(day or "") for day in (self.valid_from, self.valid_until)],
            [_spelled(limit) for limit in (self.per_payee, self.max_quantity)],
            [
                [_spelled(tier.from_), sorted((k, plain(v)) for k, v in tier.pays.items())]
                for tier in self.tiers
            ],
        ]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))

    def hash(self) -> str:
        """The sha256 of `canonical`."""
        return sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class Terms:
    """A terms file: its path as the program names it, its key columns, and its terms by line."""

    path: str
    keys: tuple[str, ...]
    terms: tuple[Term, ...]
    first_lines: Mapping[str, int] = field(
        default_factory=dict
    )  # of each filled value, for messages

    def key_values(self) -> Iterator[tuple[int, str, Value]]:
        """Every filled key with the line of its term: line, field, value."""
        for term in self.terms:
            for name, value in term.keys:
                yield term.line, name, value

    def why_no_single_lines(self) -> str:
        """Why what is paid does not belong to single lines; empty if it does."""
        for name in ("bonus", "every", "per_bundle", PER_PAYEE):
            if name in self.first_lines:
                return f"`{name}` of a term is not tied to a line"
        return ""

    @cached_property
    def hash(self) -> str:
        """The sha256 of all terms, whatever their order in the file."""
        return sha256("\n".join(sorted(one.hash() for one in self.terms)).encode()).hexdigest()

    @cached_property
    def by_keys(self) -> Mapping[tuple[tuple[str, Value], ...], list[Term]]:
        """The terms with the same keys, by these."""
        found: dict[tuple[tuple[str, Value], ...], list[Term]] = {}
        for term in self.terms:
            found.setdefault(term.keys, []).append(term)
        return found


def _spelled(value: object) -> str:
    return "" if value is None else plain(value) if isinstance(value, Decimal) else str(value)


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
    terms = reading.terms(lists.records(path))
    if reading.errors:
        listed = reading.errors[:_MOST_ERRORS]
        if len(reading.errors) > len(listed):
            more = len(reading.errors) - len(listed)
            listed.append(wrong("bad-terms", f"{path}: {counted(more, 'error')} like these follow"))
        details = [InitErrorDetails(type=error, loc=(), input=None) for error in listed]
        raise ValidationError.from_exception_data("terms", details)
    return terms


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the file, its cells read."""

    line: int
    keys: tuple[tuple[str, Value], ...]
    dates: tuple[date | None, date | None]
    contract: str
    values: Mapping[str, Decimal]


class _Reading:
    """Reads one file and keeps what is wrong in it, each with file and line."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.errors: list[PydanticCustomError] = []

    def terms(self, records: Iterator[tuple[int, list[str]]]) -> Terms:
        line, header = next(records, (1, []))
        columns = self._columns(line, header)
        rows = [self._row(line, columns, cells) for line, cells in records]
        if not rows:
            self._wrong(
                line, "the file has no terms", "one row a term, below the names of its columns"
            )
        groups: dict[tuple[object, ...], list[_Row]] = {}
        for row in rows:
            groups.setdefault((row.keys, row.dates), []).append(row)
        terms = sorted((self._term(group) for group in groups.values()), key=lambda t: t.line)
        keys = tuple(name for name in columns if "." in name)
        firsts: dict[str, int] = {}
        for row in rows:
            for name in row.values:
                firsts.setdefault(name, row.line)
        found = Terms(self._path, keys, tuple(terms), firsts)
        self._check_overlaps(found)
        return found

    def _wrong(self, line: int, text: str, hint: str = "") -> None:
        self.errors.append(wrong("bad-terms", f"{self._path}:{line}: {text}", hint))

    def _columns(self, line: int, header: list[str]) -> list[str]:
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
        return header

    def _row(self, line: int, columns: list[str], cells: list[str]) -> _Row:
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            self._wrong(
                line, f"{counted(len(cells), 'cell')} under {counted(len(columns), 'column')}"
            )
        filled = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
        keys: list[tuple[str, Value]] = []
        values: dict[str, Decimal] = {}
        for name, cell in filled.items():
            try:
                if "." in name:
                    keys.append((name, _key(name, cell, f"{self._path}:{line}")))
                elif name in _VALUES:
                    values[name] = _VALUES[name](_number(cell))
            except PydanticCustomError as error:
                about = error.context or {}
                if "." in name:
                    self.errors.append(error)
                else:
                    self._wrong(line, f"`{name}`: {about.get('text')}", str(about.get("hint", "")))
        first, last = (self._day(line, name, filled.get(name)) for name in _DATES)
        if first is not None and last is not None and last < first:
            self._wrong(line, f"valid until {last}, before it is valid from {first}")
        return _Row(line, tuple(keys), (first, last), filled.get(_CONTRACT, ""), values)

    def _day(self, line: int, name: str, cell: str | None) -> date | None:
        if cell is None:
            return None
        try:
            return date.fromisoformat(cell)
        except ValueError:
            self._wrong(line, f'`{name}`: invalid date "{cell}"', "such as 2026-07-31")
            return None

    def _term(self, rows: list[_Row]) -> Term:
        first = rows[0]
        with_from = [row for row in rows if FROM in row.values]
        if with_from and len(with_from) < len(rows):
            line = next(row.line for row in rows if FROM not in row.values)
            self._wrong(
                line, f"a term has rows with `from` and one without (line {with_from[0].line})"
            )
        elif not with_from and len(rows) > 1:
            self._wrong(rows[1].line, f"the term of line {first.line} is listed twice")
        starts: dict[Decimal, int] = {}
        for row in with_from:
            start = row.values[FROM]
            if start in starts:
                text = f"the tier from {plain(start)} is listed twice (line {starts[start]})"
                self._wrong(row.line, text)
            starts.setdefault(start, row.line)
            if NET_PRICE in row.values:
                self._wrong(row.line, "`net_price` and `from` exclude each other")
        contract = self._once(_CONTRACT, [(row.line, row.contract or None) for row in rows])
        cap, most = (
            self._once(name, [(row.line, row.values.get(name)) for row in rows]) for name in _ONCE
        )
        about = {FROM, *_ONCE}
        tiers = [
            TermTier(
                row.values.get(FROM),
                row.line,
                {k: v for k, v in row.values.items() if k not in about},
            )
            for row in rows
        ]
        tiers.sort(key=lambda tier: (tier.from_ is not None, tier.from_ or Decimal(0)))
        return Term(first.keys, *first.dates, contract or "", cap, most, tuple(tiers))

    def _once(self, name: str, cells: list[tuple[int, _T | None]]) -> _T | None:
        """What all rows of a term agree in, where they say it at all."""
        said = [(line, cell) for line, cell in cells if cell is not None]
        for line, cell in said[1:]:
            if cell != said[0][1]:
                self._wrong(line, f"`{name}` differs from line {said[0][0]} of the same term")
                break
        return said[0][1] if said else None

    def _check_overlaps(self, found: Terms) -> None:
        for alike in found.by_keys.values():
            ordered = sorted(alike, key=lambda term: (term.valid_from or FIRST_DAY, term.line))
            for earlier, later in pairwise(ordered):
                if (later.valid_from or FIRST_DAY) <= (earlier.valid_until or LAST_DAY):
                    text = (
                        f"the term of line {earlier.line} has the same keys and overlapping dates"
                    )
                    self._wrong(later.line, text, "end one the day before the other begins")


def _key(name: str, cell: str, place: str) -> Value:
    """A key cell as a value of its field; attributes are text."""
    column = field_column(name, {}) or Column(name.partition(".")[2])
    return cell_value(cell, column, place)


def _number(cell: str) -> Decimal | str:
    """A number as TOML has it: a decimal, or text such as `2.5%` that says what it is."""
    if cell.endswith("%"):
        return cell
    try:
        return Decimal(cell.replace("_", ""))
    except ArithmeticError:
        raise wrong("bad-number", f'invalid number "{cell}"', 'such as 0.025 or "2.5%"') from None


TermsKey = Annotated[Terms, BeforeValidator(read_terms), WithJsonSchema({"type": "string"})]
