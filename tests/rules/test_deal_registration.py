"""Deal registration: coverage, choice, conflicts, the registered cap and the bonus, worked by hand."""

import tomllib
from decimal import Decimal

import pytest

from incentivectl.core.calendar import ORDINARY
from incentivectl.engine.examples import check_examples
from incentivectl.kinds.catalogue import KINDS

HEAD = """
id = "deals"
name = "Deals"
kind = "deal_registration"
starts = 2026-07-01
ends = 2026-09-30
period = "{period}"
"""


def problems(body: str, example: str, *, period: str = "quarter") -> list[str]:
    text = f'{HEAD.format(period=period)}{body}\n[[example]]\nname = "e"\n{example}\n'
    program = KINDS["deal_registration"].model.model_validate(
        tomllib.loads(text, parse_float=Decimal)
    )
    return [f"{one.message} | {one.hint}" for one in check_examples([program], "USD", ORDINARY)]


def rows(key: str, *listed: str) -> str:
    return f"{key} = [" + ", ".join(f"{{ {row} }}" for row in listed) + "]\n"


FIVE = '[reward]\nrate = "5%"'


def test_seventy_units_inside_the_window_pay_and_forty_two_days_after_it_do_not() -> None:
    """70 x 50 = 3,500 at 5 % is 175; the window ends on 28 September, 90 days after 30 June."""
    example = (
        rows(
            "sales",
            "quantity = 70, unit_price = 50, sold_on = 2026-08-15",
            "quantity = 40, unit_price = 50, sold_on = 2026-09-30",
        )
        + rows("deals", "approved_on = 2026-06-30")
        + "expect = 175"
    )
    assert problems(FIVE, example) == []


@pytest.mark.parametrize(
    ("deal", "pays"),
    [
        ("approved_on = 2026-08-15", True),
        ("approved_on = 2026-08-16", False),
        ("expires_on = 2026-08-15", True),
        ("expires_on = 2026-08-14", False),
        ("approved_on = 2026-05-17", True),  # the 90th day is 15 August
        ("approved_on = 2026-05-16", False),
        ("status = 'won'", True),
        ("status = 'submitted'", False),
        ("status = 'lost'", False),
        ("status = 'rejected'", False),
        ("status = 'withdrawn'", False),
        ("partner_id = 'B'", False),
        ("customer_id = 'C-2'", False),
        ("product_id = 'P-1'", True),
        ("product_id = 'P-2'", False),
        ("category = 'switch'", True),
        ("category = 'router'", False),
        ("product_id = 'P-1', category = 'router'", False),
    ],
)
def test_what_a_deal_covers(deal: str, pays: bool) -> None:
    sale = (
        "amount = 1_000, sold_on = 2026-08-15, customer_id = 'C-1', product_id = 'P-1',"
        " 'product.category' = 'switch'"
    )
    example = rows("sales", sale) + rows("deals", deal) + f"expect = {50 if pays else 0}"
    assert problems(FIVE, example) == []


def test_a_line_without_a_deal_says_so() -> None:
    example = rows("sales", "amount = 100, customer_id = 'C-1'")
    (text,) = problems(FIVE, example + rows("deals", "customer_id = 'C-2'") + "expect = 5")
    assert "1 line does not count: no-deal" in text


def test_a_line_that_names_a_deal_is_covered_by_that_one_only() -> None:
    """D-1 is over when the line is sold, so that D-2 may not take its place."""
    deals = rows("deals", "deal_id = 'D-1', expires_on = 2026-07-31", "deal_id = 'D-2'")
    sale = "amount = 100, sold_on = 2026-08-01"
    assert problems(FIVE, rows("sales", f"{sale}, deal_id = 'D-1'") + deals + "expect = 0") == []
    assert problems(FIVE, rows("sales", f"{sale}, deal_id = 'D-2'") + deals + "expect = 5") == []
    assert problems(FIVE, rows("sales", sale) + deals + "expect = 5") == []


LOSER = '[registration]\nloser_share = "40%"\n[reward]\nrate = "5%"\nbonus = 10'


