"""List prices by date: the worked case of docs/rules.md 41.4, in rewards, conditions and net prices."""

from pathlib import Path

import pytest

from tests.small_workspace import settle, write_workspace

HEAD = """
id = "p"
name = "P"
kind = "{kind}"
starts = 2026-07-01
ends = 2026-09-30
period = "month"
"""
TABLES = {
    "products": "product_id,name,list_price\nSKU-1,One,100\nSKU-2,Two,\n",
    "prices": "product_id,valid_from,list_price\nSKU-1,2026-08-01,110\nSKU-1,2026-09-01,90\n",
    "sales": """\
sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,return_of
S1,1,2026-07-31,P1,SKU-1,2,150,
S2,1,2026-08-01,P1,SKU-1,2,150,
S3,1,2026-09-15,P1,SKU-1,2,150,
S4,1,2026-09-20,P1,SKU-1,-1,-75,S1
S5,1,2026-09-20,P1,SKU-2,1,75,
""",
}


def by_month(tmp_path: Path, body: str, kind: str = "rebate") -> list[tuple[str, str]]:
    """The months and what P1 earned in each."""
    root = write_workspace(tmp_path, programs={"p": HEAD.format(kind=kind) + body}, tables=TABLES)
    return [(row["period_start"][5:7], row["entitlement"]) for row in settle(root)]


def test_a_rate_on_list_prices_takes_the_price_of_the_day(tmp_path: Path) -> None:
    """10 % of 2 x 100 less the returned 100; of 2 x 110; of 2 x 90, the other product having none."""
    paid = by_month(tmp_path, '[reward]\nrate = "10%"\npays_on = "list"')
    assert paid == [("07", "10"), ("08", "22"), ("09", "18")]


def test_a_net_price_takes_the_price_of_the_day(tmp_path: Path) -> None:
    """(100 - 95) x (2 - 1), (110 - 95) x 2, and 90 is below 95."""
    paid = by_month(tmp_path, "[reward]\nnet_price = 95", "discount")
    assert paid == [("07", "5"), ("08", "30"), ("09", "0")]


@pytest.mark.parametrize(
    ("bound", "paid"),
    [
        ("min = 110", [("08", "150")]),
        ("max = 99", [("09", "150")]),  # a missing price satisfies no bound
        (
            "min = 100, max = 100",
            [("07", "75")],
        ),  # the return is judged as the line that it reverses
    ],
)
def test_conditions_see_the_price_of_the_day(
    tmp_path: Path, bound: str, paid: list[tuple[str, str]]
) -> None:
    body = f'[eligible]\n"product.list_price" = {{ {bound} }}\n[reward]\nrate = 1'
    assert by_month(tmp_path, body) == paid
