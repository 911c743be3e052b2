"""Contests: ranks, ties, minimum, gates, prizes in whole minor units."""

from decimal import Decimal

import pytest

from incentivectl.kinds.contest.rules import shared_prizes
from tests.rules.test_worked_numbers import problems

PRIZES = "prizes = [5_000, 2_500, 1_000]"


def contest(sales: dict[str, str], expect: str, reward: str = "", more: str = "") -> list[str]:
    """Problems of a contest in which each payee sells a line of so much."""
    rows = ", ".join(f"{{ payee = '{who}', amount = {amount} }}" for who, amount in sales.items())
    body = f"[reward]\n{PRIZES if 'prizes' not in reward else ''}\n{reward}\n{more}"
    return problems(body, f"sales = [{rows}]\nexpect = {{ {expect} }}", kind="contest")


@pytest.mark.parametrize(
    ("sales", "expect"),
    [
        ("A 300 B 200 C 100", "A = 5_000, B = 2_500, C = 1_000"),
        # two tied first share the first two prizes; who comes next is third
        ("A 300 B 300 C 100", "A = 3_750, B = 3_750, C = 1_000"),
        ("A 300 B 200 C 200 D 100", "A = 5_000, B = 1_750, C = 1_750, D = 0"),
        ("A 300 B 200 C 100 D 100", "A = 5_000, B = 2_500, C = 500, D = 500"),
        # three share 8,500; what does not come out even goes by id
        ("A 1 B 1 C 1", "A = 2_833.34, B = 2_833.33, C = 2_833.33"),
        ("A 300 B 0 C -100", "A = 5_000, B = 0, C = 0"),
    ],
)
def test_prizes_by_rank(sales: str, expect: str) -> None:
    words = sales.split()
    assert contest(dict(zip(words[::2], words[1::2], strict=True)), expect) == []


def test_who_is_below_the_minimum_takes_no_place() -> None:
    sales = {"A": "1_000", "B": "999.99", "C": "1_000.01"}
    assert contest(sales, "A = 2_500, B = 0, C = 5_000", "minimum = 1_000") == []


def test_a_minimum_may_be_below_zero() -> None:
    assert contest({"A": "-5", "B": "-11"}, "A = 5_000, B = 0", "minimum = -10") == []


def test_who_does_not_reach_the_gate_takes_no_place() -> None:
    gate = '[gate]\nmetric = "revenue"\nat_least = 150'
    assert contest({"A": "100", "B": "200"}, "A = 0, B = 5_000", more=gate) == []


def test_a_contest_by_quantity() -> None:
    sales = (
        "sales = [{ quantity = 3, amount = 1 }, { quantity = 2, amount = 500, payee = 'B' },"
        " { quantity = 2, amount = 500, payee = 'B' }]"
    )
    body = f'[reward]\nrank_by = "quantity"\n{PRIZES}'
    assert problems(body, f"{sales}\nexpect = {{ A = 2_500, B = 5_000 }}", kind="contest") == []


def test_a_contest_by_growth_needs_a_baseline() -> None:
    body = f'[reward]\nrank_by = "growth"\n{PRIZES}\n[baseline]\nif_missing = "full"'
    sales = (
        "sales = [{ amount = 120 }, { amount = 900, payee = 'B' }, { amount = 90, payee = 'C' }]"
    )
    example = (
        f"{sales}\nbaseline = {{ A = 100, C = 60 }}\nexpect = {{ A = 2_500, B = 0, C = 5_000 }}"
    )
    assert problems(body, example, kind="contest") == []


def test_payees_of_different_rewards_are_ranked_apart() -> None:
    body = (
        "[[reward]]\nwhen = { 'partner.tier' = 'gold' }\nprizes = [100, 50]\n"
        "[[reward]]\nwhen = { 'partner.tier' = { not = 'bronze' } }\nprizes = [10]"
    )
    sales = (
        "sales = [{ amount = 5, 'partner.tier' = 'gold' },"
        " { amount = 3, payee = 'B', 'partner.tier' = 'gold' },"
        " { amount = 4, payee = 'C', 'partner.tier' = 'silver' },"
        " { amount = 9, payee = 'D', 'partner.tier' = 'bronze' }]"
    )
    expect = "expect = { A = 100, B = 50, C = 10, D = 0 }"
    assert problems(body, f"{sales}\n{expect}", kind="contest") == []


def test_boosts_and_caps_apply_to_the_shared_prizes() -> None:
    body = (
        "[reward]\nprizes = [100, 50]\n[[boost]]\nwhen = { 'partner.tier' = 'gold' }\nfactor = 1.5\n"
        "[limits]\nper_payee = 80"
    )
    sales = (
        "sales = [{ amount = 5, 'partner.tier' = 'gold' }, { amount = 5, payee = 'B' },"
        " { amount = 1, payee = 'C' }]"
    )
    assert problems(body, f"{sales}\nexpect = {{ A = 80, B = 75, C = 0 }}", kind="contest") == []


def test_a_pot_is_rounded_half_up_and_split_without_a_rest() -> None:
    standing = [(Decimal(7), "C"), (Decimal(7), "A"), (Decimal(9), "B")]
    won = dict(shared_prizes([Decimal("0.5"), Decimal(100), Decimal("0.5")], standing, 0))
    assert won == {"B": Decimal(1), "A": Decimal(51), "C": Decimal(50)}
