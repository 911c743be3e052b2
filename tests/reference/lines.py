"""Accepted sales lines as the rules see them, and the facts about them.

What a return reverses, first sale dates, partner rows in force, who is credited.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.reference.exact import half_up
from tests.reference.masters import in_force, rows_by
from tests.reference.periods import Calendar, MonthTable, Period
from tests.reference.reading import Data
from tests.reference.rows import Row
from tests.reference.sales import (
    SaleKey,
    amount_of,
    counts_on,
    credit_key,
    currency_of,
    is_return,
    is_void,
    line_order,
    lines_by_sale,
    quantity_of,
    sale_key,
    taken_back,
)
from tests.reference.tables import Value


@dataclass(eq=False)
class Line:
    """One accepted line; `date` is the date that it counts on (rule 1)."""

    row: Row
    date: date
    quantity: Fraction
    amount: Fraction
    currency: str
    is_return: bool
    takes_back: "Line | None" = None
    credits: list[tuple[str, Fraction]] = field(default_factory=list)

    def __getitem__(self, column: str) -> Value:
        return self.row[column]

    @property
    def sale(self) -> SaleKey:
        """The sale's identity."""
        return sale_key(self.row)

    @property
    def order(self) -> tuple[object, ...]:
        """(date, sale_id, line_id, partner_id), the order of rules 24, 26 and 30."""
        partner, distributor = self["partner_id"] or "", self["distributor_id"] or ""
        return (self.date, self["sale_id"], line_order(self), partner, distributor)


# The level of a partner on a day, by the id of a level program.
LevelOn = Callable[[str, str | None, date], str | None]


def _no_level(program_id: str, partner_id: str | None, day: date) -> str | None:
    """Before levels are known there are none."""
    return None


@dataclass
class Facts:
    """All lines up to the last day of PERIOD, and what is known about their surroundings."""

    data: Data
    as_of: date
    calendar: Calendar
    lines: list[Line]
    partner_rows: dict[str, list[Row]]
    rep_rows: dict[str, list[Row]]
    price_rows: dict[str, list[Row]]
    products: dict[str, Row]
    customers: dict[str, Row]
    first_sale: dict[str, date]
    level_on: LevelOn = _no_level

    def partner_on(self, partner_id: str | None, day: date) -> Row | None:
        """The partner's row in force on a day (rule 4)."""
        return in_force(self.partner_rows.get(partner_id or "", []), day)

    def rep_on(self, rep_id: str | None, day: date) -> Row | None:
        """The rep's row in force on a day, found as a partner's is."""
        return in_force(self.rep_rows.get(rep_id or "", []), day)

    def list_price(self, product_id: str | None, day: date) -> Fraction | None:
        """The row of `prices` in force on a day; before the first, and without one, the product's."""
        rows = self.price_rows.get(product_id or "", [])
        begun = [row for row in rows if row["valid_from"] <= day]
        if begun:
            return Fraction(begun[-1]["list_price"])
        product = self.products.get(product_id or "")
        return None if product is None else product["list_price"]

    def top_of(self, partner_id: str | None, day: date) -> str | None:
        """The partner at the top of a partner's parents in the rows in force on a day.

        It has no parent, names itself, or names one that no master knows. An unknown partner has none.
        """
        row = self.partner_on(partner_id, day)
        passed: list[str] = []
        while row is not None:
            assert row["partner_id"] not in passed, f"a circle of parents: {passed}"
            passed.append(row["partner_id"])
            if row["parent_id"] == row["partner_id"]:
                break
            row = self.partner_on(row["parent_id"], day)
        return passed[-1] if passed else None

    def manager_of(self, rep_id: str, day: date) -> str | None:
        """A rep's manager on a day; its own id, or one that no master knows, is none."""
        row = self.rep_on(rep_id, day)
        manager: str | None = None if row is None else row["manager_id"]
        return manager if manager in self.rep_rows and manager != rep_id else None

    def bought_before(self, customer_id: str | None, day: date) -> Fraction | None:
        """What a customer bought at all partners in the twelve months up to the day before (rule 8.3).

        A return that reverses a known line is its customer's.
        """
        if customer_id is None:
            return None
        begin = Calendar().shift(day, -12)
        amounts = (
            in_workspace_currency(self.data, line)
            for line in self.lines
            if begin <= line.date < day and (line.takes_back or line)["customer_id"] == customer_id
        )
        return sum((amount for amount in amounts if amount is not None), Fraction(0))

    def knows_partner(self, partner_id: str | None) -> bool:
        """Whether the partners table has this id."""
        return partner_id in self.partner_rows


