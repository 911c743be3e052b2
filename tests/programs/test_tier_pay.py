"""What tiers pay for a value, worked by hand; checks and descriptions show these figures."""

from decimal import Decimal

import pytest

from incentivectl.programs.reward import Reward
from incentivectl.programs.tier_pay import follows_from_metric, tier_pay

TIERS = [
    {"from": 0, "rate": Decimal("0.01")},
    {"from": 1000, "rate": Decimal("0.03")},
    {"from": 5000, "rate": Decimal("0.05"), "bonus": 40},
]
BY_UNIT = [{"from": 10, "per_unit": 2}, {"from": 20, "per_unit": Decimal("2.5")}]


def reward(**keys: object) -> Reward:
    return Reward.model_validate(keys, by_alias=True)


@pytest.mark.parametrize(
    ("tier", "value", "pays"),
    [(0, "999.99", "9.9999"), (1, "1000", "30"), (2, "5000", "290"), (0, "-50", "-0.5")],
)
def test_a_retroactive_tier_pays_on_everything(tier: int, value: str, pays: str) -> None:
    """5,000 at 5 % is 250, with the bonus 290."""
    assert tier_pay(reward(tiers=TIERS), tier, Decimal(value)) == Decimal(pays)


@pytest.mark.parametrize(
    ("tier", "value", "pays"), [(0, "800", "8"), (1, "2000", "40"), (2, "6000", "220")]
)
def test_marginal_tiers_pay_each_slice(tier: int, value: str, pays: str) -> None:
    """6,000: 1,000 at 1 % is 10, 4,000 at 3 % is 120, 1,000 at 5 % is 50, and the bonus of 40."""
    marginal = reward(tier_mode="marginal", tiers=TIERS)
    assert tier_pay(marginal, tier, Decimal(value)) == Decimal(pays)


def test_units_are_paid_by_units() -> None:
    """25 units at 2.50."""
    by_unit = reward(tiers_by="quantity", tiers=BY_UNIT)
    assert tier_pay(by_unit, 1, Decimal(25)) == Decimal("62.5")
    assert follows_from_metric(by_unit, by_unit.tiers)


def test_a_bonus_needs_more_than_nothing() -> None:
    """A tier from 0 is reached with nothing sold, and its bonus is not paid."""
    from_zero = reward(tiers=[{"from": 0, "bonus": 100}])
    assert tier_pay(from_zero, 0, Decimal(0)) == 0
    assert tier_pay(from_zero, 0, Decimal("0.01")) == 100


@pytest.mark.parametrize(
    "keys",
    [
        {"tiers": [{"from": 0, "per_unit": 1}]},
        {"tiers_by": "quantity", "tiers": [{"from": 0, "rate": Decimal("0.01")}]},
        {"pays_on": "list", "tiers": TIERS},
        {"tiers_by": "growth", "tiers": TIERS},
    ],
)
def test_pay_that_needs_more_than_the_metric(keys: dict[str, object]) -> None:
    other = reward(**keys)
    assert not follows_from_metric(other, other.tiers)
