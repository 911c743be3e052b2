"""`[[example]]`s of programs with terms, windows and shares: what a line leaves out is missing there."""

from pathlib import Path

import pytest

from incentivectl.core.calendar import ORDINARY
from incentivectl.engine.examples import check_examples
from tests.programs.writing import rebate, sound
from tests.rules.test_worked_numbers import lines, problems

CONTRACTS = """\
contract,partner.partner_id,valid_from,valid_until,from,rate,bonus
K-1,P07,2026-01-01,,0,1%,
K-1,P07,2026-01-01,,100000,2%,2500
K-2,P12,,2026-08-31,,1.5%,
,,,,,0.5%,
"""
BY_CATEGORY = """\
partner.partner_id,product.category,rate
P07,switch,2%
P07,,1%
,switch,0.5%
"""


def of_terms(folder: Path, terms: str, example: str, *keys: str) -> list[str]:
    """What is wrong with the one example of a rebate that pays by `terms`."""
    (folder / "contracts.csv").write_text(terms)
    reward = "\n".join(["[reward]", 'terms = "contracts.csv"', *keys])
    text = rebate(reward=f'{reward}\n[[example]]\nname = "e"\n{example}\n')
    return [one.message for one in check_examples([sound(text, folder)], "USD", ORDINARY)]


@pytest.mark.parametrize(
    ("sale", "pays"),
    [
        pytest.param('payee = "P07", amount = 150_000', "P07 = 5_500", id="tier-and-bonus"),
        pytest.param('partner_id = "P07", amount = 99_999', "P07 = 999.99", id="below-it"),
        pytest.param('"partner.partner_id" = "P07", amount = 1_000', "A = 10", id="as-a-field"),
        pytest.param("amount = 1_000", "A = 5", id="left-out-is-nobody's-contract"),
        pytest.param(  # the period ends on 30 September, K-2 on 31 August
            'payee = "P12", amount = 1_000', "P12 = 5", id="a-contract-that-has-ended"
        ),
    ],
)  # fmt: skip
def test_contracts_of_payees(tmp_path: Path, sale: str, pays: str) -> None:
    example = f"sales = [{{ {sale} }}]\nexpect = {{ {pays} }}"
    assert of_terms(tmp_path, CONTRACTS, example) == []


@pytest.mark.parametrize(
    ("stated", "pays"),
    [
        pytest.param('payee = "P07", "product.category" = "switch"', "P07 = 20", id="both-keys"),
        pytest.param('partner_id = "P07"', "P07 = 10", id="no-category"),
        pytest.param('"product.category" = "switch"', "A = 5", id="no-partner"),
        pytest.param('payee = "P08", "product.category" = "router"', "", id="no-terms"),
        pytest.param('customer_id = "C1"', "", id="neither"),
    ],
)
def test_terms_of_lines(tmp_path: Path, stated: str, pays: str) -> None:
    example = f"sales = [{{ amount = 1_000, {stated} }}]\nexpect = {{ {pays} }}"
    assert of_terms(tmp_path, BY_CATEGORY, example) == []


def test_a_failing_example_says_that_no_terms_fit(tmp_path: Path) -> None:
    (message,) = of_terms(tmp_path, BY_CATEGORY, lines("1_000") + "\nexpect = 5")
    assert "expected 5, got 0" in message


def test_lines_before_the_program_fill_its_window() -> None:
    """90,000 before July and 60,000 in July: 150,000 reach 2 %, on July's 60,000."""
    tiers = 'tiers = [{ from = 0, rate = "1%" }, { from = 150_000, rate = "2%" }]'
    reward = f"[reward]\ntiers_months = 12\n{tiers}"
    for day, pays in (("2025-10-01", "1_200"), ("2025-09-30", "600")):  # September ends the window
        sales = f"sales = [{{ sold_on = {day}, amount = 90_000 }}, {{ amount = 60_000 }}]"
        assert problems(reward, f"{sales}\nexpect = {pays}") == []


def test_a_line_without_a_category_is_no_part_of_a_share() -> None:
    gate = '[[gate]]\nshare_of = { "product.category" = "security" }\nat_least = "20%"\n'
    stated = '{ amount = 20, "product.category" = "security" }'
    for sales, pays in ((f"{stated}, {{ amount = 80 }}", "1"), ("{ amount = 100 }", "0")):
        example = f"sales = [{sales}]\nexpect = {pays}"
        assert problems(f'{gate}[reward]\nrate = "1%"', example) == []