def calendar_of(data: Data) -> Calendar:
    """The months of the table `calendar`, where it exists; else the ordinary ones."""
    rows = sorted(data.accepted("calendar"), key=lambda row: row["month"])
    if not rows:
        return Calendar(int(data.config["workspace"].get("fiscal_year_starts", 1)))
    year, month = rows[0]["month"].split("-")
    months = tuple(Period(row["first_day"], row["last_day"]) for row in rows)
    return MonthTable(1, int(year) * 12 + int(month) - 1, months)


def gather_facts(data: Data, period: str) -> Facts:
    """The lines that count up to the last day of `period` (rule 2), linked and dated."""
    lines = _dated_lines(data)
    _credit_lines(data, lines)
    calendar = calendar_of(data)
    as_of = calendar.period(period).end
    return Facts(
        data=data,
        as_of=as_of,
        calendar=calendar,
        lines=sorted((x for x in lines if x.date <= as_of), key=lambda line: line.order),
        partner_rows=rows_by("partner_id", data.accepted("partners")),
        rep_rows=rows_by("rep_id", data.accepted("reps")),
        price_rows=rows_by("product_id", data.accepted("prices")),
        products={row["product_id"]: row for row in data.accepted("products")},
        customers={row["customer_id"]: row for row in data.accepted("customers")},
        first_sale=_first_sales(data, lines),
    )


def _dated_lines(data: Data) -> list[Line]:
    """The lines, each return with the line that it reverses and on that line's date."""
    rows = data.accepted("sales")
    by_sale = lines_by_sale(rows)
    lines = {
        id(row): Line(
            row,
            counts_on(row, by_sale),
            quantity_of(row),
            amount_of(row),
            currency_of(data, row),
            is_return(row),
        )
        for row in rows
        if not is_void(row)
    }
    for line in lines.values():
        original = taken_back(line.row, by_sale)
        line.takes_back = None if original is None else lines[id(original)]
    return list(lines.values())


def _credit_lines(data: Data, lines: list[Line]) -> None:
    """The reps of each line and their shares (rule 23)."""
    shares: dict[tuple[object, ...], list[tuple[str, Fraction]]] = defaultdict(list)
    for row in data.accepted("credits"):
        shares[credit_key(data, row)].append((row["rep_id"], row["share"]))

    def of(line: Line) -> list[tuple[str, Fraction]]:
        rep = [(line["rep_id"], Fraction(1))] if line["rep_id"] is not None else []
        own_rows = [(*line.sale, line["line_id"])] if line["line_id"] is not None else []
        for key in [*own_rows, (*line.sale, None)]:
            # Shares that do not add up leave the line to its own rep.
            if key in data.bad_credits or key in shares:
                return rep if key in data.bad_credits else shares[key]
        return rep if line.takes_back is None else of(line.takes_back)

    for line in lines:
        line.credits = sorted(of(line))


def _first_sales(data: Data, lines: list[Line]) -> dict[str, date]:
    """The first sale date of each customer, over any partner's lines (rule 13)."""
    first = {
        row["customer_id"]: row["first_sale_on"]
        for row in data.accepted("customers")
        if row["first_sale_on"] is not None
    }
    for line in lines:
        customer = line["customer_id"]
        if customer is not None and not line.is_return:
            first[customer] = min(first.get(customer, line.date), line.date)
    return first


def in_workspace_currency(data: Data, line: Line) -> Fraction:
    """The amount at the rate of the line's date, half up to 6 decimals (section 3)."""
    if line.currency == data.currency:
        return line.amount
    rate = data.rate(line.currency, line.date)
    assert rate is not None, line
    return half_up(line.amount * rate, 6)


def in_program_currency(
    data: Data, workspace_amount: Fraction, currency: str, day: date
) -> Fraction | None:
    """A workspace amount in a program's currency, half up to 6 decimals (rule 16)."""
    if currency == data.currency:
        return workspace_amount
    rate = data.rate(currency, day)
    return None if rate is None else half_up(workspace_amount / rate, 6)


def amount_in(data: Data, line: Line, currency: str) -> Fraction | None:
    """The line's amount for a program: at face value in its own currency (rule 16)."""
    if line.currency == currency:
        return line.amount
    return in_program_currency(data, in_workspace_currency(data, line), currency, line.date)
