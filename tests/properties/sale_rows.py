"""Sales exports: lines, returns, duplicates, restatements, bad rows, spread over files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.properties.exports import Dialect, Export, Money, Row
from tests.properties.universe import (
    CURRENCIES,
    CUSTOMERS,
    PRODUCTS,
    REPS,
    SALE_DAYS,
    SALES_REPS,
    SELLERS,
    one_of,
    rarely,
)

COLUMNS = """
    sale_id line_id sold_on partner_id distributor_id rep_id product_id customer_id quantity
    unit_price amount currency deal_id return_of serial received_on channel remark
"""

# Chosen to meet the tiers' bounds, to tie, and to fall on half a cent.
AMOUNTS = (
    *("100", "50", "0", "1", "250", "99.99", "100.01", "1000", "0.005", "33.333333"),
    *("12.345678", "1000.5", "-20", "1234567.89", "-100"),
)
UNIT_PRICES = ("10", "0.333333", "19.99", "50")
QUANTITIES = ("1", "2", "3", "10", "5", "0", "2.5", "0.333333", "-1")


@dataclass(frozen=True)
class Sold:
    """One line as drawn."""

    product: str | None
    quantity: str | None
    unit_price: str | None
    amount: str | None
    serial: str | None
    channel: str | None
    style: int


def _money(value: str | None, style: int, currency: str) -> Money | None:
    return None if value is None else Money(Decimal(value), style, currency)


LINES = st.builds(
    lambda what, quantity, price, rest: Sold(
        what[0], quantity, price[0], price[1], what[1], rest[0], rest[1]
    ),
    st.tuples(
        rarely(None, one_of(*PRODUCTS)),
        one_of(None, None, None, "SN1", "SN2"),
    ),
    rarely(None, one_of(*QUANTITIES)),
    st.one_of(
        st.tuples(st.none(), one_of(*AMOUNTS)),
        st.tuples(st.none(), one_of(*AMOUNTS)),
        st.tuples(one_of(*UNIT_PRICES), st.none()),
    ),
    st.tuples(one_of("web", "shop", None), st.integers(0, 7)),
)


def rows_of_sale(currency: str, days: Sequence[date] = SALE_DAYS) -> st.SearchStrategy[list[Row]]:
    """One sale of one to three lines; its id is set afterwards."""

    def build(
        head: tuple[date, str, str | None, str | None, str | None],
        own_currency: str | None,
        numbering: tuple[str | None, ...],
        lines: list[Sold],
    ) -> list[Row]:
        day, partner, rep, customer, distributor = head
        effective = own_currency or currency
        if lines[0].style == 7:
            day = datetime(day.year, day.month, day.day, 23, 59, 59)
        return [
            {
                "line_id": number,
                "sold_on": day,
                "partner_id": partner,
                "distributor_id": distributor,
                "rep_id": rep,
                "product_id": line.product,
                "customer_id": customer,
                "quantity": _money(line.quantity, line.style % 2, effective),
                "unit_price": _money(line.unit_price, line.style, effective),
                "amount": _money(line.amount, line.style, effective),
                "currency": own_currency,
                "serial": line.serial,
                "channel": line.channel,
            }
            for number, line in zip(numbering, lines, strict=False)
        ]

    return st.builds(
        build,
        st.tuples(
            one_of(*days),
            one_of(*SELLERS),
            rarely(None, one_of(*SALES_REPS)),
            rarely(None, one_of(*CUSTOMERS)),
            one_of(*[None] * 6, "P10"),
        ),
        one_of(*[None] * 8, *CURRENCIES),
        one_of(
            ("1", "2", "3"),
            ("10", "9", "b"),
            (None, None, None),
            ("1", None, None),
            ("1", "10", "2"),
        ),
        st.lists(LINES, min_size=1, max_size=3),
    )


@dataclass(frozen=True)
class Return:
    """A return as drawn: of which sale and line, or of none that is known."""

    sale: int
    line: int
    known: str
    later_days: int
    part: str
    product: str | None
    own_sale: bool
    keeps_serial: bool
    rep: str | None


RETURNS = st.builds(
    Return,
    st.integers(0, 30),
    st.integers(0, 2),
    one_of("yes", "yes", "yes", "unknown", "none"),
    one_of(1, 20, 45, 0, 90),
    one_of("all", "quantity", "amount", "more"),
    one_of(None, None, None, *PRODUCTS),
    st.booleans(),
    st.booleans(),
    one_of(None, *REPS),
)


def _returned(drawn: Return, index: int, sales: Sequence[list[Row]], currency: str) -> Row:
    sale = sales[drawn.sale % len(sales)]
    line = sale[drawn.line % len(sale)]
    day = line["sold_on"]
    assert isinstance(day, date)
    effective = str(line["currency"] or currency)
    quantity = line["quantity"]
    units = abs(quantity.value) if isinstance(quantity, Money) else Decimal(1)
    amount = line["amount"]
    size = abs(amount.value) if isinstance(amount, Money) else Decimal(50)
    if drawn.part == "amount":
        size = Decimal(10)
    if drawn.part == "quantity":
        units = min(units, Decimal(1))
    if drawn.part == "more":
        size += 1000
    known = {"yes": line["sale_id"], "unknown": "GONE", "none": None}[drawn.known]
    return {
        **line,
        "sale_id": line["sale_id"] if drawn.own_sale else f"R{index}",
        "line_id": f"9{index}",
        "sold_on": day + timedelta(days=drawn.later_days),
        "rep_id": drawn.rep or line["rep_id"],
        "product_id": drawn.product or line["product_id"],
        "quantity": None if drawn.part == "amount" else Money(-units),
        "unit_price": None,
        "amount": Money(-size, index % 8, effective),
        "return_of": known,
        "serial": line["serial"] if drawn.keeps_serial else None,
    }


BAD_CELLS: tuple[Row, ...] = (
    {"sale_id": None},
    {"sold_on": None},
    {"partner_id": None},
    {"sold_on": "2026-02-30"},
    {"sold_on": "soon"},
    {"amount": "12x4"},
    {"amount": "1e5"},
    {"quantity": "many"},
    {"sale_id": "2.02607E+11"},
    {"serial": "4e+12"},
    {"amount": "1.1234567"},
    {"amount": "1234567890123456"},
    {"amount": None, "unit_price": None},
    {"currency": "XTS"},
    {"amount": "5 XTS"},
    {"partner_id": "P77"},
    {"product_id": "P77"},
    {"rep_id": "R77"},
    {"#cells": 4},
    {"customer_id": "C\udcff"},
    {"quantity": Money(Decimal(11)), "unit_price": Money(Decimal(999999999999)), "amount": None},
    {"quantity": Money(Decimal(0)), "amount": Money(Decimal(0))},
)


@dataclass(frozen=True)
class Bad:
    """A copy of a row with something wrong in it, and how it is corrected, if at all.

    It has a sale of its own, or is one more line without an id of the sale that it copies.
    """

    row: int
    change: Row
    has_own_sale: bool
    corrected: Row | None
    is_sent_again: bool

    def rows(self, rows: Sequence[Row], index: int) -> tuple[Row, Row]:
        """The bad row and the good one."""
        good = {**rows[self.row % len(rows)], "line_id": None}
        if self.has_own_sale:
            good |= {"sale_id": f"B{index}", "line_id": "1"}
        return {**good, **self.change}, good


BAD = st.builds(
    Bad,
    st.integers(0, 40),
    one_of(*BAD_CELLS),
    st.booleans(),
    one_of(None, {}, {}, {"product_id": "RT1"}, {"amount": "x"}),
    st.booleans(),
)
REJECT_COLUMNS = ("reject_file", "reject_line", "reject_reason", "reject_value", "occurrence")


@dataclass(frozen=True)
class Again:
    """A row that comes again: the same, written otherwise or restated."""

    row: int
    change: Row


AGAIN = st.builds(
    Again,
    st.integers(0, 60),
    one_of(
        {},
        {"received_on": date(2026, 10, 1)},
        {"remark": "again"},
        {"amount": Money(Decimal(500))},
        {"product_id": "RT1"},
        {"rep_id": "R1b"},
        {"quantity": Money(Decimal(0)), "amount": Money(Decimal(0))},
        {"currency": "EUR", "amount": Money(Decimal("100.5"))},
    ),
)

PLAIN = Dialect()
DIALECTS = (
    PLAIN,
    Dialect(missing="N/A", renamed=(("sold_on", "Invoice Date"), ("amount", "Net; Value"))),
    Dialect(delimiter=";", decimal=",", skip_rows=2, bom=True),
    Dialect(date_format="%d/%m/%Y", missing="NULL", zipped=True),
    Dialect(
        renamed=(("sale_id", "no"), ("line_id", "line")),
        put_together=(("line_id", "{no}-{line}"),),
    ),
)


def _identify(sales: list[list[Row]], twins: list[bool]) -> None:
    """Gives each sale its id; a twin has the id of the sale before it, at another partner."""
    for index, sale in enumerate(sales):
        name = f"S{index}"
        before = sales[index - 1][0] if index else None
        if before is not None and twins[index % len(twins)]:
            other = (before["partner_id"], before["distributor_id"])
            if other != (sale[0]["partner_id"], sale[0]["distributor_id"]):
                name = str(before["sale_id"])
        for row in sale:
            row["sale_id"] = name


@st.composite
def sales_exports(
    draw: st.DrawFn, currency: str, max_sales: int, days: Sequence[date] = SALE_DAYS
) -> list[Export]:
    """The files of the sales table, `b10` after `b2`, restatements in the last."""
    sale = rows_of_sale(currency, days)
    drawn = draw(st.lists(sale, min_size=min(6, max_sales), max_size=max_sales))
    sales = [[dict(row) for row in sale] for sale in drawn]
    _identify(sales, draw(st.lists(rarely(True, st.just(False)), min_size=1, max_size=5)))
    deals = draw(st.lists(one_of(*[None] * 6, "D1", "D2"), min_size=3, max_size=5))
    for index, sale in enumerate(sales):
        for row in sale:
            row["deal_id"] = deals[index % len(deals)]
    returns = [
        _returned(one, index, sales, currency)
        for index, one in enumerate(draw(st.lists(RETURNS, max_size=8)))
    ]
    rows = [row for sale in sales for row in sale] + returns
    drawn_bad = draw(st.lists(BAD, max_size=4))
    bad = [one.rows(rows, index)[0] for index, one in enumerate(drawn_bad)]
    again = [
        {**rows[one.row % len(rows)], **one.change} for one in draw(st.lists(AGAIN, max_size=5))
    ]
    dialect = draw(one_of(*DIALECTS))
    assert isinstance(dialect, Dialect)
    cut = draw(st.integers(0, len(rows)))
    sent_again = [
        one.rows(rows, index)[1] for index, one in enumerate(drawn_bad) if one.is_sent_again
    ]
    files = {"b2": rows[:cut] + bad, "b10": rows[cut:], "b3": sent_again, "zz": again}
    exports = [
        Export(f"sample_data/sales/{name}.csv", of_file, dialect, tuple(COLUMNS.split()))
        for name, of_file in files.items()
        if of_file or name == "b2"
    ]
    corrections = _corrections(drawn_bad, rows, cut, dialect)
    if corrections:
        name = draw(one_of("a", "c"))
        columns = (*COLUMNS.split(), *REJECT_COLUMNS)
        path = f"sample_data/sales/{name}-fixed.csv"
        exports.append(Export(path, corrections, dialect, columns))
    return exports


def _corrections(
    drawn: Sequence[Bad], rows: Sequence[Row], before: int, dialect: Dialect
) -> list[Row]:
    """The bad rows as somebody corrected them, each with its place in `b2`, behind `before` rows."""
    return [
        {
            **one.rows(rows, index)[1],
            **one.corrected,
            "reject_file": f"sample_data/sales/b2.csv{'.gz' if dialect.zipped else ''}",
            "reject_line": dialect.skip_rows + 1 + before + index + 1,
            "reject_reason": "bad-value",
            "reject_value": _shown(next(iter(one.change.values()))),
            "occurrence": 1,
        }
        for index, one in enumerate(drawn)
        if one.corrected is not None
    ]


def _shown(value: object) -> object:
    """A cell as a file of rejects shows it: what could not be decoded is written as U+FFFD."""
    return value.replace("\udcff", "\ufffd") if isinstance(value, str) else value


def rows_in(exports: Sequence[Export]) -> list[Row]:
    """The rows that were drawn, for tables that refer to sales."""
    return [row for export in exports for row in export.rows]
