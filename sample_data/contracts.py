"""Contracts of the sample: for every partner a rate for each category of products, 200 rows in all.

They lie in `lists/contracts.csv`, where the program `partner-contracts` finds them.
"""

from __future__ import annotations

import random

from channel import Partner

HEADER = "contract partner.partner_id product.category valid_from valid_until rate"
CATEGORIES = ("switch", "router", "access-point", "firewall")
# In tenths of a per cent, from what is usual for a tier of partners.
USUAL = {"gold": 6, "silver": 4, "bronze": 3}


def contracts(partners: list[Partner]) -> list[list[str]]:
    """A row for each partner and category, and one for whatever else it sells."""
    chance = random.Random("contracts")
    rows = []
    for number, partner in enumerate(partners, start=1):
        contract = f"K-26{number:02}"
        until = "2026-08-31" if number % 8 == 0 else "2026-12-31"  # some end within a quarter
        for category in (*CATEGORIES, ""):
            tenths = max(
                1, USUAL[partner.tier] + chance.randint(-2, 4) - (2 if not category else 0)
            )
            rate = f"{tenths / 10:.1f}%"
            rows.append([contract, partner.id, category, "2026-01-01", until, rate])
    return rows