@pytest.mark.parametrize(
    ("deals", "expect"),
    [
        # same customer, everything, same days: A registered earlier
        (("registered_on = 2026-06-01", "registered_on = 2026-06-02"), "{ A = 60, B = 24 }"),
        # on one day the id decides
        (("deal_id = 'D-2'", "deal_id = 'D-1'"), "{ A = 24, B = 60 }"),
        # a deal for one product overlaps with one for its category, or for everything
        (("product_id = 'P-1', deal_id = 'X'", ""), "{ A = 24, B = 60 }"),
        # different products do not overlap
        (("product_id = 'P-1'", "product_id = 'P-2'"), "{ A = 60, B = 60 }"),
        # windows that only touch in time are no conflict
        (("expires_on = 2026-07-31", "approved_on = 2026-08-01"), "{ A = 60, B = 60 }"),
        (("expires_on = 2026-08-01", "approved_on = 2026-08-01"), "{ A = 60, B = 24 }"),
        # what was never approved is in conflict with nobody
        (("registered_on = 2026-06-02", "status = 'lost'"), "{ A = 60, B = 0 }"),
    ],
)
def test_conflicts(deals: tuple[str, str], expect: str) -> None:
    """1,000 at 5 % and a bonus of 10 are 60; a losing deal pays 40 % of that, 24."""
    line = "amount = 1_000, customer_id = 'C'"
    product_of_b = "P-2" if "P-2" in deals[1] else "P-1"
    example = (
        rows(
            "sales",
            f"{line}, product_id = 'P-1'",
            f"{line}, product_id = '{product_of_b}', payee = 'B', sold_on = 2026-08-02",
        )
        + rows(
            "deals",
            ", ".join(part for part in ("customer_id = 'C'", deals[0]) if part),
            ", ".join(part for part in ("customer_id = 'C', payee = 'B'", deals[1]) if part),
        )
        + f"expect = {expect}"
    )
    assert problems(LOSER, example) == []


def test_a_deal_that_loses_itself_still_wins_against_a_later_one() -> None:
    """A loses nothing, B loses to A, C only overlaps with B and loses to it."""
    example = (
        rows(
            "sales",
            "amount = 1_000, customer_id = 'C', product_id = 'P-1'",
            "amount = 1_000, customer_id = 'C', product_id = 'P-1', payee = 'B'",
            "amount = 1_000, customer_id = 'C', product_id = 'P-2', payee = 'C'",
        )
        + rows(
            "deals",
            "customer_id = 'C', product_id = 'P-1', registered_on = 2026-06-01",
            "customer_id = 'C', payee = 'B', registered_on = 2026-06-02",
            "customer_id = 'C', payee = 'C', product_id = 'P-2', registered_on = 2026-06-03",
        )
        + "expect = { A = 60, B = 24, C = 24 }"
    )
    assert problems(LOSER, example) == []


def test_the_choice_among_own_deals_ignores_losing() -> None:
    """A's earliest approved deal covers the line although it loses to B's and the other would not."""
    example = (
        rows("sales", "amount = 1_000, customer_id = 'C', product_id = 'P-1', sold_on = 2026-08-15")
        + rows(
            "deals",
            "customer_id = 'C', registered_on = 2026-06-10, approved_on = 2026-07-01",
            "customer_id = 'C', registered_on = 2026-06-01, approved_on = 2026-08-10",
            "customer_id = 'C', payee = 'B', registered_on = 2026-06-05, expires_on = 2026-07-15",
        )
        + "expect = { A = 24, B = 0 }"
    )
    assert problems(LOSER, example) == []


CAPPED = '[registration]\ncap = "registered"\n[reward]\nrate = "10%"\nper_unit = 1'


def test_the_cap_counts_lines_in_order_and_the_last_one_in_part() -> None:
    """1,000 registered: 600 in full, of the next 600 only 400, so 4 of its 6 units; then nothing."""
    sales = rows(
        "sales",
        "amount = 600, quantity = 6, sold_on = 2026-07-10",
        "amount = 600, quantity = 6, sold_on = 2026-07-11",
        "amount = 600, quantity = 6, sold_on = 2026-07-12",
    )
    # 400 / 600 is 0.666666666667 (12 decimals), and 6 times that 4.000000000002
    assert problems(CAPPED, sales + rows("deals", "amount = 1_000") + "expect = 110") == []
    assert problems(CAPPED, sales + rows("deals", "") + "expect = 198") == []


