"""What an amount of another currency stands in the books for, worked by hand (docs/ledger.md, 101.6)."""

from decimal import Decimal

import pytest

from incentivectl.core.rates import RatesOfDay
from incentivectl.ledger.journal.values import Held, Home


def held(amount: str, worth: str | None) -> Held:
    return Held(Decimal(amount), None if worth is None else Decimal(worth))


@pytest.mark.parametrize(
    ("before", "change", "worth", "after"),
    [
        (held("0", "0"), "100", "90", held("100", "90")),
        (held("100", "90"), "50", "60", held("150", "150")),  # 0.9 and 1.2: 1.0 on average
        (held("150", "150"), "-60", "-66", held("90", "90")),  # whatever the day's rate is
        (held("3", "1"), "-1", "-5", held("2", "0.67")),
        (held("90", "90"), "-100", "-110", held("-10", "-11")),  # beyond nothing: the day's rate
        (held("-10", "-11"), "-5", "-5", held("-15", "-16")),
        (held("-15", "-16"), "15", "99", held("0", "0")),
        (held("100", "90"), "-100", None, held("0", "0")),
        (held("100", "90"), "-50", None, held("50", "45")),  # no rate of that day is needed
        (held("100", "90"), "50", None, held("150", None)),
        (held("100", "90"), "-150", None, held("-50", None)),
        (held("150", None), "-50", "-50", held("100", None)),
        (held("150", None), "-150", "-150", held("0", "0")),
    ],
)
def test_what_is_held_after_a_change(
    before: Held, change: str, worth: str | None, after: Held
) -> None:
    valued = None if worth is None else Decimal(worth)
    assert before.after(Decimal(change), valued, 2) == after


def test_worth_is_rounded_half_up_to_the_minor_unit() -> None:
    rates = RatesOfDay("JPY", {"JPY": Decimal(1), "USD": Decimal("151.5"), "EUR": Decimal("160")})
    home = Home("JPY", rates)
    assert home.worth(Decimal("0.01"), "USD") == 2  # 1.515
    assert home.worth(Decimal("-0.03"), "USD") == -5  # -4.545
    assert home.worth(Decimal("7"), "JPY") == 7
    assert home.worth(Decimal("7"), "CHF") is None
    assert Home("USD", rates).worth(Decimal("7"), "EUR") is None  # rates into another currency
    assert Home("USD", None).worth(Decimal("7"), "USD") == 7
