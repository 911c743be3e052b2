"""Who sells, to whom, and in which money: partners, reps, customers, exchange rates."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date

import months
from partner_table import CHANGES, COUNTRIES, PARTNERS, SUSPENDED

SEED = "channel 2026-09"
FIRST_NAMES = {
    "Americas": "Alice Ben Carla Diego Erin Frank Grace Hector Ines James Kayla Luis Megan Nora",
    "EMEA": "Anke Bernd Chloé Dirk Élodie Femke Göran Hanna Iris Jürgen Karin Léa Marta Niels",
    "APAC": "Aiko Arjun Chen Daichi Emi Farid Haruka Isha Jun Kenji Liang Mei Naoki Priya Ren",
}
LAST_NAMES = {
    "Americas": "Adams Brooks Castillo Diaz Evans Flores Grant Hughes Ibarra Jordan Klein Moore",
    "EMEA": "Andersson Becker Conti Dubois Eriksen Fischer Garnier Hoffmann Jansen Krüger Lefèvre",
    "APAC": "Abe Bose Chan Endo Fujita Gupta Hayashi Ito Khan Lim Mori Nakamura Patel Sato Tanaka",
}
STEMS = (
    "Amber Birch Cobalt Dune Elm Falcon Garnet Hazel Indigo Juniper Kestrel Linden Marble Nimbus "
    "Orchid Pine Quartz Raven Slate Timber Umber Violet Willow Xenon Yarrow Zephyr"
)
CUSTOMER_KINDS = {
    "public": ["City Council", "School District", "University", "Public Health", "Transport Board"],
    "enterprise": ["Industries", "Logistics", "Bank", "Energy", "Holdings", "Insurance"],
    "smb": ["Bakery", "Dental", "Design", "Garage", "Hotel", "Law Office", "Studio", "Trading"],
}


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner, with the numbers that drive its sales."""

    id: str
    name: str
    kind: str
    tier: str
    segment: str
    region: str
    country: str
    parent: str
    joined: str
    status: str
    locale: str
    payout: str
    size: int
    growth: int
    via: str
    valid_from: str = ""

    @property
    def currency(self) -> str:
        """What the partner invoices in."""
        return "JPY" if self.country == "JP" else "EUR" if self.region == "EMEA" else "USD"

    @property
    def domain(self) -> str:
        """A mail domain that cannot exist."""
        letters = "".join(c for c in self.name.lower() if c.isascii() and c.isalnum())
        return f"{letters}.example"


@dataclass(frozen=True, slots=True)
class Rep:
    """A person who sells at a partner."""

    id: str
    name: str
    partner: Partner
    payout: str
    started: str
    ended: str
    status: str


@dataclass(frozen=True, slots=True)
class Customer:
    """An end customer; `starts` is the index of the month from which it buys in our data."""

    id: str
    name: str
    segment: str
    partners: tuple[str, ...]
    starts: int
    first_sale_on: str


def partners() -> list[Partner]:
    """The partners as they were at the beginning, in the order of their ids."""
    _, *rows = PARTNERS.strip().splitlines()
    return [partner_of(row) for row in rows]


def partner_rows(channel: list[Partner]) -> list[Partner]:
    """Every row of the partner master: each partner's first row and the later ones."""
    by_id = {partner.id: partner for partner in channel}
    changed = [_changed(by_id[partner_id], change) for partner_id, change in CHANGES]
    return sorted(channel + changed, key=lambda partner: (partner.id, partner.valid_from))


