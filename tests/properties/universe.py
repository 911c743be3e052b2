"""The small world in which generated workspaces play: few ids and few values, so that they meet.

Every list begins with its simplest member, because a failing example shrinks towards it.
"""

from datetime import date, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from tests.properties.exports import Export, Row

Toml = dict[str, object]
T = TypeVar("T")
U = TypeVar("U")

PARTNERS = ("P1", "P2", "P3", "P10")
# What sales are drawn from: the first partners and reps sell most, so that totals add up.
SELLERS = ("P1", "P1", "P1", "P2", "P2", "P3", "P10")
SALES_REPS = ("R1a", "R1a", "R1b", "R2a", "R3a", "R2b", "R10")
REPS = {"R1a": "P1", "R1b": "P1", "R2a": "P2", "R2b": "P2", "R3a": "P3", "R10": "P10"}
PRODUCTS = {"SW1": "switch", "SW2": "switch", "RT1": "router", "CB1": "cable", "XX1": ""}
CUSTOMERS = ("C1", "C2", "C3")
CURRENCIES = ("USD", "EUR", "JPY", "KWD")
TIERS = ("gold", "silver", "bronze")

_SALE_DAYS = """
    2026-07-15 2026-08-01 2026-07-31 2026-07-01 2026-09-30 2026-08-31 2026-09-10 2026-06-30
    2026-07-09 2026-07-10 2025-07-10 2025-08-31 2025-09-30 2026-05-31 2026-06-10 2026-02-28
    2026-03-01 2026-01-31 2026-10-01 2024-02-29
"""
# Around the boundaries of months, quarters, fiscal years and of the programs; the first ones,
# which most programs measure, are drawn more often.
_DAYS = tuple(date.fromisoformat(day) for day in _SALE_DAYS.split())
SALE_DAYS = (*_DAYS[:7], *_DAYS[:7], *_DAYS[:13], *_DAYS)


def one_of(*values: T) -> st.SearchStrategy[T]:
    """One of the values; the first is the simplest."""
    return st.sampled_from(values)


def rarely(value: U, otherwise: st.SearchStrategy[T]) -> st.SearchStrategy[T | U]:
    """Now and then `value`, mostly something else."""
    mostly: st.SearchStrategy[T | U] = otherwise
    seldom: st.SearchStrategy[T | U] = st.just(value)
    # Drawn numbers favour the ends of their range: an inner one is the rare one.
    return st.integers(0, 15).flatmap(lambda n: seldom if n == 11 else mostly)


def _day(*texts: str | None) -> st.SearchStrategy[object]:
    return one_of(*(text and date.fromisoformat(text) for text in texts))


def parent_of(partner: str) -> st.SearchStrategy[str | None]:
    """A partner that stands before this one, so that there is no circle; itself, nobody, or a stranger."""
    before = PARTNERS[: PARTNERS.index(partner)]
    stranger = partner if partner in ("P2", "P10") else "GONE"
    return one_of(*before[:1], *before[:1], None, *before, stranger)


@st.composite
def partner_rows(draw: st.DrawFn, features: frozenset[str] = frozenset()) -> list[Row]:
    """Every partner, some with later rows that change tier or status, or parent."""
    rows = []
    for partner in PARTNERS:
        first: Row = {
            "partner_id": partner,
            "name": f"Partner {partner}",
            "kind": "distributor" if partner == "P10" else "reseller",
            "tier": draw(one_of("gold", "silver", "bronze", None)),
            "region": draw(one_of("west", "east", None)),
            "joined_on": draw(_day("2020-01-01", "2024-02-29", "2023-08-31", None)),
            "status": draw(rarely("suspended", one_of(None, "active"))),
            "valid_from": draw(_day(None, "2026-01-01", "2026-08-01")),
        }
        if features & FAMILIES:
            first["parent_id"] = draw(parent_of(partner))
        rows.append(first)
        for day in draw(st.lists(one_of("2026-08-01", "2026-07-10", "2026-09-30"), max_size=2)):
            later = {
                "tier": draw(one_of(*TIERS)),
                "status": draw(one_of("active", "suspended", "terminated")),
                "valid_from": date.fromisoformat(str(day)),
            }
            if features & FAMILIES:
                later["parent_id"] = draw(parent_of(partner))
            rows.append({**first, **later})
    return draw(st.permutations(rows))


