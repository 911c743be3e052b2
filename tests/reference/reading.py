"""From raw rows to accepted rows: values, aliases, references, identity, and where each row went.

Every row ends as exactly one of accepted, rejected, duplicate, superseded or skipped.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path

from tests.reference.corrections import take_places
from tests.reference.exact import number
from tests.reference.files import read_table
from tests.reference.rows import Row
from tests.reference.tables import (
    CHECKED,
    DEFAULTS,
    REFERS,
    TABLES,
    Value,
    identity_columns,
)
from tests.reference.values import BadValueError, is_missing, read_value


@dataclass
class Account:
    """Where the rows of one table went; the five fates add up to `read`."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    superseded: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass
class Data:
    """Everything read so far: accepted rows by table (None: the table is absent)."""

    workspace: Path
    config: dict[str, Value]
    rows: dict[str, list[Row] | None] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    aliases: dict[tuple[str, str, str | None], str] = field(default_factory=dict)
    rates: dict[str, list[tuple[date, Fraction]]] = field(default_factory=dict)
    bad_credits: set[tuple[object, ...]] = field(default_factory=set)
    level_names: dict[str, set[str]] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The workspace's currency."""
        return str(self.config["workspace"]["currency"])

    def ids(self, table: str) -> set[str] | None:
        """The ids of a master table, or None where it is absent (then nothing is checked)."""
        rows = self.rows.get(table)
        return None if rows is None else {row[TABLES[table][0].name] for row in rows}

    def accepted(self, table: str) -> list[Row]:
        """The rows of a table that count."""
        return self.rows.get(table) or []

    def setting(self, key: str, default: object) -> Value:
        """A key of `[data]`."""
        return self.config.get("data", {}).get(key, default)

    def rate(self, currency: str, day: date) -> Fraction | None:
        """The latest rate on or before a day; none if it is too old (rule 10)."""
        if currency == self.currency:
            return Fraction(1)
        known = [(on, rate) for on, rate in self.rates.get(currency, []) if on <= day]
        if not known:
            return None
        on, rate = max(known, key=lambda pair: pair[0])
        limit = self.setting("max_rate_age_days", None)
        return None if limit is not None and (day - on).days > number(limit) else rate


def read_rows(data: Data, table: str) -> list[Row] | None:
    """All rows of a table with their values, aliases and references looked at (rule 9)."""
    raw_rows = read_table(data.workspace, data.config, table)
    if raw_rows is None:
        return None
    rows = [Row(raw) for raw in raw_rows]
    for row in rows:
        if row.raw.skipped and row.raw.problem is None:
            row.fate = "skipped"
            continue
        row.reason = row.raw.problem
        if row.raw.problem != "field-count":
            bad = _read_cells(data, table, row)
            row.reason = row.reason or bad
            _resolve_aliases(data, table, row)
            row.reason = row.reason or _unknown_reference(data, table, row)
            row.reason = row.reason or _unknown_level(data, table, row)
    _resolve_own_ids(data, table, rows)
    return rows


def _read_cells(data: Data, table: str, row: Row) -> str | None:
    """Fills in the values; returns the first reason in the table's column order."""
    first: str | None = None
    source = row.raw.source
    currency = None
    if table == "sales":
        cell = row.raw.cells.get("currency")
        currency = data.currency if is_missing(cell) else str(cell).strip()
    for column in TABLES[table]:
        text = row.raw.cells.get(column.name)
        row.values[column.name] = None
        if is_missing(text):
            if column.required:
                first = first or f"missing-{column.name}"
            continue
        if column.name in row.raw.rounded:
            first = first or "bad-value"
        try:
            row.values[column.name] = read_value(
                column,
                str(text),
                source.option("decimal", "."),
                source.option("date_format", "%Y-%m-%d"),
                currency,
            )
        except BadValueError as bad:
            first = first or str(bad)
    for attribute in source.option("attributes", []):
        text = row.raw.cells.get(attribute)
        row.values[attribute] = None if is_missing(text) else str(text).strip()
    return first


def resolve(data: Data, table: str, value: str, source: str, known: set[str] | None = None) -> str:
    """An id after aliases (rule 7): the own source's alias, an existing id, an alias for all."""
    if (table, value, source) in data.aliases:
        return data.aliases[table, value, source]
    if value in (data.ids(table) or known or set()):
        return value
    return data.aliases.get((table, value, None), value)


def _resolve_aliases(data: Data, table: str, row: Row) -> None:
    """Looks each column that refers to another table up once (rule 7)."""
    for column, master in REFERS.items():
        if master != table and row[column] is not None:
            row.values[column] = resolve(data, master, row[column], row.raw.source.name)
    payee = row["payee_id"]
    if payee is not None and not _is_payee(data, payee):
        for master in ("partners", "reps"):
            if row["payee_id"] == payee:
                row.values["payee_id"] = resolve(data, master, payee, row.raw.source.name)


