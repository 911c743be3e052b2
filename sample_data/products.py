"""The catalogue: 120 switches, routers, access points, firewalls, cables and licences."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Product:
    """A product; `list_cents` and `cost_cents` are in US cents."""

    id: str
    name: str
    category: str
    family: str
    list_cents: int
    cost_cents: int
    launched: date


@dataclass(frozen=True, slots=True)
class Family:
    """A row of the table below: models `first`, `first` + 1, … from the cheapest to the dearest."""

    category: str
    name: str
    prefix: str
    first: int
    models: int
    from_dollars: int
    to_dollars: int
    margin_percent: int


FAMILIES = [
    Family("switch", "Cascade 100", "SW", 101, 8, 190, 1_150, 36),
    Family("switch", "Cascade 500", "SW", 501, 8, 900, 3_600, 41),
    Family("switch", "Cascade 900", "SW", 901, 8, 3_200, 9_800, 47),
    Family("router", "Delta Edge", "RT", 201, 10, 380, 2_400, 38),
    Family("router", "Delta Core", "RT", 701, 10, 2_900, 11_500, 46),
    Family("access-point", "Halo", "AP", 301, 10, 140, 620, 42),
    Family("access-point", "Halo Outdoor", "AP", 351, 10, 390, 1_280, 44),
    Family("firewall", "Sentry", "FW", 401, 10, 640, 5_400, 49),
    Family("firewall", "Bastion", "FW", 801, 10, 1_900, 9_200, 51),
    Family("cable", "Patch", "CB", 11, 10, 6, 38, 55),
    Family("cable", "Fibre", "CB", 51, 10, 22, 140, 52),
    Family("licence", "Care", "LC", 601, 8, 70, 620, 78),
    Family("licence", "Cloud", "LC", 651, 8, 110, 1_400, 82),
]
LAUNCHES = {  # the products of the launch SPIF; the others are older than the sample
    "AP-305": date(2026, 5, 11), "AP-354": date(2026, 5, 11), "AP-356": date(2026, 6, 15),
    "SW-105": date(2026, 4, 20), "SW-504": date(2026, 6, 1), "FW-404": date(2026, 3, 2),
    "LC-655": date(2026, 7, 6),
}  # fmt: skip
DEMAND = {"switch": 25, "router": 15, "access-point": 21, "firewall": 14, "cable": 16, "licence": 9}
QUANTITIES = {
    "switch": [1, 1, 2, 2, 3, 4, 6, 10],
    "router": [1, 1, 1, 2, 2, 4],
    "access-point": [2, 4, 5, 6, 8, 12, 20],
    "firewall": [1, 1, 1, 2, 2],
    "cable": [10, 20, 25, 50, 100, 150],
    "licence": [1, 2, 5, 10, 25],
}
SERIAL_FAMILY = "Sentry"


def products() -> list[Product]:
    """The whole catalogue, family by family."""
    rng = random.Random("catalogue")
    return [_model(rng, family, step) for family in FAMILIES for step in range(family.models)]


def _model(rng: random.Random, family: Family, step: int) -> Product:
    product_id = f"{family.prefix}-{family.first + step}"
    spread = (family.to_dollars - family.from_dollars) * step // (family.models - 1)
    price = (family.from_dollars + spread) * 100
    price -= price % 500 or 500 if price > 20_000 else 0
    cost = price * (100 - family.margin_percent) // 100
    launched = LAUNCHES.get(product_id, date(rng.randint(2018, 2024), rng.randint(1, 12), 1))
    name = f"{family.name} {family.category.replace('-', ' ')} {product_id.split('-')[1]}"
    return Product(product_id, name, family.category, family.name, price, cost, launched)
