"""Steps, curves and several gates: the worked numbers of docs/rules.md, and what surrounds them."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.rules.test_worked_numbers import lines, problems
from tests.small_workspace import settle, write_workspace

HUNDRED = "every = 10_000\npays = 100\n"
TARGET = (
    'tiers_by = "attainment"\n'
    'curve = [{ at = "80%", pays = 500 }, { at = "100%", pays = 1_000 }, { at = "120%", pays = 2_000 }]'
)
RATES = 'curve = [{ at = 0, rate = "1%" }, { at = 100_000, rate = "3%" }]'
TWO_UP = "curve = [{ at = 10, pays = 0 }, { at = 40, pays = 100 }]"


@pytest.mark.parametrize(
    ("reward", "example"),
    [
        pytest.param(HUNDRED, lines("39_999") + "\nexpect = 300", id="three-whole-steps"),
        pytest.param(HUNDRED, lines("40_000") + "\nexpect = 400", id="exactly-four"),
        pytest.param(HUNDRED, lines("-5_000") + "\nexpect = 0", id="a-negative-total-pays-nothing"),
        pytest.param(
            'tiers_by = "lines"\nevery = 2\npays = 7.5',
            lines("1", "1", "1", "-1") + "\nexpect = 7.5",
            id="lines-without-returns",
        ),
        pytest.param(
            "every = 0.3\npays = 1", lines("0.9") + "\nexpect = 3", id="no-binary-fractions"
        ),
        pytest.param(  # 10,000 x 1 % + 3 x 5 + 2 whole steps x 30
            'rate = "1%"\nper_unit = 5\ntiers_by = "quantity"\nevery = 1\npays = 30',
            'sales = [{ amount = 4_000, quantity = 1.5 }, { amount = 6_000, quantity = 1.5 }]\nexpect = 205',
            id="beside-rate-and-per-unit",
        ),
        pytest.param(  # the second tier: 2 % of 25,000 and two steps
            'tiers = [{ from = 0, rate = "1%" }, { from = 20_000, rate = "2%", every = 12_000, pays = 50 }]',
            lines("25_000") + "\nexpect = 600",
            id="in-a-tier",
        ),
    ],
)  # fmt: skip
def test_steps(reward: str, example: str) -> None:
    assert problems(f"[reward]\n{reward}", example) == []


@pytest.mark.parametrize(
    ("sold", "pays"),
    [("79.99", "0"), ("80", "500"), ("90", "750"), ("110", "1_500"), ("130", "2_000")],
)
def test_a_curve_by_attainment(sold: str, pays: str) -> None:
    example = f"{lines(sold)}\ntarget = 100\nexpect = {pays}"
    assert problems(f"[reward]\n{TARGET}", example) == []


@pytest.mark.parametrize(
    ("sold", "pays"),
    [
        ("50_000", "1_000"),
        ("0.01", "0"),  # 1 % of a cent
        ("-5_000", "-50"),  # takes back at the rate of the first point, which stands at 0
        ("100_000", "3_000"),
        ("200_000", "6_000"),
        ("33_333.33", "555.56"),  # 1.6666666 % of it: 555.55544...
    ],
)
def test_a_curve_of_rates(sold: str, pays: str) -> None:
    found = problems(f"[reward]\n{RATES}", f"{lines(sold)}\nexpect = {pays}")
    assert found == []


def test_a_curve_of_pay_takes_nothing_back_from_a_negative_total() -> None:
    reward = "[reward]\ncurve = [{ at = 0, pays = 10 }, { at = 100, pays = 20 }]"
    assert problems(reward, lines("-5") + "\nexpect = 0") == []
    assert problems(reward, lines("50") + "\nexpect = 15") == []


def test_a_rate_between_two_points_is_rounded_to_12_decimals() -> None:
    """1 % + 1 % x 1 / 3 = 0.013333333333, which pays 30 cents less than an unrounded third would."""
    reward = '[reward]\ntiers_by = "quantity"\ncurve = [{ at = 0, rate = "1%" }, { at = 3, rate = "2%" }]'
    example = "sales = [{ amount = 900_000_000_000, quantity = 1 }]\nexpect = 11_999_999_999.70"
    assert problems(reward, example) == []


def test_growth_without_a_baseline_takes_the_last_point_under_full() -> None:
    reward = (
        '[baseline]\nif_missing = "full"\n[reward]\ntiers_by = "growth"\n'
        'curve = [{ at = 0, pays = 100 }, { at = "50%", pays = 300 }]'
    )
    assert problems(reward, lines("10") + "\nexpect = 300") == []
    assert problems(reward, lines("-10") + "\nexpect = 0") == []
    assert problems(reward, lines("125") + "\nbaseline = 100\nexpect = 200") == []
    assert problems(reward, lines("99") + "\nbaseline = 100\nexpect = 0") == []


def test_a_gate_may_stand_several_times() -> None:
    gates = (
        '[[gate]]\nmetric = "revenue"\nat_least = 1_000\n[[gate]]\nmetric = "lines"\nat_least = 2\n'
    )
    reward = f'{gates}[reward]\nrate = "1%"'
    assert problems(reward, lines("500", "500") + "\nexpect = 10") == []
    assert problems(reward, lines("1_000") + "\nexpect = 0") == []
    assert problems(reward, lines("500", "499.99") + "\nexpect = 0") == []


def test_two_gates_may_count_two_activities() -> None:
    gates = "".join(
        f'[[gate]]\nmetric = "activity.{name}"\nat_least = {least}\n'
        for name, least in (("training", 2), ("demo", 1))
    )
    done = [f'{{ activity = "{name}" }}' for name in ("training", "training", "demo")]
    for listed, pays in ((done, 10), (done[:2], 0), (done[1:], 0)):
        example = f"{lines('1_000')}\nactivities = [{', '.join(listed)}]\nexpect = {pays}"
        assert problems(f'{gates}[reward]\nrate = "1%"', example) == []


PROGRAM = """
id = "p"
name = "P"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
[reward]
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,quantity,amount
S1,1,2026-07-03,P1,2,3333.33
S2,1,2026-08-03,P1,1,3333.33
S3,1,2026-09-03,P1,1,3333.33
"""


@pytest.mark.parametrize(
    ("reward", "rate", "earned", "entitlement"),
    [
        (RATES, "0.011999998", "119.99986000002", "120"),  # 1 % + 2 % x 0.0999999 of 9,999.99
        (TWO_UP, "", "100", "100"),
        (HUNDRED.replace("10_000", "3_333"), "", "300", "300"),
        ("rate = 0\n" + HUNDRED.replace("10_000", "3_334"), "0", "200", "200"),
    ],
)
def test_files_show_the_rate_of_a_curve_and_contributions_add_up(
    tmp_path: Path, reward: str, rate: str, earned: str, entitlement: str
) -> None:
    """The run ends with 0 only if what lines and steps contribute is the reward, to the last decimal."""
    root = write_workspace(tmp_path, programs={"p": PROGRAM + reward}, tables={"sales": SALES})
    (row,) = settle(root, "2026-09", "--lines")
    assert (row["rate"], row["reward"], row["tier"]) == (rate, earned, "")
    assert Decimal(row["entitlement"]) == Decimal(entitlement)


BUNDLE = """[bundle]
needs = [
  { when = { "product.category" = "switch" }, quantity = 2 },
  { when = { "product.category" = "router" }, quantity = 1 },
]
"""


def bought(*lines: str) -> str:
    """Lines such as `2 switch C1 S1`: quantity, category, customer and sale."""
    rows = []
    for line in lines:
        quantity, category, *ids = line.split()
        named = dict(zip(("customer_id", "sale_id"), ids, strict=False))
        stated = {"amount": quantity, "quantity": quantity, '"product.category"': f'"{category}"'}
        stated |= {key: f'"{name}"' for key, name in named.items()}
        rows.append("{ " + ", ".join(f"{key} = {value}" for key, value in stated.items()) + " }")
    return f"sales = [{', '.join(rows)}]"


@pytest.mark.parametrize(
    ("body", "example", "pays"),
    [
        pytest.param("", bought("7 switch", "2 router"), "80", id="two-bundles"),
        pytest.param("", bought("7 switch"), "0", id="a-need-without-lines"),
        pytest.param("", bought("7 switch", "2 router", "-2 router"), "0", id="returned"),
        pytest.param("", bought("2 switch", "-3 router"), "0", id="never-below-0"),
        pytest.param(
            'per = "customer"\n', bought("3 switch C1", "1 router C1", "1 switch C2", "1 router C2"), "40",
            id="by-customer",
        ),
        pytest.param(
            'per = "customer"\n', bought("2 switch", "1 router"), "0", id="no-customer-no-bundle"
        ),
        pytest.param(
            'per = "sale"\n', bought("2 switch C1 S1", "1 router C1 S2", "2 switch C1 S3", "9 router C1 S3"),
            "40", id="by-sale",
        ),
        pytest.param("", 'sales = [{ amount = 4, quantity = 4 }]', "0", id="left-out-is-missing"),
    ],
)  # fmt: skip
def test_bundles(body: str, example: str, pays: str) -> None:
    text = f"{BUNDLE}{body}[reward]\nper_bundle = 40"
    assert problems(text, f"{example}\nexpect = {pays}") == []


def test_bundles_pick_tiers_and_open_gates() -> None:
    tiers = 'tiers_by = "bundles"\ntiers = [{ from = 1, per_bundle = 10 }, { from = 2, per_bundle = 15 }]'
    gate = '[gate]\nmetric = "bundles"\nat_least = 2\n'
    four = bought("4 switch", "2 router")
    assert problems(f"{BUNDLE}[reward]\n{tiers}", four + "\nexpect = 30") == []
    assert (
        problems(f"{BUNDLE}[reward]\n{tiers}", bought("3 switch", "9 router") + "\nexpect = 10")
        == []
    )
    assert problems(f"{BUNDLE}{gate}[reward]\nrate = 1", four + "\nexpect = 6") == []
    assert (
        problems(
            f"{BUNDLE}{gate}[reward]\nrate = 1", bought("3 switch", "1 router") + "\nexpect = 0"
        )
        == []
    )


@pytest.mark.parametrize(
    ("security", "rest", "pays"),
    [
        ("20_000", "80_000", "1_000"),
        ("19_999.99", "80_000.01", "0"),
        ("0", "0", "0"),
        ("-5", "1", "0"),
    ],
)
def test_a_gate_on_a_share(security: str, rest: str, pays: str) -> None:
    gate = '[[gate]]\nshare_of = { "product.category" = "security" }\nat_least = "20%"\n'
    example = (
        f'sales = [{{ amount = {security}, "product.category" = "security" }},'
        f' {{ amount = {rest}, "product.category" = "other" }}]\nexpect = {pays}'
    )
    assert problems(f'{gate}[reward]\nrate = "1%"', example) == []
