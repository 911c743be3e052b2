"""The first sales in a new region, made by a partner who has just come."""

from __future__ import annotations

from datetime import date

from channel import Customer, Rep, partner_of
from products import Product
from sales_lines import Line

PARTNER = partner_of(
    "P41|Baobab Connect|reseller|bronze|enterprise|ZA||2026-08-17|cash|6|0|",
)
REPS = [
    Rep("R151", "Thandi Mokoena", PARTNER, "cash", "2026-08-17", "", "active"),
    Rep("R152", "Pieter Naidoo", PARTNER, "gift_card", "2026-08-17", "", "active"),
]
CUSTOMERS = [
    Customer("C0805", "Nimbus Logistics 12", "enterprise", ("P41",), 99, ""),
    Customer("C0806", "Slate University 73", "public", ("P41",), 99, ""),
    Customer("C0807", "Amber Hotel 45", "smb", ("P41",), 99, ""),
]
# Sale, line, rep, customer, product, day, quantity, unit price in cents.
SALES = """
S2609-9701 1 R151 C0805 SW-503 2026-09-07  4 162000
S2609-9701 2 R151 C0805 CB-14  2026-09-07 50   1150
S2609-9702 1 R152 C0806 AP-304 2026-09-15  8  28500
S2609-9703 1 R151 C0807 RT-203 2026-09-22  1  71000
"""


def lines(catalogue: list[Product]) -> list[Line]:
    """Its sale lines."""
    product_of = {product.id: product for product in catalogue}
    found = []
    for row in SALES.strip().splitlines():
        sale, number, rep, customer, product, day, quantity, cents = row.split()
        found.append(
            Line(
                sale,
                int(number),
                date.fromisoformat(day),
                PARTNER,
                "",
                rep,
                product_of[product],
                customer,
                int(quantity),
                int(cents),
                "field",
                in_file=day[:7],
            )
        )
    return found
