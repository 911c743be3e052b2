"""A small workspace that counts in weeks: months of 4, 4 and 5 weeks, which begin on Sundays.

Fiscal 2025 begins on 29 December 2024 and has a 53rd week, so that 2026 begins on 4 January. Month 7 of
2026 is 5 July to 1 August, month 8 lasts until 29 August, month 9 until 3 October.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from tests.small_workspace import CONFIG, write_workspace

FIRST_DAY = date(2024, 12, 29)
WEEKS = {"2025-12": 6}  # of a month that has a week more than its place in the quarter


def months(first: str = "2025-01", last: str = "2026-12") -> list[str]:
    """The rows of `calendar` from a month to another."""
    rows, day = [], FIRST_DAY
    for year in (2025, 2026):
        for month in range(1, 13):
            label = f"{year}-{month:02}"
            weeks = WEEKS.get(label, 5 if month % 3 == 0 else 4)
            end = day + timedelta(days=7 * weeks - 1)
            if first <= label <= last:
                rows.append(f"{label},{day},{end}")
            day = end + timedelta(days=1)
    return rows


def calendar(rows: list[str]) -> str:
    """The file of the table `calendar`."""
    return "\n".join(["month,first_day,last_day", *rows, ""])


SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
A,1,2025-07-05,P1,SKU-1,C1,1,1000.00
B,1,2026-06-15,P1,SKU-1,C1,1,500.00
C,1,2026-07-04,P1,SKU-1,C1,1,9000.00
D,1,2026-07-05,P1,SKU-1,C1,1,100.00
E,1,2026-08-01,P2,SKU-1,C2,1,200.00
F,1,2026-08-02,P1,SKU-1,C1,1,400.00
G,1,2026-08-30,P1,SKU-1,C1,1,800.00
H,1,2026-10-03,P1,SKU-1,C2,1,1600.00
I,1,2026-10-04,P1,SKU-1,C1,1,9000.00
"""
MONTHLY = """\
id = "monthly"
name = "Monthly rebate"
kind = "rebate"
starts = 2026-07-05
ends = 2026-10-03
period = "month"

[reward]
rate = "1%"
"""
QUARTERLY = """\
id = "growth"
name = "Growth rebate"
kind = "rebate"
starts = 2026-07-05
ends = 2026-10-03
period = "quarter"

[baseline]
from = "previous_year"
if_missing = "full"

[reward]
pays_on = "increment"
rate = "1%"
"""
PROGRAMS = {"monthly": MONTHLY, "growth": QUARTERLY}


def write_fiscal(
    root: Path,
    *,
    rows: list[str] | None = None,
    config: str = CONFIG,
    programs: Mapping[str, str] = PROGRAMS,
    tables: Mapping[str, str] | None = None,
) -> Path:
    """The workspace, with other months, programs or tables where a test names them."""
    stated = {"sales": SALES, "calendar": calendar(months() if rows is None else rows)}
    return write_workspace(
        root, config=config, programs=programs, tables={**stated, **(tables or {})}
    )
