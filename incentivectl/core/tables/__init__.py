"""The tables that a workspace reads, their columns in the contract's order, and their identities.

The order of the columns is the order in which a row's faults are found (docs/rules.md, "Reading"),
so it is part of the rules. Programs and ingest both build on this catalogue and know nothing else
of each other.
"""

from incentivectl.core.tables.agreements import ADJUSTMENTS, DISPUTES, LEVELS, OPENING, TARGETS
from incentivectl.core.tables.columns import Table
from incentivectl.core.tables.events import ACTIVITIES, DEALS, MDF_CLAIMS, MDF_REQUESTS
from incentivectl.core.tables.opinions import BRAND, MARKET, SURVEY_INVITATIONS, SURVEYS
from incentivectl.core.tables.people import PARTNERS, PAYEES, REPS
from incentivectl.core.tables.reading import ALIASES, CALENDAR, CONTROL_TOTALS
from incentivectl.core.tables.sales import CREDITS, CUSTOMERS, FX, PRICES, PRODUCTS, SALES

SALE = ("distributor_id", "partner_id", "sale_id")  # what identifies a sale (docs/rules.md 3.18)

_ALL = (
    SALES,
    PARTNERS,
    REPS,
    PRODUCTS,
    CUSTOMERS,
    DEALS,
    MDF_REQUESTS,
    MDF_CLAIMS,
    ACTIVITIES,
    SURVEYS,
    SURVEY_INVITATIONS,
    BRAND,
    MARKET,
    TARGETS,
    CREDITS,
    FX,
    ALIASES,
    PRICES,
    CALENDAR,
    LEVELS,
    PAYEES,
    OPENING,
    CONTROL_TOTALS,
    ADJUSTMENTS,
    DISPUTES,
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
