"""The sales table and the credits that refer to it: amounts, returns' dates, rates, identity."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Protocol

from tests.reference.corrections import number_rows, take_places
from tests.reference.exact import half_up
from tests.reference.reading import (
    Data,
    count_versions,
    read_plain_table,
    read_rows,
    settle_account,
)
from tests.reference.rows import Row
from tests.reference.tables import TABLES, Value, identity_columns

SaleKey = tuple[str | None, str | None, str]


class Keyed(Protocol):
    """A row, or a line made of one: its values by column."""

    def __getitem__(self, column: str) -> Value: ...


def sale_key(row: Row) -> SaleKey:
    """The identity of a sale: distributor, partner, sale id."""
    return (row["distributor_id"], row["partner_id"], row["sale_id"])


def returned_sale(row: Row) -> SaleKey:
    """The sale that a return names, at the same distributor and partner."""
    return (row["distributor_id"], row["partner_id"], row["return_of"])


def quantity_of(row: Row) -> Fraction:
    """A missing quantity is 1, or -1 where the amount is negative (rule 10)."""
    if row["quantity"] is not None:
        return Fraction(row["quantity"])
    return Fraction(-1 if row["amount"] is not None and row["amount"] < 0 else 1)


def amount_of(row: Row) -> Fraction:
    """The amount in the line's currency; quantity x unit_price to 6 decimals when missing."""
    if row["amount"] is not None:
        return Fraction(row["amount"])
    return half_up(quantity_of(row) * row["unit_price"], 6)


def is_return(row: Row) -> bool:
    """Returns are lines with a negative quantity or amount."""
    return quantity_of(row) < 0 or amount_of(row) < 0


def is_void(row: Row) -> bool:
    """Quantity and amount 0: accepted, and then used by no rule (rule 8)."""
    return quantity_of(row) == 0 and amount_of(row) == 0


def currency_of(data: Data, row: Row) -> str:
    """The line's currency, the workspace's where it names none."""
    return row["currency"] or data.currency


def line_order(line: Keyed) -> tuple[object, ...]:
    """Line ids: digits by value, other texts by code point, none by product and n (rule 11)."""
    text = line["line_id"]
    if text is None:
        return (2, 0, line["product_id"] or "", line["n"])
    if text.isascii() and text.isdigit():
        return (0, int(text), text, 0)
    return (1, 0, text, 0)


def taken_back(row: Row, by_sale: dict[SaleKey, list[Row]]) -> Row | None:
    """The line that a return reverses: of its product (and serial), else of the sale (rule 11)."""
    if row["return_of"] is None or not is_return(row):
        return None
    lines = by_sale.get(returned_sale(row), [])
    of_sale = sorted((line for line in lines if not is_return(line)), key=line_order)
    same = [line for line in of_sale if line["product_id"] == row["product_id"]]
    if row["serial"] is not None:
        same = [line for line in same if line["serial"] == row["serial"]] or same
    return next(iter(same or of_sale), None)


def counts_on(row: Row, by_sale: dict[SaleKey, list[Row]]) -> date:
    """The date of a line: for a return that of the line that it reverses (section 2)."""
    original = taken_back(row, by_sale)
    day: date = row["sold_on"] if original is None else original["sold_on"]
    return day


def lines_by_sale(rows: Iterable[Row]) -> dict[SaleKey, list[Row]]:
    """The lines of each sale, without those that no rule uses."""
    out: dict[SaleKey, list[Row]] = defaultdict(list)
    for row in rows:
        if not is_void(row):
            out[sale_key(row)].append(row)
    return out


def _alike(row: Row) -> tuple[object, ...]:
    """What versions of one line agree in, but for n."""
    product = row["product_id"] if row["line_id"] is None else None
    return (*sale_key(row), row["line_id"], product)


def _count_lines(rows: list[Row]) -> list[Row]:
    """The lines that count, each row in its place and with its n."""
    in_place = take_places("sales", rows, _alike)
    number_rows(in_place, lambda row: (*sale_key(row), row["product_id"]))
    return count_versions(in_place, line_identity)


