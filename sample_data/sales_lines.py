"""The ordinary sales of the channel: who sold what to whom, month by month."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

import months
from channel import Customer, Partner, Rep
from products import DEMAND, QUANTITIES, SERIAL_FAMILY, Product

HEADER = (
    "sale_id line_id sold_on partner_id distributor_id rep_id product_id customer_id quantity "
    "unit_price amount currency deal_id return_of serial received_on order_channel"
)
COLUMNS = HEADER.split()
ALPHA = "P02"  # the distributor whose monthly export has its own dialect
PRICE_ONLY = "P03"  # a distributor that reports unit prices and leaves the amount to us
UNITS_PER_CENT = {
    "USD": (100, 100),
    "EUR": (92, 100),
    "JPY": (150, 100),
}  # rough list prices abroad


@dataclass(slots=True)
class Line:
    """One sale line; `unit_minor` is in minor units of its currency.

    `in_file` is the month of the file in which it stands, `changes` are cells that are written
    otherwise.
    """

    sale_id: str
    line_id: int
    sold_on: date
    partner: Partner
    distributor: str
    rep_id: str
    product: Product
    customer_id: str
    quantity: int
    unit_minor: int
    order_channel: str
    deal_id: str = ""
    return_of: str = ""
    serial: str = ""
    received_on: str = ""
    in_file: str = ""
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def in_alpha(self) -> bool:
        """Whether the line stands in the export of the distributor with its own dialect."""
        return self.distributor == ALPHA

    def texts(self) -> dict[str, str]:
        """The line as it is written, by column."""
        currency = self.partner.currency
        total = self.quantity * self.unit_minor
        return {
            "sale_id": self.sale_id,
            "line_id": str(self.line_id),
            "sold_on": self.sold_on.isoformat(),
            "partner_id": self.partner.id,
            "distributor_id": self.distributor,
            "rep_id": self.rep_id,
            "product_id": self.product.id,
            "customer_id": self.customer_id,
            "quantity": str(self.quantity),
            "unit_price": money(self.unit_minor, currency),
            "amount": "" if self.distributor == PRICE_ONLY else money(total, currency),
            "currency": currency,
            "deal_id": self.deal_id,
            "return_of": self.return_of,
            "serial": self.serial,
            "received_on": self.received_on,
            "order_channel": self.order_channel,
        } | self.changes


def money(minor: int, currency: str) -> str:
    """Minor units as plain decimal text: 1050 cents are 10.50."""
    if currency == "JPY":
        return str(minor)
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


class Seller:
    """Draws the sales of one partner."""

    def __init__(
        self, partner: Partner, reps: list[Rep], customers: list[Customer], catalogue: list[Product]
    ) -> None:
        """Collect the partner's own reps and customers."""
        self.partner = partner
        self.rng = random.Random(f"sales of {partner.id}")
        self.reps = [rep for rep in reps if rep.partner.id == partner.id]
        self.customers = [c for c in customers if partner.id in c.partners]
        self.by_category = {
            category: [product for product in catalogue if product.category == category]
            for category in DEMAND
        }

    def lines_in(self, month: int) -> int:
        """How many lines the partner sells in this month of the sample."""
        season = months.SEASON[months.MONTHS[month][1]]
        trend = 1_200 + self.partner.growth * month  # growth % a year, in twelfths of a percent
        return self.partner.size * season * trend * self.rng.randint(88, 112) // 12_000_000

    def month(self, month: int) -> list[list[Line]]:
        """The partner's sales of a month, each with its lines."""
        wanted, sales = self.lines_in(month), list[list[Line]]()
        while wanted > 0:
            size = min(wanted, self.rng.choice([1, 1, 1, 2, 2, 3, 4]))
            sales.append(self._sale(month, size))
            wanted -= size
        return sales

    def _sale(self, month: int, size: int) -> list[Line]:
        rng = self.rng
        sold_on = self._day(month)
        rep = rng.choice(self.reps)
        on_board = rep.started <= sold_on.isoformat() and (
            sold_on.isoformat() <= (rep.ended or "9")
        )
        rep_id = rep.id if on_board and rng.random() < 0.95 else ""
        customer = self._customer(month)
        distributor = self.partner.via if self.partner.via == ALPHA or rng.random() < 0.6 else ""
        order_channel = rng.choice(["web", "field", "field", "inside"])
        lines = []
        for number in range(1, size + 1):
            product = self.draw_product(sold_on)
            quantity = self.draw_quantity(product)
            lines.append(
                Line(
                    "",
                    number,
                    sold_on,
                    self.partner,
                    distributor,
                    rep_id,
                    product,
                    customer,
                    quantity,
                    self.draw_price(product),
                    order_channel,
                )
            )
        return lines

    def _day(self, month: int) -> date:
        """A day of the month, seldom on a weekend."""
        year, number = months.MONTHS[month]
        days = [date(year, number, self.rng.randint(1, months.days(month))) for _ in range(3)]
        return next((day for day in days if day.weekday() < 5), days[0])

    def _customer(self, month: int) -> str:
        """A customer of the partner; one who has just come is likely to buy now."""
        just_come = [c for c in self.customers if c.starts == month and month > 0]
        if just_come and self.rng.random() < 0.25:
            return self.rng.choice(just_come).id
        return self.rng.choice([c for c in self.customers if c.starts <= month]).id

    def draw_product(self, sold_on: date) -> Product:
        """A product that was on sale on that day."""
        category = self.rng.choices(list(DEMAND), weights=list(DEMAND.values()))[0]
        models = [p for p in self.by_category[category] if p.launched <= sold_on]
        return self.rng.choice(models)

    def draw_quantity(self, product: Product) -> int:
        """How many are sold at once: one where each has its serial number."""
        if product.family == SERIAL_FAMILY:
            return 1
        return self.rng.choice(QUANTITIES[product.category])

    def draw_price(self, product: Product) -> int:
        """The list price less 4 to 26 %, in minor units of the partner's currency."""
        share = 1_000 - self.rng.randint(40, 260)
        factor, parts = UNITS_PER_CENT[self.partner.currency]
        return max(product.list_cents * share * factor // (1_000 * parts), 1)


def ordinary(
    channel: list[Partner], reps: list[Rep], customers: list[Customer], catalogue: list[Product]
) -> list[Line]:
    """All ordinary sale lines, by month, day and number; sale ids count up within the month."""
    sellers = [Seller(partner, reps, customers, catalogue) for partner in channel]
    found = []
    for month, name in enumerate(months.NAMES):
        sales = [sale for seller in sellers for sale in seller.month(month)]
        sales.sort(key=lambda sale: (sale[0].sold_on, sale[0].partner.id))
        for number, sale in enumerate(sales, start=1):
            prefix = "AV" if sale[0].in_alpha else "S"
            for line in sale:
                line.sale_id = f"{prefix}{name[2:4]}{name[5:]}-{number:04d}"
                line.in_file = name
                found.append(line)
    number = 0
    for line in found:
        if line.product.family == SERIAL_FAMILY and not line.in_alpha:
            number += 1
            line.serial = f"FW{line.product.id[3:]}-{700_000 + number * 7}"
    return found
