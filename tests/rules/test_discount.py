"""Discounts: list prices, net prices, tiers on lines, sales and periods, and what returns reverse."""

import pytest

from tests.rules.test_worked_numbers import problems


def discount(reward: str, sales: str, expect: object, more: str = "") -> list[str]:
    head = "" if "[reward]" in reward or "[[reward]]" in reward else "[reward]\n"
    example = f"sales = [{sales}]\nexpect = {expect}"
    return problems(f"{head}{reward}\n{more}", example, kind="discount")


HUNDRED = "{ quantity = 100, unit_price = 19, 'product.list_price' = 20 }"


@pytest.mark.parametrize(
    ("reward", "expect"),
    [
        ("net_price = 18", 200),  # ship-and-debit: (20 - 18) x 100
        ("per_unit = 1.5", 150),
        ('rate = "10%"\npays_on = "list"', 200),
        ('rate = "10%"', 190),
        ("net_price = 25", 0),  # never negative
        ('rate = "10%"\nper_unit = 1.5\nbonus = 4', 344),
    ],
)
def test_a_hundred_units_at_a_list_price_of_20(reward: str, expect: int) -> None:
    assert discount(reward, HUNDRED, expect) == []


@pytest.mark.parametrize("reward", ["net_price = 18", 'rate = "10%"\npays_on = "list"'])
def test_returns_take_back_at_list_price(reward: str) -> None:
    returned = "{ quantity = -30, unit_price = 19, 'product.list_price' = 20 }"
    assert discount(reward, f"{HUNDRED}, {returned}", 140) == []


def test_list_price_times_quantity_is_rounded_to_six_decimals() -> None:
    """0.003333 x 1.5 = 0.0049995, which is 0.005 with six decimals, and that is a cent."""
    sale = "{ quantity = 1.5, amount = 1, 'product.list_price' = 0.003333 }"
    assert discount("pays_on = 'list'\nrate = 1", sale, 0.01) == []


def test_a_rebate_may_pay_on_list_too() -> None:
    reward = '[reward]\npays_on = "list"\ntiers = [{ from = 0, rate = "1%" }, { from = 1_000, rate = "10%" }]'
    assert problems(reward, f"sales = [{HUNDRED}]\nexpect = 200") == []


def test_without_a_list_price_a_line_does_not_count() -> None:
    (text,) = discount("net_price = 18", "{ quantity = 100, unit_price = 19 }", 200)
    assert "expected 200, got 0" in text
    assert "1 line does not count: no-list-price" in text


LINES = "tiers = [{ from = 0, rate = '1%' }, { from = 1_000, rate = '5%', bonus = 1.5 }]"


@pytest.mark.parametrize(
    ("sales", "expect"),
    [
        # each line by itself: 9.99 + 50 + 1.5
        ("{ amount = 999 }, { amount = 1_000 }", 61.49),
        # a return without a known sale has the tier of its size, and no bonus
        ("{ amount = -1_000 }", -50),
        ("{ amount = -999.99 }", "-10.00"),
        # one that reverses a line has that line's tier, however small it is
        (
            "{ amount = 1_000, sale_id = 'S' }, { amount = -100, return_of = 'S' }",
            46.5,
        ),
        (
            "{ amount = 900, sale_id = 'S' }, { amount = -1_000, return_of = 'S' }",
            -1,
        ),
    ],
)
def test_tiers_on_each_line(sales: str, expect: object) -> None:
    assert discount(LINES, sales, expect) == []


SALE = f'tier_scope = "sale"\n{LINES}'


@pytest.mark.parametrize(
    ("sales", "expect"),
    [
        # 600 + 500 are one sale: 55 and the bonus once; 900 are another
        (
            "{ amount = 600, sale_id = 'S' }, { amount = 500, sale_id = 'S' }, { amount = 900 }",
            65.5,
        ),
        # a known return leaves its sale's tier alone
        (
            "{ amount = 600, sale_id = 'S' }, { amount = 500, sale_id = 'S' },"
            " { amount = -300, return_of = 'S' }",
            41.5,
        ),
        # a negative line of the sale itself does not: 900 in all
        (
            "{ amount = 1_100, sale_id = 'S' }, { amount = -200, sale_id = 'S' }",
            9,
        ),
        # a sale that is negative as a whole counts by its size, without a bonus
        (
            "{ amount = -600, sale_id = 'S' }, { amount = -500, sale_id = 'S' }",
            -55,
        ),
    ],
)
def test_tiers_on_each_sale(sales: str, expect: object) -> None:
    assert discount(SALE, sales, expect) == []


MARGINAL = (
    "tier_mode = 'marginal'\ntiers = [{ from = 0, rate = '10%' }, { from = 100, rate = '20%' }]"
)


