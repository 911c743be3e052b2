"""However much fits into memory and however long a list is, programs find the same and the checks hold."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from incentivectl.core import memory
from incentivectl.ingest.inputs import Inputs
from incentivectl.rules.lines import by_master, coverage, lists
from incentivectl.run.known import channel_of
from incentivectl.run.loading import Loaded, load, period_of, read_inputs
from incentivectl.run.run import Run, calculate
from incentivectl.sales import in_memory
from incentivectl.sales.in_memory import read_once
from tests.small_workspace import write_workspace

PARTNERS = """\
partner_id,name,tier,valid_from
P1,Alpha Ltd,silver,2020-01-01
P1,Alpha Ltd,gold,2026-08-01
P2,Beta GmbH,gold,2024-02-29
P2,Beta GmbH,silver,2026-09-01
P3,Gamma SA,gold,2024-01-01
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount,return_of,serial
S0,1,2025-08-03,P1,SKU-1,C1,1,5000.00,,
S1,1,2026-07-03,P1,SKU-1,C1,1,6000.00,,A1
S2,1,2026-08-03,P1,SKU-1,C1,2,4400.10,,A2
S3,1,2026-08-11,P2,SKU-1,C2,3,900.50,,A1
S4,1,2026-09-05,P2,SKU-1,C2,1,700.00,,
S5,1,2026-09-06,P1,SKU-1,C1,-1,-2200.05,S2,A2
S6,1,2026-09-30,P3,SKU-2,C3,1,100.00,,A3
"""
DEALS = """\
deal_id,partner_id,customer_id,product_id,status,registered_on,approved_on,amount
D1,P1,C1,,approved,2026-07-01,2026-07-02,5000
D2,P1,C1,SKU-1,approved,2026-07-15,2026-07-15,9000
D3,P2,C2,,won,2026-08-01,2026-08-01,1000
D4,P3,C2,,approved,2026-07-31,2026-08-01,1000
"""
HEAD = """
id = "{id}"
name = "{id}"
kind = "{kind}"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
"""
GOLD = '[eligible]\n"partner.tier" = "gold"\n"product.product_id" = { not = "SKU-3" }\n'
BODIES = {
    ("slices", "rebate"): f"""{GOLD}[reward]
tier_mode = "marginal"
tiers = [{{ from = 0, rate = "2%" }}, {{ from = 1_000, rate = "3.3333%", bonus = 7 }}]
""",
    ("growth", "rebate"): """[baseline]
from = "previous_year"
[reward]
tiers_by = "growth"
pays_on = "increment"
tiers = [{ from = "0%", rate = "1%", per_unit = 0.5 }, { from = "50%", rate = "2%" }]
""",
    ("units", "spif"): 'payee = "partner"\n[reward]\nper_product = { SKU-1 = 2, SKU-2 = 2.5 }\n',
    ("lines", "discount"): f'{GOLD}[[reward]]\nrate = "1.5%"\n',
    ("deals", "deal_registration"): """[registration]
protection_days = 60
loser_share = "33.3333%"
[reward]
rate = "5.1234%"
bonus = 150
""",
    ("capped", "deal_registration"): """[registration]
protection_days = 60
cap = "registered"
[reward]
rate = "5%"
""",
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Loaded, Inputs]:
    root = tmp_path_factory.mktemp("ways")
    programs = {
        name: HEAD.format(id=name, kind=kind) + body for (name, kind), body in BODIES.items()
    }
    write_workspace(
        root, programs=programs, tables={"partners": PARTNERS, "sales": SALES, "deals": DEALS}
    )
    loaded = load(root)
    return loaded, read_inputs(loaded, root / "scratch", lambda _: None, cached=False)


def run(inputs: tuple[Loaded, Inputs]) -> Run:
    loaded, found = inputs
    period = period_of("2026-09", loaded.workspace, date(2026, 11, 24))
    return calculate(loaded, period, found, lambda _: None)


def test_what_lines_are_paid_by_hand(inputs: tuple[Loaded, Inputs]) -> None:
    """P1 is gold from August (4,400.10, and the return of it), P2 until the end of August (900.50).

    Slices: P1 20 + 1,200.05 x 3.3333 % + 7 = 67.00; P2 900.50 x 2 % = 18.01; P3 2.
    Growth: P1 8,200.05 over 5,000 is 64 %: 3,200.05 x 2 % = 64.00; the others have no baseline.
    """
    found = run(inputs)
    assert found.broken == ()
    paid = {
        (row["program_id"], row["payee_id"]): row["entitlement"]
        for row in found.earnings.iter_rows(named=True)
        if row["entitlement"]
    }
    assert paid["slices", "P1"] == Decimal("67.00")
    assert paid["slices", "P2"] == Decimal("18.01")
    assert paid["slices", "P3"] == Decimal("2.00")
    assert paid["growth", "P1"] == Decimal("64.00")
    assert ("growth", "P2") not in paid


@pytest.mark.parametrize("way", ["long lists", "many changes", "lines on disk"])
def test_every_way_finds_the_same(
    inputs: tuple[Loaded, Inputs], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = run(inputs)
    if way == "long lists":
        for module in (by_master, coverage, lists):
            monkeypatch.setattr(module, "LONGEST_LIST", 0)
    elif way == "many changes":
        monkeypatch.setattr(by_master, "MOST_DAYS", 0)
    else:
        monkeypatch.setattr(in_memory, "FEW_LINES", 0)
    other = run(inputs)
    assert other.broken == ()
    assert other.earnings.equals(usual.earnings)
    for mine, theirs in zip(other.settled, usual.settled, strict=True):
        assert mine.ineligible.equals(theirs.ineligible)
        assert mine.measured is not None
        assert theirs.measured is not None
        mine_found, theirs_found = mine.measured.contributions, theirs.measured.contributions
        assert in_order(mine_found).equals(in_order(theirs_found))


def in_order(contributions: pl.LazyFrame) -> pl.DataFrame:
    return contributions.collect().sort("period", "payee_id", "row", "source", "item_id")


@pytest.mark.parametrize(
    ("lines", "programs", "is_held"),
    [(100_000, 1, True), (100_001, 11, False), (100_001, 12, True), (900_000, 12, False)],
)
def test_lines_that_many_programs_ask_for_are_read_once(
    inputs: tuple[Loaded, Inputs],
    lines: int,
    programs: int,
    is_held: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "rows_within", lambda bytes_each, share: 800_000)
    loaded, found = inputs
    period = period_of("2026-08", loaded.workspace, date(2026, 11, 24))
    channel = channel_of(loaded.workspace, found, period)
    held = read_once(channel, lines, programs)
    assert (held is not channel) == is_held
    assert held.lines.sort("row").collect().equals(channel.lines.sort("row").collect())