def test_a_return_gives_its_room_to_the_lines_after_it() -> None:
    """Of 1,000: 800 count, the return right after its line takes 300 back, then all of 500 fit."""
    sales = rows(
        "sales",
        "sale_id = 'S-1', amount = 800, quantity = 8, sold_on = 2026-07-10",
        "amount = 500, quantity = 5, sold_on = 2026-07-11",
        "return_of = 'S-1', amount = -300, quantity = -3, sold_on = 2026-08-20",
    )
    assert problems(CAPPED, sales + rows("deals", "amount = 1_000") + "expect = 110") == []


def test_a_return_takes_back_no_more_than_was_counted_of_its_sale() -> None:
    """800 fill the deal but for 200: of S-2 these 200 count, and its return takes just them back."""
    sales = rows(
        "sales",
        "sale_id = 'S-1', amount = 800, quantity = 8, sold_on = 2026-07-10",
        "sale_id = 'S-2', amount = 500, quantity = 5, sold_on = 2026-07-11",
        "return_of = 'S-2', amount = -500, quantity = -5, sold_on = 2026-07-15",
        "sale_id = 'S-3', amount = 200, quantity = 2, sold_on = 2026-07-20",
    )
    assert problems(CAPPED, sales + rows("deals", "amount = 1_000") + "expect = 110") == []


BONUS = "[reward]\nbonus = 100"


def test_the_bonus_is_paid_once_in_the_period_of_the_first_covered_sale() -> None:
    sales = rows("sales", "amount = 10, sold_on = 2026-07-10", "amount = 10, sold_on = 2026-08-10")
    assert problems(BONUS, sales + "expect = 100", period="month") == []
    two_deals = rows("deals", "expires_on = 2026-07-31", "approved_on = 2026-08-01")
    assert problems(BONUS, sales + two_deals + "expect = 200", period="month") == []


def test_no_bonus_where_the_first_period_of_a_deal_comes_to_nothing() -> None:
    """In July the deal comes to 0, and August is not the period of its first sale."""
    sales = rows(
        "sales",
        "sale_id = 'S', amount = 10, sold_on = 2026-07-10",
        "return_of = 'S', amount = -10, sold_on = 2026-08-05",
        "amount = 10, sold_on = 2026-08-10",
    )
    assert problems(BONUS, sales + "expect = 0", period="month") == []
    assert problems(BONUS, sales + "expect = 100", period="quarter") == []


def test_a_gate_and_when_apply_to_what_deals_cover() -> None:
    """Only covered lines count towards the gate: 900 are below 1,000."""
    sales = rows(
        "sales", "amount = 900, customer_id = 'C'", "amount = 900, customer_id = 'not registered'"
    )
    deals = rows("deals", "customer_id = 'C'")
    gate = '[gate]\nmetric = "revenue"\nat_least = 1_000'
    assert problems(f"{FIVE}\n{gate}", sales + deals + "expect = 0") == []
    assert problems(FIVE, sales + deals + "expect = 45") == []


def test_each_payee_takes_the_reward_whose_conditions_hold() -> None:
    body = (
        '[[reward]]\nwhen = { "partner.tier" = "gold" }\nrate = "5%"\nbonus = 50\n'
        '[[reward]]\nwhen = { "partner.tier" = { not = "bronze" } }\nrate = "2%"\n'
    )
    sales = rows(
        "sales",
        "amount = 100, 'partner.tier' = 'gold'",
        "amount = 100, 'partner.tier' = 'silver', payee = 'B'",
        "amount = 100, 'partner.tier' = 'bronze', payee = 'C'",
    )
    assert problems(body, sales + "expect = { A = 55, B = 2, C = 0 }") == []


def test_reps_earn_on_the_deals_of_their_partner() -> None:
    sales = rows("sales", "amount = 100, payee = 'R1'", "amount = 200, payee = 'R2'")
    deals = rows("deals", "")
    assert problems(f'payee = "rep"\n{FIVE}', sales + deals + "expect = { R1 = 5, R2 = 10 }") == []
