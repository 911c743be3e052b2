"""What the last unit before a retroactive tier pays, and the first in it."""

from incentivectl.core.errors import Problem
from tests.programs.writing import checked, line_of, rebate, told


def warnings(tiers: str, *sections: str, currency: str = "USD") -> list[Problem]:
    return checked(rebate(*sections, reward=f"[reward]\n{tiers}\n"), currency=currency)


STEPS = 'tiers = [{ from = 0, rate = "1%" },\n{ from = 250_000, rate = "2%" }]'


def test_a_jump_up_says_both_sides() -> None:
    problem = told(warnings(STEPS), "reward-jumps")
    assert problem.message.endswith("249,999.99 pays 2,500.00, 250,000.00 pays 5,000.00")
    assert (problem.line, problem.severity, problem.hint) == (8, "warning", "")


def test_a_unit_is_the_currency_s() -> None:
    yen = told(warnings(STEPS, currency="JPY"), "reward-jumps")
    assert yen.message.endswith("249,999 pays 2,500, 250,000 pays 5,000")
    dinar = told(warnings(STEPS, 'currency = "KWD"'), "reward-jumps")
    assert dinar.message.endswith("249,999.999 pays 2,500.000, 250,000.000 pays 5,000.000")


def test_a_drop_asks_whether_it_is_meant() -> None:
    tiers = 'tiers = [{ from = 0, rate = "3%" },\n{ from = 500, rate = "1%", bonus = 2 }]'
    problem = told(warnings(tiers), "reward-drops")
    assert problem.message.endswith("499.99 pays 15.00, 500.00 pays 7.00")
    assert "is that intended?" in problem.hint


def test_units() -> None:
    tiers = (
        'tiers_by = "quantity"\ntiers = [{ from = 0, per_unit = 1 }, { from = 10, per_unit = 2 }]'
    )
    problem = told(warnings(tiers), "reward-jumps")
    assert problem.message.endswith("9 pays 9.00, 10 pays 20.00")


def test_no_cliff() -> None:
    marginal = 'tier_mode = "marginal"\n' + STEPS
    same = "tiers = [{ from = 0, rate = 0.1 }, { from = 5, rate = 0.1 }]"
    from_nothing = 'tiers = [{ from = 100, rate = "1%" }]'
    assert warnings(marginal) == warnings(same) == warnings(from_nothing) == []


def test_no_cliff_above_the_cap() -> None:
    assert warnings(STEPS, "[limits]\nper_payee = 2000") == []


def test_where_no_figure_follows_a_drop_is_still_seen() -> None:
    text = 'tiers_by = "customers"\ntiers = [{ from = 0, rate = "2%" },\n{ from = 5, rate = "1%" }]'
    problem = told(warnings(text), "reward-drops")
    assert "from 5 on" in problem.message
    assert problem.line == line_of(rebate(reward=f"[reward]\n{text}\n"), "{ from = 5")
    assert warnings(text.replace('"1%"', '"3%"')) == []
