"""Conditions: what they name, the day on which they are judged, when they hold."""

import csv
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from tests.reference.lines import Facts, Line, amount_in, in_program_currency
from tests.reference.periods import completed_years
from tests.reference.programs import Program
from tests.reference.rows import Row
from tests.reference.tables import Value

Lookup = Callable[[str], Value]


def all_hold(conditions: Mapping[str, Value], look_up: Lookup, workspace: Path) -> bool:
    """Every condition must hold."""
    return all(holds(wanted, look_up(name), workspace) for name, wanted in conditions.items())


def holds(wanted: Value, value: Value, workspace: Path) -> bool:
    """One condition: a value, a list (any of), or a table of tests that must all hold."""
    if isinstance(wanted, dict):
        return all(_test(test, limit, value, workspace) for test, limit in wanted.items())
    return any(_equal(value, one) for one in _as_list(wanted))


def _as_list(wanted: Value) -> list[Value]:
    return wanted if isinstance(wanted, list) else [wanted]


def _test(test: str, limit: Value, value: Value, workspace: Path) -> bool:
    """One test of a table; a missing value satisfies only `not` (rule 14)."""
    if test == "not":
        return not any(_equal(value, one) for one in _as_list(limit))
    if value is None:
        return False
    if test == "in":
        return str(value) in _listed(workspace / limit)
    if test == "not_in":
        return str(value) not in _listed(workspace / limit)
    a, b = _comparable(value, limit)
    if a is None:
        return False
    return bool({"min": a >= b, "max": a <= b, "before": a < b, "after": a > b}[test])


def _listed(path: Path) -> set[str]:
    """The first column of a file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {record[0].strip() for record in csv.reader(file) if record}


def _comparable(value: Value, limit: Value) -> tuple[Value, Value]:
    if isinstance(limit, date):
        if isinstance(value, str):  # an attribute of kind date
            value = date.fromisoformat(value)
        return (value if isinstance(value, date) else None), limit
    if isinstance(value, str):
        try:
            value = Decimal(value)
        except InvalidOperation:
            return None, limit
    return Fraction(value), Fraction(limit)


def _equal(value: Value, wanted: Value) -> bool:
    """Text is compared exactly, numbers by value; a missing value equals nothing."""
    if value is None:
        return False
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, str):
        return value == str(wanted)
    if isinstance(value, date) or isinstance(wanted, date):
        return bool(value == wanted)
    return not isinstance(wanted, str) and Fraction(value) == Fraction(wanted)


def partner_value(row: Row | None, name: str, day: date) -> Value:
    """A column of a partner's row, or its tenure on a day (rule 5)."""
    if row is None:
        return None
    if name == "tenure_years":
        return None if row["joined_on"] is None else completed_years(row["joined_on"], day)
    return row[name]


def line_lookup(facts: Facts, program: Program, line: Line) -> Lookup:
    """What the conditions of `[eligible]` see: everything on the line's date (rules 1, 4)."""
    data = facts.data

    def sale(name: str) -> Value:
        if name in ("amount", "quantity"):
            amount = amount_in(data, line, program.currency)
            value = amount if name == "amount" else line.quantity
            # Rule 12: a return that reverses no known line is judged by its size.
            return abs(value) if value is not None and line.is_return else value
        if name == "month":
            return facts.calendar.month_of(line.date)
        if name == "sold_on":
            return line.date
        if name == "currency":
            return line.currency
        if name == "new_customer":
            customer = line["customer_id"]
            return customer is not None and facts.first_sale.get(customer) == line.date
        return line[name]

    def product(name: str) -> Value:
        row = facts.products.get(line["product_id"] or "")
        value = row[name] if row is not None else None
        if name == "list_price":
            value = facts.list_price(line["product_id"], line.date)
        if name in ("list_price", "unit_cost") and value is not None:
            return in_program_currency(data, value, program.currency, line.date)
        return value if row is not None or name != "product_id" else line["product_id"]

    def look_up(path: str) -> Value:
        table, _, name = path.partition(".")
        if table == "sale":
            return sale(name)
        if table == "product":
            return product(name)
        if table == "partner":
            row = facts.partner_on(line["partner_id"], line.date)
            value = partner_value(row, name, line.date)
            return value if row is not None or name != "partner_id" else line["partner_id"]
        if table == "level":
            return facts.level_on(name, line["partner_id"], line.date)
        if path == "customer.revenue_12m":
            return facts.bought_before(line["customer_id"], line.date)
        row = facts.rep_on(line["rep_id"], line.date)
        if table == "customer":
            row = facts.customers.get(line["customer_id"] or "")
        value = row[name] if row is not None else None
        return value if row is not None or name != f"{table}_id" else line[name]

    return look_up


def payee_lookup(facts: Facts, payee_kind: str, payee_id: str, day: date) -> Lookup:
    """What `when`, `[[boost]]` and terms by payee see: the payee's own rows on the judged day (rule 4)."""
    rep = facts.rep_on(payee_id, day) if payee_kind == "rep" else None
    partner_id = payee_id if payee_kind == "partner" else rep["partner_id"] if rep else None
    partner = facts.partner_on(partner_id, day)

    def look_up(path: str) -> Value:
        table, _, name = path.partition(".")
        if table == "partner":
            return partner_value(partner, name, day)
        if table == "level":
            return facts.level_on(name, partner_id, day)
        return rep[name] if rep is not None else None

    return look_up
