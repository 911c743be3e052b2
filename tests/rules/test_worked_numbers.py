"""Every worked number of the rules, as an example that a program file could hold.

`earns` runs a program on a few lines exactly as `check` runs an `[[example]]`.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal

import pytest

from incentivectl.core.calendar import ORDINARY
from incentivectl.engine.examples import check_examples
from incentivectl.kinds.catalogue import KINDS

HEAD = """
id = "p"
name = "P"
kind = "{kind}"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
"""


def problems(body: str, example: str, *, kind: str = "rebate") -> list[str]:
    text = f'{HEAD.format(kind=kind)}{body}\n[[example]]\nname = "e"\n{example}\n'
    data = tomllib.loads(text, parse_float=Decimal)
    program = KINDS[kind].model.model_validate(data)
    return [f"{one.message} | {one.hint}" for one in check_examples([program], "USD", ORDINARY)]


def lines(*amounts: str) -> str:
    return "sales = [" + ", ".join(f"{{ amount = {amount} }}" for amount in amounts) + "]"


TEN_TO_25 = 'tiers = [{ from = 0, rate = "10%" }, { from = 1000, rate = "25%" }]'
THREE = 'tiers = [{ from = 0, rate = "10%" }, { from = 100, rate = "20%" }, { from = 300, rate = "30%" }]'
FIVE_TO_8 = 'tiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]'
MARGINAL = 'tier_mode = "marginal"\n'
YEAR_BEFORE = '[baseline]\nfrom = "previous_year"\n'
INTERIM = 'tiers = [{ from = 5_000, rate = "2%" }, { from = 20_000, rate = "4%" }]'


@pytest.mark.parametrize(
    ("reward", "example"),
    [
        pytest.param(MARGINAL + TEN_TO_25, lines("2000") + "\nexpect = 350", id="marginal"),
        pytest.param(TEN_TO_25, lines("2000") + "\nexpect = 500", id="retroactive"),
        pytest.param(MARGINAL + THREE, lines("3800") + "\nexpect = 1100", id="three-tiers-3800"),
        pytest.param(MARGINAL + THREE, lines("1000") + "\nexpect = 260", id="three-tiers-1000"),
        pytest.param(FIVE_TO_8, lines("10_400") + "\nexpect = 832", id="before-the-return"),
        pytest.param(FIVE_TO_8, lines("10_400", "-500") + "\nexpect = 495", id="after-the-return"),
        pytest.param(FIVE_TO_8, lines("10_000") + "\nexpect = 800", id="exactly-on-from"),
        pytest.param(FIVE_TO_8, lines("9_999.99") + "\nexpect = 500", id="just-below-from"),
        pytest.param(FIVE_TO_8, lines("-500") + "\nexpect = -25", id="negative-total"),
        pytest.param(INTERIM, lines("3_000") + "\nexpect = 0", id="interim-0"),
        pytest.param(INTERIM, lines("7_000") + "\nexpect = 140", id="interim-140"),
        pytest.param(INTERIM, lines("27_000") + "\nexpect = 1_080", id="interim-all"),
        pytest.param(INTERIM, lines("-1") + "\nexpect = 0", id="negative-below-a-positive-from"),
        pytest.param('rate = "2.5%"', lines("100.19") + "\nexpect = 2.50", id="rounded-half-up"),
        pytest.param(
            "rate = 1", lines("0.335", "0.335", "0.335") + "\nexpect = 1.01", id="rounded-once"
        ),
        pytest.param('rate = "2.5%"', lines("100.20") + "\nexpect = 2.51", id="a-tie-goes-up"),
        pytest.param('rate = "2.5%"', lines("-100.20") + "\nexpect = -2.51", id="a-tie-goes-down"),
    ],
)
def test_tiers_and_rounding(reward: str, example: str) -> None:
    assert problems(f"[reward]\n{reward}", example) == []


@pytest.mark.parametrize(
    ("reward", "expect"),
    [
        ('pays_on = "increment"\ntiers = [{ from = 0, rate = "10%" }]', "2_000"),
        # quantity 1 at 7.5 a unit adds up with 10 % of the 20,000 grown
        ('pays_on = "increment"\ntiers = [{ from = 0, rate = "10%", per_unit = 7.5 }]', "2_007.5"),
        ('tiers = [{ from = 0, rate = "3%" }]', "3_600"),
        # 20 % growth is exactly on the second tier's `from`
        ('tiers = [{ from = 0, rate = "1%" }, { from = "20%", rate = "3%" }]', "3_600"),
        ('tiers = [{ from = 0, rate = "1%" }, { from = 0.200001, rate = "3%" }]', "1_200"),
    ],
)
def test_growth_from_100_000_to_120_000(reward: str, expect: str) -> None:
    example = lines("120_000") + f"\nbaseline = 100_000\nexpect = {expect}"
    assert problems(f'[reward]\ntiers_by = "growth"\n{reward}\n{YEAR_BEFORE}', example) == []


@pytest.mark.parametrize(("if_missing", "expect"), [("exclude", "0"), ("full", "600")])
def test_growth_without_a_baseline(if_missing: str, expect: str) -> None:
    reward = (
        '[reward]\ntiers_by = "growth"\ntiers = [{from = 0, rate = "1%"}, {from = 1, rate = "5%"}]'
    )
    body = f'{reward}\n{YEAR_BEFORE}if_missing = "{if_missing}"\n'
    assert problems(body, lines("12_000") + f"\nexpect = {expect}") == []


@pytest.mark.parametrize(
    ("target", "expect"), [("20_000", "0"), ("12_500", "100"), ("10_000", "250"), ("0", "0")]
)
def test_attainment(target: str, expect: str) -> None:
    reward = (
        '[reward]\ntiers_by = "attainment"\n'
        'tiers = [{ from = 0.8, rate = "1%" }, { from = 1, rate = "2%", bonus = 50 }]'
    )
    assert problems(reward, lines("10_000") + f"\ntarget = {target}\nexpect = {expect}") == []


BUDGET_SALES = (
    "sales = [{ amount = 600 }, { amount = 500, payee = 'B' }, { amount = 400, payee = 'C' }]"
)


@pytest.mark.parametrize(
    ("over_budget", "expect"),
    [
        ("prorate", "{ A = 400, B = 333.33, C = 266.67 }"),
        ("first_come", "{ A = 600, B = 400, C = 0 }"),
        ("warn", "{ A = 600, B = 500, C = 400 }"),
    ],
)
def test_a_budget_of_1_000(over_budget: str, expect: str) -> None:
    body = f'[reward]\nrate = 1\n[limits]\nbudget = 1_000\nover_budget = "{over_budget}"'
    assert problems(body, f"{BUDGET_SALES}\nexpect = {expect}") == []


def test_a_return_frees_room_in_a_first_come_budget() -> None:
    """600 is paid, of 500 only 400; the return of 300 frees room, 250 of which C takes."""
    sales = (
        "sales = [{ amount = 600 }, { amount = 500, payee = 'B' },"
        " { amount = -300 }, { amount = 250, payee = 'C' }]"
    )
    body = '[reward]\nrate = 1\n[limits]\nbudget = 1_000\nover_budget = "first_come"'
    assert problems(body, f"{sales}\nexpect = {{ A = 300, B = 400, C = 250 }}") == []


def test_prorating_leaves_what_is_negative() -> None:
    """Room 1,000 and 100 given back: 1,100 for 600 and 500, which need no cut; with 700 they do."""
    sales = (
        "sales = [{ amount = 700 }, { amount = 500, payee = 'B' }, { amount = -100, payee = 'C' }]"
    )
    body = "[reward]\nrate = 1\n[limits]\nbudget = 1_000"
    assert problems(body, f"{sales}\nexpect = {{ A = 641.67, B = 458.33, C = -100 }}") == []


def test_the_cap_per_payee_comes_after_the_boost_and_limits_only_from_above() -> None:
    body = (
        '[reward]\nrate = "10%"\n[[boost]]\nwhen = { "partner.tier" = "gold" }\nfactor = 1.5\n'
        "[limits]\nper_payee = 120\n"
    )
    example = (
        "sales = [{ amount = 1_000, 'partner.tier' = 'gold' }, { amount = 1_000, payee = 'B' },"
        " { amount = -1_000, payee = 'C', 'partner.tier' = 'gold' }]\n"
        "expect = { A = 120, B = 100, C = -150 }"
    )
    assert problems(body, example) == []


def test_bonus_pays_once_and_only_on_a_metric_above_zero() -> None:
    body = '[reward]\ntiers = [{ from = 0, rate = "1%", bonus = 50 }]'
    assert problems(body, lines("100", "100") + "\nexpect = 52") == []
    assert problems(body, lines("100", "-100") + "\nexpect = 0") == []


def test_per_unit_and_rate_add_up() -> None:
    body = '[reward]\nrate = "1%"\nper_unit = 0.5\nbonus = 3'
    example = "sales = [{ amount = 200, quantity = 4 }, { amount = 100, quantity = 1 }]"
    assert problems(body, f"{example}\nexpect = 8.50") == []


def test_a_spif_pays_per_product() -> None:
    body = '[reward]\nper_product = { "SKU-1" = 50, "SKU-2" = 75 }'
    example = (
        "sales = [{ product_id = 'SKU-1', quantity = 2 }, { product_id = 'SKU-2' },"
        " { product_id = 'SKU-9', quantity = 9 }]"
    )
    assert problems(body, f"{example}\nexpect = 175", kind="spif") == []


def test_a_serial_number_earns_once() -> None:
    body = "[reward]\nper_unit = 10"
    example = (
        "sales = [{ serial = 'X', sold_on = 2026-07-05 }, { serial = 'X', sold_on = 2026-07-04,"
        " payee = 'B' }, { serial = 'Y', sold_on = 2026-07-06 }]"
    )
    assert problems(body, f"{example}\nexpect = {{ A = 10, B = 10 }}", kind="spif") == []


@pytest.mark.parametrize(
    ("metric", "sales", "expect"),
    [
        ("lines", "{ amount = 100 }, { amount = 100 }, { amount = -10 }", 1.90),
        ("sales", "{ amount = 100, sale_id = 'S' }, { amount = 100, sale_id = 'S' }", 0),
        ("customers", "{amount = 100, customer_id = 'C'}, {amount = 100, customer_id = 'D'}", 2),
        ("products", "{amount = 100, product_id = 'C'}, {amount = 100, product_id = 'C'}", 0),
        ("quantity", "{ amount = 100, quantity = 3 }, { amount = 100, quantity = -1 }", 2),
    ],
)
def test_metrics(metric: str, sales: str, expect: float) -> None:
    """Two of anything reach the only tier; distinct counts ignore returns."""
    body = f'[reward]\ntiers_by = "{metric}"\ntiers = [{{ from = 2, rate = "1%" }}]'
    assert problems(body, f"sales = [{sales}]\nexpect = {expect}") == []


@pytest.mark.parametrize(("amount", "expect"), [("99.99", "0"), ("100", "10")])
def test_a_gate_earns_nothing_until_it_is_reached(amount: str, expect: str) -> None:
    body = '[reward]\nrate = "10%"\n[gate]\nmetric = "revenue"\nat_least = 100'
    assert problems(body, lines(amount) + f"\nexpect = {expect}") == []


def test_the_first_reward_whose_conditions_hold_applies() -> None:
    body = (
        '[[reward]]\nwhen = { "partner.tier" = "gold" }\nrate = "3%"\n'
        '[[reward]]\nwhen = { "partner.tier" = { not = "bronze" } }\nrate = "2%"\n'
    )
    example = (
        "sales = [{ amount = 100, 'partner.tier' = 'gold' }, { amount = 100, payee = 'B',"
        " 'partner.tier' = 'silver' }, { amount = 100, payee = 'C', 'partner.tier' = 'bronze' }]"
    )
    assert problems(body, f"{example}\nexpect = {{ A = 3, B = 2, C = 0 }}") == []


def test_a_failing_example_says_expected_got_and_why() -> None:
    (text,) = problems(f"[reward]\n{FIVE_TO_8}", lines("10_400") + "\nexpect = 520")
    assert "A: expected 520, got 832" in text
    assert "revenue 10400, tier 1, rate 0.08, reward 832" in text


def test_an_example_whose_lines_do_not_count_says_which_condition_failed() -> None:
    body = '[eligible]\n"product.category" = "switch"\n[reward]\nrate = "1%"'
    (text,) = problems(body, "sales = [{ amount = 100, 'product.category' = 'cable' }]\nexpect = 1")
    assert "expected 1, got 0" in text
    assert "1 line does not count: product.category" in text


def conditions(condition: str, stated: Mapping[str, str]) -> bool:
    """Whether a line that states these fields counts under one condition."""
    fields = ", ".join(f"'{key}' = {value}" for key, value in stated.items())
    body = f"[eligible]\n{condition}\n[reward]\nrate = 1"
    found = problems(body, f"sales = [{{ amount = 100, {fields} }}]\nexpect = 100")
    return not found


@pytest.mark.parametrize(
    ("condition", "field", "value", "holds"),
    [
        ('"partner.tier" = "gold"', "partner.tier", "'gold'", True),
        ('"partner.tier" = "gold"', "partner.tier", "'Gold'", False),
        ('"partner.tier" = ["gold", "silver"]', "partner.tier", "'silver'", True),
        ('"partner.tier" = { not = "gold" }', "partner.tier", "'gold'", False),
        ('"partner.tier" = { not = ["gold", "silver"] }', "partner.tier", "'bronze'", True),
        ('"product.list_price" = { min = 10, max = 20 }', "product.list_price", "20", True),
        ('"product.list_price" = { min = 10, max = 20 }', "product.list_price", "20.000001", False),
        ('"partner.joined_on" = { before = 2020-01-01 }', "partner.joined_on", "2019-12-31", True),
        ('"partner.joined_on" = { before = 2020-01-01 }', "partner.joined_on", "2020-01-01", False),
        ('"partner.joined_on" = { after = 2020-01-01 }', "partner.joined_on", "2020-01-01", False),
        ('"partner.joined_on" = { after = 2020-01-01 }', "partner.joined_on", "2020-01-02", True),
        ('"sale.month" = [7, 8]', "sold_on", "2026-08-31", True),
        ('"sale.month" = [7, 8]', "sold_on", "2026-09-01", False),
        ('"sale.new_customer" = true', "sale.new_customer", "true", True),
        ('"sale.new_customer" = true', "sale.new_customer", "false", False),
        ('"partner.tenure_years" = { min = 3 }', "partner.tenure_years", "2", False),
        ('"rep.started_on" = { min = 2026-01-01 }', "rep.started_on", "2026-01-01", True),
        ('"customer.segment" = "public"', "customer.segment", "'private'", False),
    ],
)
def test_condition_forms(condition: str, field: str, value: str, holds: bool) -> None:
    assert conditions(condition, {field: value}) is holds


def test_sale_amount_is_judged_by_its_size() -> None:
    body = '[eligible]\n"sale.amount" = { min = 100 }\n[reward]\nrate = 1'
    assert problems(body, lines("100", "99.99", "-100", "-99.99") + "\nexpect = 0") == []
