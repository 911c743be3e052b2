"""Registered deals: those that were won, the ones still open, and the cases worth looking at."""

from __future__ import annotations

import random
from datetime import date, timedelta

from channel import Customer, Partner, Rep
from products import Product
from sales_lines import Line

HEADER = (
    "deal_id partner_id rep_id customer_id product_id category amount quantity "
    "registered_on status approved_on expires_on closed_on"
)
QUARTER = date(2026, 7, 1)
CENTS = {
    "USD": (1, 1),
    "EUR": (113, 100),
    "JPY": (67, 100),
}  # of a dollar, about, for one minor unit

# Sales made for the cases: sale, partner, customer, product, day, quantity, unit price in minor
# units, deal.
PLANTED = """
S2608-9501 P08 C0801 FW-805 2026-08-12  6 418000 -
S2608-9502 P31 C0801 FW-806 2026-08-19  4 502500 -
S2609-9503 P21 C0802 SW-904 2026-09-01 10 465000 -
S2608-9504 P09 C0803 RT-706 2026-08-06  3 688000 D-204
S2609-9505 P09 C0803 RT-706 2026-09-03  2 688000 D-204
S2609-9506 P26 C0804 AP-357 2026-09-15 40  81500 -
"""
CASE_CUSTOMERS = [
    Customer("C0801", "Juniper Transport Board 51", "public", ("P08", "P31"), 99, "2022-05-11"),
    Customer("C0802", "Kestrel Energy 27", "enterprise", ("P21",), 99, "2023-02-20"),
    Customer("C0803", "Indigo Insurance 64", "enterprise", ("P09",), 99, "2021-09-14"),
    Customer("C0804", "Marble Hotel 18", "smb", ("P26",), 99, ""),
]
CASES = """
D-201,P08,,C0801,,firewall,30000.00,6,2026-07-02,won,2026-07-06,2026-10-04,2026-08-12
D-202,P31,,C0801,,firewall,24000.00,4,2026-07-08,approved,2026-07-10,2026-10-08,
D-203,P21,,C0802,,switch,45000.00,10,2026-05-29,approved,2026-06-02,2026-08-31,
D-204,P09,,C0803,RT-706,,25000.00,4,2026-07-14,won,2026-07-17,,2026-08-06
D-205,P26,,C0804,,access-point,36000.00,45,2026-08-20,won,2026-08-24,,2026-09-15
"""


def planted(channel: list[Partner], reps: list[Rep], catalogue: list[Product]) -> list[Line]:
    """The sales of the special cases."""
    partner_of = {partner.id: partner for partner in channel}
    product_of = {product.id: product for product in catalogue}
    lines = []
    for row in PLANTED.strip().splitlines():
        sale, partner, customer, product, day, quantity, price, deal = row.split()
        rep = next(rep for rep in reps if rep.partner.id == partner and not rep.ended)
        lines.append(
            Line(
                sale,
                1,
                date.fromisoformat(day),
                partner_of[partner],
                "",
                rep.id,
                product_of[product],
                customer,
                int(quantity),
                int(price),
                "field",
                deal_id=deal.strip("-"),
                in_file=day[:7],
            )
        )
    return lines


def deals(lines: list[Line], customers: list[Customer]) -> list[list[str]]:
    """The rows of `deals`; marks some of the lines that a deal covers with its id."""
    rng = random.Random("deals")
    rows = [row.split(",") for row in CASES.strip().splitlines()]
    used = {customer.id for customer in CASE_CUSTOMERS}
    for number, line in enumerate(_big_sales(rng, lines), start=101):
        used.add(line.customer_id)
        rows.append(_won(rng, f"D-{number}", line))
    idle = [customer for customer in customers if customer.id not in used]
    rng.shuffle(idle)
    statuses = (
        ["submitted"] * 6 + ["rejected"] * 3 + ["lost"] * 4 + ["withdrawn"] + ["approved"] * 6
    )
    for number, (status, customer) in enumerate(zip(statuses, idle, strict=False), start=301):
        rows.append(_without_sale(rng, f"D-{number}", status, customer))
    return sorted(rows)


def _big_sales(rng: random.Random, lines: list[Line]) -> list[Line]:
    """24 big lines of the quarter, one for a customer."""
    by_customer = {
        line.customer_id: line
        for line in lines
        if line.sold_on >= date(2026, 7, 6) and line.quantity > 0 and not line.in_alpha
        and _dollar_cents(line) > 800_000 and not line.changes and line.customer_id < "C0801"
        and line.product.category in {"switch", "router", "firewall", "access-point"}
    }  # fmt: skip
    chosen = rng.sample(sorted(by_customer), k=24)
    return sorted(
        (by_customer[one] for one in chosen), key=lambda line: (line.sold_on, line.sale_id)
    )


def _won(rng: random.Random, deal_id: str, line: Line) -> list[str]:
    registered = line.sold_on - timedelta(days=rng.randint(14, 60))
    approved = registered + timedelta(days=rng.randint(1, 8))
    amount = _dollar_cents(line) * rng.choice([60, 80, 100, 110, 150]) // 10_000
    named = rng.choice([(line.product.id, ""), ("", line.product.category), ("", "")])
    if rng.random() < 0.3:
        line.deal_id = deal_id
    expires = (approved + timedelta(days=90)).isoformat() if rng.random() < 0.5 else ""
    return [
        deal_id, line.partner.id, line.rep_id, line.customer_id, *named,
        f"{amount // 100 * 100}.00", str(line.quantity), registered.isoformat(), "won",
        approved.isoformat(), expires, line.sold_on.isoformat(),
    ]  # fmt: skip


def _without_sale(rng: random.Random, deal_id: str, status: str, customer: Customer) -> list[str]:
    """A deal for which nothing was sold: open, turned down, lost, or approved and forgotten."""
    late = status in {"submitted", "approved"}
    registered = QUARTER + timedelta(days=rng.randint(30, 85) if late else rng.randint(0, 60))
    approved = registered + timedelta(days=4) if status in {"approved", "lost"} else None
    closed = registered + timedelta(days=25) if status in {"lost", "withdrawn"} else None
    expires = date(2026, 10, rng.randint(8, 28)) if status == "approved" else None
    category = rng.choice(["switch", "router", "firewall", "access-point", ""])
    days = [day.isoformat() if day else "" for day in (approved, expires, closed)]
    return [
        deal_id, customer.partners[0], "", customer.id, "", category, f"{rng.randint(8, 90)}000.00",
        "", registered.isoformat(), status, *days,
    ]  # fmt: skip


def _dollar_cents(line: Line) -> int:
    factor, parts = CENTS[line.partner.currency]
    return line.quantity * line.unit_minor * factor // parts