def _resolve_own_ids(data: Data, table: str, rows: list[Row]) -> None:
    """`parent_id` and `manager_id` refer to their own table: an id that exists is never aliased."""
    own_id = TABLES[table][0].name
    known = {row[own_id] for row in rows if row.reason is None and row.fate != "skipped"}
    for column, master in REFERS.items():
        if master == table and column != own_id:
            for row in rows:
                if row[column] is not None:
                    name = row.raw.source.name
                    row.values[column] = resolve(data, master, row[column], name, known)


def _is_payee(data: Data, payee: str) -> bool:
    return payee in (data.ids("partners") or set()) | (data.ids("reps") or set())


def _unknown_reference(data: Data, table: str, row: Row) -> str | None:
    """`unknown-…` where a master that is there does not know the id (rule 7)."""
    for column in TABLES[table]:
        value = row[column.name]
        if value is None or REFERS.get(column.name) == table:
            continue
        if column.name in CHECKED:
            master = REFERS[column.name]
            known = data.ids(master)
            what = column.name.removesuffix("_id")
            keep = what != "rep" and _keeps(data, what)
            if known is not None and value not in known and not keep:
                return f"unknown-{what}"
        booked = (table, column.name) == ("adjustments", "payee_id")
        if booked and data.rows.get("reps") is not None and not _is_payee(data, value):
            return "unknown-rep"
    return None


def _unknown_level(data: Data, table: str, row: Row) -> str | None:
    """`bad-value` where a level program does not have the level that a row grants."""
    names = data.level_names.get(row["program_id"]) if table == "levels" else None
    return "bad-value" if names is not None and row["level"] not in names else None


def _keeps(data: Data, what: str) -> bool:
    default = "reject" if what == "partner" else "keep"
    return bool(data.setting(f"unknown_{what}", default) == "keep")


def same_content(a: Row, b: Row) -> bool:
    """Equal values as read, after aliases and without `received_on` (rule 8)."""
    names = (set(a.values) | set(b.values)) - {"received_on"}
    return all(a[name] == b[name] for name in names)


def count_versions(rows: list[Row], identity: Callable[[Row], Hashable]) -> list[Row]:
    """Of each identity the row that counts; the others become duplicate or superseded (rule 8)."""
    counting: dict[Hashable, Row] = {}
    for row in rows:
        if row.fate == "skipped" or row.reason is not None:
            continue
        key = identity(row)
        so_far = counting.get(key)
        row.fate = "accepted"
        if so_far is not None and same_content(so_far, row):
            row.fate = "duplicate"
            continue
        if so_far is not None:
            so_far.fate = "superseded"
        counting[key] = row
    return list(counting.values())


def settle_account(data: Data, table: str, rows: list[Row]) -> None:
    """Counts the fates; a reject that was corrected and read again is superseded."""
    account = data.accounts[table] = Account(read=len(rows))
    at = {(row.raw.path, row.raw.line): row for row in rows}
    corrected: set[tuple[str, int]] = set()
    for row in rows:
        spot = row.raw.corrects if row.reason is None else None
        while spot is not None and spot not in corrected and spot in at and at[spot].reason:
            corrected.add(spot)
            spot = at[spot].raw.corrects
    for row in rows:
        if row.reason is not None:
            row.fate = "superseded" if (row.raw.path, row.raw.line) in corrected else "rejected"
        if row.fate == "rejected":
            account.reasons[str(row.reason)] += 1
        setattr(account, row.fate, getattr(account, row.fate) + 1)


def read_plain_table(data: Data, table: str) -> None:
    """Reads a table that has no rules of its own beyond those above."""
    rows = read_rows(data, table)
    if rows is None:
        data.rows[table] = None
        return
    columns = identity_columns(table)

    def identity(row: Row) -> tuple[Value, ...]:
        return tuple(row[name] for name in columns)

    counted = count_versions(take_places(table, rows, identity), identity)
    data.rows[table] = counted
    settle_account(data, table, rows)
    for row in counted:
        # Section 2: `=` defaults are filled in once rows have been compared as they were read.
        for column, default in DEFAULTS.get(table, {}).items():
            row.values[column] = default if row[column] is None else row[column]
    if table == "aliases":
        data.aliases = {(r["table"], r["alias"], r["source"]): r["id"] for r in counted}
    if table == "fx":
        for row in counted:
            data.rates.setdefault(row["currency"], []).append((row["on"], row["rate"]))
