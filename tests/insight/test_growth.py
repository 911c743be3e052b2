"""Sales growth, worked by hand (docs/questions.md, "Sales growth")."""

from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.insight.metrics.growth import (
    EXISTING_REVENUE,
    NEW_CUSTOMERS,
    NEW_REVENUE,
    QUANTITY,
    REVENUE,
    UNNAMED_REVENUE,
    growth,
)
from incentivectl.run.run import Run
from tests.insight.runs import Answers, rerun, run_of
from tests.small_workspace import incentivectl

# September: 500 + 150 + 200 + 50 + 100 EUR at 1.25 - 30 = 995. R-1 reverses 100 of August, and R-2
# names no sale. C2 is new in September; C9 began in 2024.
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount,currency,return_of
Y-1,1,2025-09-10,P1,SKU-1,C1,4,400,,
A-1,1,2026-08-05,P1,SKU-1,C1,2,300,,
S-1,1,2026-09-02,P1,SKU-1,C1,1,500,,
S-1,2,2026-09-02,P1,SKU-2,C2,1,150,,
S-2,1,2026-09-03,P2,SKU-1,C9,2,200,,
S-3,1,2026-09-04,P2,SKU-9,,1,50,,
S-4,1,2026-09-05,P2,SKU-1,C9,1,100,EUR,
R-1,1,2026-09-10,P1,SKU-1,C1,-1,-100,,A-1
R-2,1,2026-09-11,P1,SKU-1,C1,-1,-30,,
V-1,1,2026-09-12,P1,SKU-1,C7,0,0,,
"""
TABLES = {
    "sales": SALES,
    "products": "product_id,name,category\nSKU-1,One,switch\nSKU-2,Two,router\n",
    "customers": "customer_id,first_sale_on\nC9,2024-01-01\n",
    "fx": "on,currency,rate\n2025-01-01,EUR,1.25\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_of(tmp_path_factory.mktemp("growth") / "w", tables=TABLES)


def test_the_whole(run: Run) -> None:
    answers = Answers(growth, run)
    assert answers(REVENUE) == 995
    assert answers(QUANTITY) == 5  # 1 + 1 + 2 + 1 + 1 - 1
    assert answers(NEW_REVENUE) == 150
    assert answers(EXISTING_REVENUE) == 795  # 500 + 200 + 125 - 30
    assert answers(UNNAMED_REVENUE) == 50
    assert answers(NEW_CUSTOMERS) == 1


def test_partners_categories_and_products(run: Run) -> None:
    """A line whose product nobody knows is in the category (none)."""
    answers = Answers(growth, run)
    assert answers(REVENUE, "partner", "P1") == 620
    assert answers(NEW_REVENUE, "partner", "P1") == 150
    assert answers(REVENUE, "partner", "P2") == 375
    assert answers(REVENUE, "category", "switch") == 795
    assert answers(REVENUE, "category", "router") == 150
    assert answers(REVENUE, "category", "(none)") == 50
    assert answers(REVENUE, "product", "SKU-1") == 795
    assert answers(QUANTITY, "product", "SKU-1") == 3  # 1 + 2 + 1 - 1


def test_a_program_counts_what_is_dated_in_the_period(run: Run) -> None:
    assert Answers(growth, run)(REVENUE, "program", "volume") == 995


def test_a_late_return_lowers_the_month_of_its_sale(run: Run) -> None:
    root = run.loaded.workspace.root
    assert Answers(growth, rerun(root, "2026-08"))(REVENUE) == 200
    assert Answers(growth, rerun(root, "2025-09"))(REVENUE) == 400
    assert Answers(growth, rerun(root, "2026-07"))(REVENUE) == 0


def test_before_the_exports_begin_nothing_is_known(run: Run) -> None:
    answers = Answers(growth, rerun(run.loaded.workspace.root, "2025-08"))
    assert answers.why(REVENUE) == (
        "`sales` would have to reach back to 2025-08-01, and they begin in 2025-09"
    )


def test_without_any_sales_nothing_is_known(tmp_path: Path) -> None:
    run = run_of(tmp_path / "w", tables={"sales": SALES.splitlines()[0] + "\n"})
    assert Answers(growth, run).why(NEW_CUSTOMERS) == (
        "`sales` would have to reach back to 2026-09-01, and there are none at all"
    )


def test_values_are_exact_decimals(run: Run) -> None:
    assert isinstance(Answers(growth, run)(REVENUE), Decimal)


def test_a_country_that_never_had_a_new_customer_has_none(tmp_path: Path) -> None:
    """Not an empty cell: whoever reads it cannot tell that from a figure that nobody knows."""
    partners = "partner_id,name,country\nP1,Alpha,DE\nP2,Beta,FR\n"
    root = run_of(tmp_path / "w", tables={**TABLES, "partners": partners}).loaded.workspace.root
    shown = incentivectl("metrics", "2026-09", "-w", root, "--area", "growth", "--no-trend").stdout
    rows = [line.split() for line in shown.split("Countries")[1].splitlines()]
    assert next(row for row in rows if row[:1] == ["FR"])[-2:] == ["0", "0"]


def test_exports_of_less_than_a_year_make_customers_seem_new(tmp_path: Path) -> None:
    """C1 may have bought in 2024; where `customers` says so, there is nothing to warn of."""
    sales = "sale_id,sold_on,partner_id,customer_id,amount\nA,2026-08-01,P1,C0,1\nB,2026-09-01,P1,C1,1\n"
    tables = {"sales": sales, "customers": "customer_id,first_sale_on\nC0,2024-01-01\n"}
    root = run_of(tmp_path / "w", tables=tables).loaded.workspace.root
    shown = ("metrics", "2026-09", "-w", root, "--no-trend")
    warning = "`sales` begin in 2026-08, so that customers from before seem new"
    assert warning in incentivectl(*shown).stdout
    stated = root / "sample_data/customers.csv"
    stated.write_text(stated.read_text(encoding="utf-8") + "C1,2024-01-01\n", encoding="utf-8")
    assert warning not in incentivectl(*shown).stdout