def reps(channel: list[Partner]) -> list[Rep]:
    """150 reps, two at least for each partner and more at the big ones."""
    rng = random.Random(f"{SEED} reps")
    seats = [partner for partner in channel for _ in range(2)]
    seats += rng.choices(channel, weights=[partner.size for partner in channel], k=150 - len(seats))
    seats.sort(key=lambda partner: partner.id)
    people = []
    for number, partner in enumerate(seats, start=1):
        first, last = FIRST_NAMES[partner.region].split(), LAST_NAMES[partner.region].split()
        name = f"{rng.choice(first)} {rng.choice(last)}"
        started = date(rng.randint(2017, 2025), rng.randint(1, 12), rng.choice([1, 15]))
        left = number % 37 == 0
        payout = rng.choice(["cash", "cash", "gift_card", "points"])
        people.append(
            Rep(
                f"R{number:03d}",
                name,
                partner,
                payout,
                started.isoformat(),
                "2026-07-31" if left else "",
                "terminated" if left else "active",
            )
        )
    return people


def customers(channel: list[Partner]) -> list[Customer]:
    """800 customers: two thirds are old, the others begin to buy at some month of the sample."""
    rng = random.Random(f"{SEED} customers")
    weights = [partner.size for partner in channel]
    homes = channel * 3 + rng.choices(channel, weights=weights, k=800 - 3 * len(channel))
    rng.shuffle(homes)
    found = []
    for number, home in enumerate(homes, start=1):
        segment = rng.choices(["public", "enterprise", "smb"], weights=_segment_weights(home))[0]
        stem, kind = rng.choice(STEMS.split()), rng.choice(CUSTOMER_KINDS[segment])
        name = f"{stem} {kind} {rng.randint(10, 99)}"
        others = [p.id for p in channel if p.region == home.region and p is not home]
        shared = (rng.choice(others),) if rng.random() < 0.08 else ()
        is_old = number <= 120 or rng.random() < 0.6
        starts = 0 if is_old else rng.randrange(len(months.MONTHS))
        first = date(rng.randint(2019, 2024), rng.randint(1, 12), rng.randint(1, 28)).isoformat()
        known = first if is_old or rng.random() < 0.05 else ""
        served_by = (home.id, *shared)
        found.append(Customer(f"C{number:04d}", name, segment, served_by, starts, known))
    return found


def contract(partner: Partner) -> tuple[str, str]:
    """Years and last day of a partner's contract; brokers and agents have none."""
    if partner.kind in {"broker", "agent"}:
        return "", ""
    number = int(partner.id[1:])
    return str(1 + number % 5), date(2026 + number % 3, 1 + (number * 5 + 9) % 12, 28).isoformat()


def exchange_rates() -> list[tuple[str, str, str]]:
    """Monthly rates to the dollar from January 2025 on: (on, currency, rate)."""
    rng = random.Random(f"{SEED} fx")
    euro, yen = 111_600, 66_400  # hundred-thousandths and ten-millionths of a dollar
    rates = []
    for year, month in months.between((2025, 1), (2026, 9)):
        euro += rng.randint(-800, 900)
        yen += rng.randint(-600, 620)
        rates.append((f"{year}-{month:02d}-01", "EUR", f"{euro / 100_000:.5f}"))
        rates.append((f"{year}-{month:02d}-01", "JPY", f"{yen / 10_000_000:.7f}"))
    return rates


def partner_of(row: str) -> Partner:
    """A row of the readable table."""
    cells = [cell.strip() for cell in row.split("|")]
    id_, name, kind, tier, segment, country, parent, joined, payout, size, growth, via = cells
    region, locale = COUNTRIES[country]
    status = "suspended" if id_ in SUSPENDED else "active"
    return Partner(
        id_, name, kind, tier, segment, region, country, parent, joined, status, locale, payout,
        int(size), int(growth), via,
    )  # fmt: skip


def _changed(partner: Partner, change: dict[str, str]) -> Partner:
    return replace(
        partner,
        tier=change.get("tier", partner.tier),
        status=change.get("status", partner.status),
        payout=change.get("payout", partner.payout),
        valid_from=change["valid_from"],
    )


def _segment_weights(home: Partner) -> list[int]:
    """A partner's customers are mostly of the segment that it looks after."""
    return [5 if home.segment == segment else 2 for segment in ("public", "enterprise", "smb")]
