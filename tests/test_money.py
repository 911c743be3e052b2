"""Money: Polars' traps, each shown and then avoided; rounding and splitting against plain Python."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentivectl.core import money

AMOUNTS = st.decimals(
    min_value=Decimal("-999999999999"), max_value=Decimal("999999999999"), places=6
)
RATES = st.decimals(min_value=Decimal(0), max_value=Decimal(4), places=6)


def column(*values: str | Decimal, scale: int = 6) -> pl.DataFrame:
    return pl.DataFrame(
        {"x": [Decimal(value) for value in values]}, schema={"x": pl.Decimal(38, scale)}
    )


def half_up(exact: Fraction, digits: int) -> Fraction:
    """Ties away from zero, with whole numbers only."""
    scaled = abs(exact) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if exact >= 0 else -whole, 10**digits)


def test_polars_rounds_half_even_inside_a_multiplication_and_we_do_not() -> None:
    amount = pl.DataFrame({"x": [Decimal("100.19")]}, schema={"x": pl.Decimal(38, 2)})
    rate = pl.lit(Decimal("0.025"), dtype=pl.Decimal(38, 3))
    naive = amount.select(pl.col("x") * rate).item()
    assert naive.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("2.51")  # the trap
    exact = column("100.19").select(
        money.multiply(pl.col("x"), money.literal(Decimal("0.025")), scales=(6, 6))
    )
    assert exact.item() == Decimal("2.50475")
    assert exact.select(money.round_half_up(pl.col("x"), 2)).item() == Decimal("2.50")


def test_at_scale_12_two_factors_lose_digits_and_at_24_they_do_not() -> None:
    x = column("100.123457")
    first = money.multiply(pl.col("x"), money.literal(Decimal("0.333333")), scales=(6, 6))
    second = money.multiply(first, money.literal(Decimal("0.033333")), scales=(12, 6))
    third = money.multiply(second, money.literal(Decimal("1.000001")), scales=(18, 6))
    expected = Decimal("100.123457") * Decimal("0.333333") * Decimal("0.033333")
    assert x.select(second).item() == expected
    assert x.select(third).item() == expected * Decimal("1.000001")


def test_the_contract_s_largest_amounts_fit() -> None:
    """14 integer digits (ten thousand of the largest lines) with 24 decimals."""
    x = pl.DataFrame({"x": [Decimal("99999999999999.999999")]}, schema={"x": money.SHARED})
    reward = money.multiply(pl.col("x"), money.literal(Decimal("0.999999")), scales=(12, 6))
    boosted = money.multiply(reward, money.literal(Decimal("0.999999")), scales=(18, 6))
    exact = Fraction("99999999999999.999999") * Fraction("0.999999") ** 2
    assert Fraction(x.select(boosted).item()) == exact


def test_what_does_not_fit_is_an_error_and_not_a_wrong_number() -> None:
    x = column("999999999999.999999", scale=18)
    with pytest.raises(pl.exceptions.InvalidOperationError, match="conversion"):
        x.select(pl.col("x").cast(pl.Decimal(38, 30)))


def test_rounding_is_half_away_from_zero() -> None:
    x = column("2.505", "-2.505", "2.515", "0.005", "-0.005", "2.504999")
    assert x.select(money.round_half_up(pl.col("x"), 2)).to_series().to_list() == [
        Decimal(text) for text in ("2.51", "-2.51", "2.52", "0.01", "-0.01", "2.50")
    ]


@pytest.mark.parametrize(
    ("currency", "digits"), [("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("CLF", 4)]
)
def test_minor_units_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert money.minor_digits(currency) == digits


@given(st.lists(st.tuples(AMOUNTS, RATES), min_size=1, max_size=20))
def test_products_are_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    frame = pl.DataFrame(pairs, schema={"a": money.AMOUNT, "r": money.AMOUNT}, orient="row")
    products = frame.select(money.multiply(pl.col("a"), pl.col("r"), scales=(6, 6)))
    for (amount, rate), product in zip(pairs, products.to_series(), strict=True):
        assert Fraction(product) == Fraction(amount) * Fraction(rate)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS.filter(bool)), min_size=1, max_size=20))
def test_quotients_are_rounded_half_up_once(pairs: list[tuple[Decimal, Decimal]]) -> None:
    frame = pl.DataFrame(pairs, schema={"n": money.AMOUNT, "d": money.AMOUNT}, orient="row")
    quotients = frame.select(
        money.divide(pl.col("n"), pl.col("d"), scales=(6, 6), digits=12)
    ).to_series()
    for (top, bottom), quotient in zip(pairs, quotients, strict=True):
        assert Fraction(quotient) == half_up(Fraction(top) / Fraction(bottom), 12)


def test_a_quotient_by_zero_is_missing() -> None:
    frame = column("1").with_columns(zero=money.literal(0))
    quotient = money.divide(pl.col("x"), pl.col("zero"), scales=(6, 6), digits=12)
    assert frame.select(quotient).item() is None


def test_a_hundred_shared_by_three() -> None:
    assert money.largest_remainder(10_000, [1, 1, 1], ["A", "B", "C"]) == [3334, 3333, 3333]


def test_ties_of_the_remainder_go_by_payee_id() -> None:
    assert money.largest_remainder(10_000, [1, 1, 1], ["C", "B", "A"]) == [3333, 3333, 3334]


@given(
    st.integers(min_value=0, max_value=10**9),
    st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=30),
)
def test_parts_add_up_and_are_within_one_unit_of_their_share(
    total: int, weights: list[int]
) -> None:
    parts = money.largest_remainder(total, weights, [f"{i:02}" for i in range(len(weights))])
    if sum(weights) == 0:
        assert parts == [0] * len(weights)
        return
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@pytest.mark.parametrize(
    ("value", "text"),
    [("2.50", "2.5"), ("100.000000", "100"), ("-0.05", "-0.05"), ("0E-6", "0"), ("1E+3", "1000")],
)
def test_plain_text_has_no_trailing_zeros(value: str, text: str) -> None:
    assert money.plain(Decimal(value)) == text
    assert column(Decimal(value)).select(money.plain_text(pl.col("x"))).item() == text


def test_a_quotient_of_decimals_is_rounded_once() -> None:
    """0.125 is 0.13; 0.12499… is 0.12, though 12 decimals would make 0.125 of it."""
    assert money.quotient(Decimal(1), Decimal(8), 2) == Decimal("0.13")
    assert money.quotient(Decimal(-1), Decimal(8), 2) == Decimal("-0.13")
    assert money.quotient(Decimal("0.1249999999999999"), Decimal(1), 2) == Decimal("0.12")
    assert money.quotient(Decimal(2), Decimal(3), 6) == Decimal("0.666667")
    assert money.quotient(Decimal(1), Decimal(0)) is None


def test_growth_needs_something_to_grow_from() -> None:
    assert money.growth(Decimal(150), Decimal(120)) == Decimal("0.25")
    assert money.growth(Decimal(0), Decimal(120)) == Decimal(-1)
    assert money.growth(Decimal(150), Decimal(0)) is None
    assert money.growth(Decimal(150), Decimal(-1)) is None
    assert money.growth(None, Decimal(1)) is None