@pytest.mark.parametrize(
    ("scope", "sales", "expect"),
    [
        ("line", "{ amount = 300 }, { amount = 50 }", 55),  # 10 + 40, and 5
        # 300 earned 50, a sixth of it: a return of 60 reverses 10
        ("line", "{ amount = 300, sale_id = 'S' }, { amount = -60, return_of = 'S' }", 40),
        ("line", "{ amount = -300 }", -50),
        ("sale", "{ amount = 200, sale_id = 'S' }, { amount = 100, sale_id = 'S' }", 50),
        (
            "sale",
            "{ amount = 200, sale_id = 'S' }, { amount = 100, sale_id = 'S' },"
            " { amount = -60, return_of = 'S' }",
            40,
        ),
        ("sale", "{ amount = -200, sale_id = 'S' }, { amount = -100, sale_id = 'S' }", -50),
        ("period", "{ amount = 200 }, { amount = 100 }", 50),
    ],
)
def test_marginal_tiers(scope: str, sales: str, expect: int) -> None:
    assert discount(f'tier_scope = "{scope}"\n{MARGINAL}', sales, expect) == []


def test_a_sale_of_two_reps_shares_its_slices_in_proportion() -> None:
    """300 earn 50, of which 200 earned 33.333… and 100 earned 16.666…, rounded."""
    sales = (
        "{ amount = 200, rep_id = 'A', sale_id = 'S' },"
        " { amount = 100, payee = 'B', sale_id = 'S' }"
    )
    reward = f'[reward]\ntier_scope = "sale"\n{MARGINAL}'
    example = f"sales = [{sales}]\nexpect = {{ A = 33.33, B = 16.67 }}"
    assert problems(f'payee = "rep"\n{reward}', example, kind="discount") == []


def test_tiers_over_the_period_add_up_all_lines() -> None:
    reward = "tier_scope = 'period'\n" + LINES
    assert discount(reward, "{ amount = 600 }, { amount = 500 }, { amount = -50 }", 54) == []


def test_different_customers_take_different_rewards_line_by_line() -> None:
    reward = (
        "[[reward]]\nwhen = { 'customer.segment' = 'public' }\ntiers_by = 'quantity'\n"
        "pays_on = 'list'\ntiers = [{ from = 0, rate = 0.01 }, { from = 10, rate = 0.05 }]\n"
        "[[reward]]\nwhen = { 'customer.segment' = 'private', 'sale.amount' = { min = 50 } }\n"
        "rate = 0.02"
    )
    sales = (
        "{ quantity = 10, amount = 90, 'customer.segment' = 'public', 'product.list_price' = 10 },"
        " { amount = 100, 'customer.segment' = 'private', sale_id = 'S' },"
        " { amount = -30, 'customer.segment' = 'public', return_of = 'S' },"
        " { amount = 49, 'customer.segment' = 'private' },"
        " { amount = 100, 'customer.segment' = 'school' }"
    )
    # 100 x 5 %, (100 - 30) x 2 % (the return follows its line), nothing, nothing
    assert discount(reward, sales, 6.4) == []


def test_lines_in_one_sale_that_take_different_rewards_have_tiers_apart() -> None:
    tiers = "tier_scope = 'sale'\ntiers = [{ from = 0, rate = 0 }, { from = 100, rate = 0.1 }]"
    reward = (
        f"[[reward]]\nwhen = {{ 'product.category' = 'switch' }}\n{tiers}\n"
        f"[[reward]]\nwhen = {{ 'product.category' = 'cable' }}\n{tiers}"
    )
    sales = (
        "{ amount = 100, sale_id = 'S', 'product.category' = 'switch' },"
        " { amount = 99, sale_id = 'S', 'product.category' = 'cable' }"
    )
    assert discount(reward, sales, 10) == []


def test_a_sale_of_many_products() -> None:
    reward = (
        "tier_scope = 'sale'\ntiers_by = 'products'\ntiers = [{ from = 2, rate = 0.1, bonus = 5 }]"
    )
    sales = (
        "{ amount = 10, sale_id = 'S', product_id = 'X' },"
        " { amount = 20, sale_id = 'S', product_id = 'Y' },"
        " { amount = 40, sale_id = 'T', product_id = 'Y' },"
        " { amount = 40, sale_id = 'T', product_id = 'Y' }"
    )
    assert discount(reward, sales, 8) == []


def test_per_product_pays_a_unit() -> None:
    sales = "{ product_id = 'X', quantity = 4 }, { product_id = 'Y', quantity = 4 }"
    assert discount("per_product = { X = 2.5 }", sales, 10) == []


def test_a_gate_holds_back_all_lines() -> None:
    gate = '[gate]\nmetric = "quantity"\nat_least = 10'
    sales = "{ quantity = 9, amount = 100 }, { quantity = 10, amount = 100, payee = 'B' }"
    assert discount("rate = 0.1", sales, "{ A = 0, B = 10 }", gate) == []


def test_boosts_and_a_budget_served_first_come() -> None:
    more = (
        "[[boost]]\nwhen = { 'partner.tier' = 'gold' }\nfactor = 2\n"
        "[limits]\nbudget = 25\nover_budget = 'first_come'"
    )
    sales = (
        "{ amount = 100, 'partner.tier' = 'gold', sold_on = 2026-07-02 },"
        " { amount = 100, payee = 'B', sold_on = 2026-07-03 },"
        " { amount = 100, payee = 'C', sold_on = 2026-07-01 }"
    )
    assert discount("rate = 0.1", sales, "{ A = 15, B = 0, C = 10 }", more) == []