@st.composite
def rep_rows(draw: st.DrawFn, features: frozenset[str] = frozenset()) -> list[Row]:
    """Every rep; with managers, some of whom change, or their partner."""
    rows: list[Row] = [
        {
            "rep_id": rep,
            "name": f"Rep {rep}",
            "partner_id": partner,
            "status": draw(rarely("inactive", one_of(None, "active", "ACTIVE"))),
        }
        for rep, partner in REPS.items()
    ]
    if "managers" not in features:
        return rows
    manager = one_of("R2a", "R2a", "R1b", None, "R3a", "R77", "GONE")
    out = [{**row, "manager_id": draw(manager)} for row in rows]
    for row in rows:
        for day in draw(st.lists(one_of("2026-08-01", "2026-07-10"), max_size=1)):
            later = {"partner_id": draw(one_of(*PARTNERS)), "manager_id": draw(manager)}
            out.append({**row, **later, "valid_from": date.fromisoformat(str(day))})
    return draw(st.permutations(out))


@st.composite
def price_rows(draw: st.DrawFn) -> list[Row]:
    """List prices by date; some of no known product, some twice."""
    row = st.builds(
        lambda product, day, price: {"product_id": product, "valid_from": day, "list_price": price},
        one_of(*PRODUCTS, "P77"),
        _day("2026-07-10", "2026-08-01", "2024-01-01", "2026-09-01", "2026-12-01"),
        one_of("12", "0", "99.999999", "33.33", "7.005"),
    )
    return draw(st.lists(row, min_size=1, max_size=10))


FAMILIES = frozenset({"parents", "together", "levels"})
WEEKS = ((4, 4, 5), (5, 4, 4), (4, 5, 4))


def calendar_rows() -> st.SearchStrategy[list[Row]]:
    """Fiscal months of whole weeks from 2023 to 2027; 2026 has a 53rd week."""

    def months(weeks: tuple[int, int, int]) -> list[Row]:
        rows: list[Row] = []
        day = date(2023, 1, 1)
        for year in range(2023, 2028):
            for month in range(1, 13):
                length = 7 * weeks[(month - 1) % 3] + (7 if (year, month) == (2026, 12) else 0)
                last = day + timedelta(days=length - 1)
                rows.append({"month": f"{year}-{month:02}", "first_day": day, "last_day": last})
                day = last + timedelta(days=1)
        return rows

    return st.sampled_from(WEEKS).map(months).flatmap(st.permutations)


# Days around the boundaries of those months.
_FISCAL_DAYS = """
    2026-07-25 2026-07-26 2026-08-22 2026-08-23 2026-09-26 2026-09-27 2026-06-27 2026-06-28
    2025-08-23 2025-08-24 2026-08-01 2026-08-29 2026-08-30 2026-07-04 2025-09-28
"""
FISCAL_DAYS = tuple(date.fromisoformat(day) for day in _FISCAL_DAYS.split())


@st.composite
def product_rows(draw: st.DrawFn) -> list[Row]:
    """Every product, some without a list price."""
    return [
        {
            "product_id": product,
            "name": product.title(),
            "category": category or None,
            "list_price": draw(one_of("10", "33.33", "0.005", "99.999999")),
        }
        for product, category in PRODUCTS.items()
    ]


@st.composite
def customer_rows(draw: st.DrawFn) -> list[Row]:
    """Every customer; some bought long ago."""
    return [
        {
            "customer_id": customer,
            "name": customer,
            "segment": draw(one_of("public", "private", None)),
            "first_sale_on": draw(_day(None, "2026-07-10", "2025-01-01")),
        }
        for customer in CUSTOMERS
    ]


RATES = ("1.1", "0.5", "0.009123456789", "3", "1.000000000001", "152.01847162")
RATE_DAYS = ("2024-01-01", "2026-07-01", "2026-07-10", "2026-08-31")


def fx_rows(currency: str) -> st.SearchStrategy[list[Row]]:
    """Rates of the other currencies; some have gaps, some have none at all."""
    others = [c for c in CURRENCIES if c != currency]
    day = _day(*RATE_DAYS)
    row = st.builds(
        lambda on, code, rate: {"on": on, "currency": code, "rate": rate},
        day,
        one_of(*others),
        one_of(*RATES),
    )
    always = [{"on": date(2024, 1, 1), "currency": code, "rate": "2"} for code in others]
    known = rarely(2, st.just(3))
    return st.builds(lambda rows, n: always[:n] + rows, st.lists(row, max_size=6), known)


def masters(
    currency: str, features: frozenset[str] = frozenset()
) -> st.SearchStrategy[list[Export]]:
    """The master tables and the rates."""
    return st.builds(
        lambda partners, reps, products, customers, fx: [
            Export("sample_data/partners.csv", partners),
            Export("sample_data/reps.csv", reps),
            Export("sample_data/products.csv", products),
            Export("sample_data/customers.csv", customers),
            Export("sample_data/fx.csv", fx),
        ],
        partner_rows(features),
        rep_rows(features),
        product_rows(),
        customer_rows(),
        fx_rows(currency),
    )