def read_sales(data: Data) -> None:
    """Reads the sales and accepts, rejects and numbers them (rules 8 to 10)."""
    rows = read_rows(data, "sales") or []
    for row in rows:
        if row.fate == "skipped" or row.reason is not None:
            continue
        if row["amount"] is None and row["unit_price"] is None:
            row.reason = "missing-amount"
            continue
        if row.raw.negate:
            quantity = -abs(quantity_of(row))
            if row["amount"] is not None:
                row.values["amount"] = -abs(row["amount"])
            row.values["quantity"] = quantity
        if abs(amount_of(row)) >= 10**12:
            row.reason = "too-large"
    _reject_without_rate(data, rows)
    data.rows["sales"] = _count_lines(rows)
    settle_account(data, "sales", rows)


def line_identity(row: Row) -> tuple[object, ...]:
    """The sale and `line_id`; without one the sale, the product and n."""
    if row["line_id"] is not None:
        return (*sale_key(row), "line", row["line_id"])
    return (*sale_key(row), "number", row["product_id"], row["n"])


def _reject_without_rate(data: Data, rows: list[Row]) -> None:
    """`no-fx-rate` on the date that the line counts on (rules 1 and 9).

    First the lines that count on their own date, then the returns, whose date hangs on them.
    """
    returns = []
    for row in rows:
        if row.fate == "skipped" or row.reason is not None:
            continue
        if row["return_of"] is not None and is_return(row):
            returns.append(row)
        elif data.rate(currency_of(data, row), row["sold_on"]) is None:
            row.reason = "no-fx-rate"
    by_sale = lines_by_sale(_count_lines(rows))
    for row in returns:
        if data.rate(currency_of(data, row), counts_on(row, by_sale)) is None:
            row.reason = "no-fx-rate"


def sale_of_credit(data: Data, row: Row) -> set[SaleKey]:
    """The sales that a row of `credits` may mean."""
    return {
        key
        for key in map(sale_key, data.accepted("sales"))
        if key[2] == row["sale_id"]
        and row["partner_id"] in (None, key[1])
        and row["distributor_id"] in (None, key[0])
    }


def credit_key(data: Data, row: Row) -> tuple[object, ...]:
    """The (sale, line) that a row of credits shares out."""
    sales = sale_of_credit(data, row)
    if len(sales) == 1:
        return (*next(iter(sales)), row["line_id"])
    return (row["distributor_id"], row["partner_id"], row["sale_id"], row["line_id"])


def read_credits(data: Data) -> None:
    """Reads the credits: shares in (0, 1] that add up to exactly 1, else `bad-share` (rule 23)."""
    rows = read_rows(data, "credits")
    if rows is None:
        data.rows["credits"] = None
        return
    for row in rows:
        if row.reason is None and row.fate != "skipped" and len(sale_of_credit(data, row)) > 1:
            row.reason = "ambiguous-sale"
    in_place = take_places(
        "credits", rows, lambda row: tuple(row[name] for name in identity_columns("credits"))
    )
    counted = count_versions(in_place, lambda row: (*credit_key(data, row), row["rep_id"]))
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in counted:
        groups[credit_key(data, row)].append(row)
    for group in groups.values():
        shares = [row["share"] for row in group]
        if sum(shares) != 1 or any(not 0 < share <= 1 for share in shares):
            for row in group:
                row.reason = "bad-share"
    data.rows["credits"] = [row for row in counted if row.reason is None]
    data.bad_credits = {credit_key(data, r) for r in counted if r.reason == "bad-share"}
    settle_account(data, "credits", rows)


def read_everything(data: Data) -> None:
    """Reads all tables, masters before what refers to them."""
    first = ("aliases", "partners", "reps", "products", "customers", "fx", "calendar")
    for table in first:
        read_plain_table(data, table)
    read_sales(data)
    read_credits(data)
    for table in TABLES:
        if table not in data.rows:
            read_plain_table(data, table)
