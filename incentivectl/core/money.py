"""The one place that multiplies, divides and rounds money.

Every amount, quantity, rate and share is an exact decimal (docs/rules.md, "Numbers"): a Polars
`Decimal(38, s)` column. Text and files carry at most 6 decimals (`SCALE`) and 12 integer digits, so
the scales below never lose a digit: amount x share 12, x rate 18, x boost 24. Polars raises on
overflow of a decimal, so nothing wraps silently.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

import polars as pl

PRECISION = 38
SCALE = 6  # decimals of an amount, a quantity, a rate, a share, a factor
RATE_SCALE = 12  # decimals of an fx rate and of a quotient
SHARED_SCALE = 12  # amount x share
EARNED_SCALE = 18  # amount x share x rate
REWARD_SCALE = 24  # amount x share x rate x boost

AMOUNT = pl.Decimal(PRECISION, SCALE)
FX_RATE = pl.Decimal(PRECISION, RATE_SCALE)
SHARED = pl.Decimal(PRECISION, SHARED_SCALE)
EARNED = pl.Decimal(PRECISION, EARNED_SCALE)
REWARD = pl.Decimal(PRECISION, REWARD_SCALE)
WHOLE = pl.Decimal(PRECISION, 0)

_EXACT = Context(prec=120)

# Minor units of the currencies that do not have two decimals (ISO 4217, table A.1).
_MINOR_DIGITS = (
    dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    )
    | dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)
    | dict.fromkeys(["CLF", "UYW"], 4)
)


def minor_digits(currency: str) -> int:
    """Decimals of a currency's minor unit (ISO 4217): JPY 0, USD 2, KWD 3."""
    return _MINOR_DIGITS.get(currency, 2)


def from_minor(units: int, currency: str) -> Decimal:
    """Whole minor units as an amount with the currency's decimals: 1050 are USD 10.50, JPY 1050."""
    return Decimal(units).scaleb(-minor_digits(currency), context=_EXACT)


def scale_of(expression: pl.Expr, scale: int) -> pl.Expr:
    """`expression` as an exact decimal of `scale` decimals; the caller knows that none is lost."""
    return expression.cast(pl.Decimal(PRECISION, scale))


def multiply(left: pl.Expr, right: pl.Expr, *, scales: tuple[int, int]) -> pl.Expr:
    """The exact product of two decimals with `scales` decimals: one of the sum of both scales.

    Polars keeps the larger scale and rounds half-even inside a multiplication, so one operand is
    widened to the sum first.
    """
    return scale_of(left, sum(scales)) * right.cast(pl.Decimal(PRECISION, scales[1]))


def round_half_up(expression: pl.Expr, digits: int) -> pl.Expr:
    """Rounded to `digits` decimals, ties away from zero; the scale of the column stays."""
    return expression.round(digits, mode="half_away_from_zero")


def to_amount(expression: pl.Expr) -> pl.Expr:
    """Rounded half up to the 6 decimals of an amount."""
    return scale_of(round_half_up(expression, SCALE), SCALE)


def quantity_times_price(quantity: pl.Expr, price: pl.Expr) -> pl.Expr:
    """Quantity x unit price, rounded half up to 6 decimals (both operands `AMOUNT`)."""
    return to_amount(multiply(quantity, price, scales=(SCALE, SCALE)))


def to_workspace(amount: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """A foreign amount times its fx rate, rounded half up to 6 decimals."""
    return to_amount(multiply(amount, rate, scales=(SCALE, RATE_SCALE)))


def from_workspace(amount: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """A workspace amount divided by a currency's fx rate, rounded half up to 6 decimals."""
    # amount / rate = (amount units * 10^12) / rate units, wanted at 10^-6
    return divide(amount, rate, scales=(SCALE, RATE_SCALE), digits=SCALE)


def divide(
    numerator: pl.Expr, denominator: pl.Expr, *, scales: tuple[int, int], digits: int
) -> pl.Expr:
    """The quotient rounded half up, once, to `digits` decimals; null where the denominator is 0.

    Works on the whole numbers behind the decimals, since decimal division rounds by itself and a
    second rounding could then fall on the wrong side.
    """
    top = scale_of(numerator, scales[0]).to_physical()
    bottom = scale_of(denominator, scales[1]).to_physical()
    shift = digits + scales[1] - scales[0]
    if shift >= 0:
        top = top * _int128(10**shift)
    else:
        bottom = bottom * _int128(10**-shift)
    two = _int128(2)
    size = (top.abs() * two + bottom.abs()) // (bottom.abs() * two)
    signed = size * top.sign() * bottom.sign()
    return pl.when(bottom != 0).then(_as_decimal(signed, digits))


def whole_of(part: pl.Expr, share: pl.Expr) -> pl.Expr:
    """The whole that `part` is a `share` of (18 decimals, above 0), half up to 6 decimals.

    Where the share is 1 it is `part` as it stands. What a part has beyond 12 decimals is rounded first.
    """
    exact = scale_of(round_half_up(part, SHARED_SCALE), SHARED_SCALE)
    whole = divide(exact, share, scales=(SHARED_SCALE, EARNED_SCALE), digits=SCALE)
    return (
        pl.when(share == 1)
        .then(scale_of(part, EARNED_SCALE))
        .otherwise(scale_of(whole, EARNED_SCALE))
    )


def whole_units(value: pl.Expr) -> pl.Expr:
    """A value of 0 or more cut to a whole number (`SHARED`)."""
    return times_whole(value, literal(1), scales=(EARNED_SCALE, SCALE))


def times_whole(value: pl.Expr, size: pl.Expr, *, scales: tuple[int, int]) -> pl.Expr:
    """How many whole times `size` (above 0) goes into `value`, 0 where that is negative (`SHARED`)."""
    top, bottom = (
        scale_of(one, max(scales)).to_physical()
        for one in (value.clip(lower_bound=literal(0, scales[0])), size)
    )
    return scale_of((top // bottom).cast(WHOLE), SHARED_SCALE)


def between(x: pl.Expr, start: tuple[pl.Expr, pl.Expr], end: tuple[pl.Expr, pl.Expr]) -> pl.Expr:
    """The value at `x` on the line from `start` to `end`, each a place and a value (12 decimals).

    `x` has 12 decimals, places and values 6; the product is exact, the quotient rounded half up to 12.
    """
    rise, run = end[1] - start[1], end[0] - start[0]
    part = x - scale_of(start[0], SHARED_SCALE)
    climbed = multiply(part, rise, scales=(SHARED_SCALE, SCALE))
    slope = divide(climbed, run, scales=(SHARED_SCALE + SCALE, SCALE), digits=SHARED_SCALE)
    return scale_of(start[1], SHARED_SCALE) + slope


def at_exact_rate(basis: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """`basis` times a rate of 12 decimals, rounded half up to 18 (both operands `SHARED`)."""
    exact = multiply(basis, rate, scales=(SHARED_SCALE, SHARED_SCALE))
    return scale_of(round_half_up(exact, SHARED_SCALE + SCALE), SHARED_SCALE + SCALE)


def _int128(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int128)


def _as_decimal(whole: pl.Expr, digits: int) -> pl.Expr:
    unit = literal(Decimal(1).scaleb(-digits), digits)
    return (whole.cast(WHOLE) * unit).cast(pl.Decimal(PRECISION, digits))


def quotient(numerator: Decimal, denominator: Decimal, digits: int = RATE_SCALE) -> Decimal | None:
    """The quotient of two decimals rounded half up, once, to `digits`; None where the second is 0."""
    if denominator == 0:
        return None
    top, bottom = Fraction(numerator) * 10**digits, Fraction(denominator)
    size = abs(top / bottom)
    whole = (2 * size.numerator + size.denominator) // (2 * size.denominator)
    sign = -1 if (top < 0) != (bottom < 0) else 1
    return Decimal(sign * whole).scaleb(-digits, context=_EXACT)


def growth(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """(now − then) / then with 12 decimals; None where there is nothing above 0 to grow from."""
    if now is None or then is None or then <= 0:
        return None
    return quotient(now - then, then)


def percent_of(part: Decimal, whole: Decimal, digits: int = 1) -> Decimal:
    """`part` in percent of `whole` (above 0), rounded half up to `digits`; 100 only where it is all.

    99.96 % of a budget are 99.9, not 100.0: nobody should read that it is used up.
    """
    share = quotient(part * 100, whole, digits)
    assert share is not None
    if share != 100 or part == whole:
        return share
    step = Decimal(1).scaleb(-digits)
    return share - step if part < whole else share + step


@lru_cache(maxsize=4096)  # the thresholds and rates of many programs are named again and again
def literal(value: Decimal | int, scale: int = SCALE) -> pl.Expr:
    """A constant as an exact decimal column of `scale` decimals."""
    return pl.lit(Decimal(value), dtype=pl.Decimal(PRECISION, scale))


NOTHING = literal(0, EARNED_SCALE)  # earned by a line or a payee


def round_decimal(value: Decimal, digits: int) -> Decimal:
    """One decimal rounded half up (ties away from zero) to `digits` decimals."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=_EXACT)


def rounded_to(amount: Decimal | int, digits: int) -> Decimal | None:
    """An amount with the digits of its currency; nothing for zero."""
    return round_decimal(Decimal(amount), digits) if amount else None


def money_text(amount: Decimal, currency: str) -> str:
    """An amount in a sentence, in the currency's minor unit, half up: `1,250.00 USD`, `1,250 JPY`."""
    return f"{figure_text(amount, currency)} {currency}"


def figure_text(amount: Decimal, currency: str) -> str:
    """The same without the currency, where the sentence names it elsewhere: `1,250.00`."""
    return f"{round_decimal(amount, minor_digits(currency)):,f}"


def minor_units(value: Decimal, digits: int) -> int:
    """An amount that is whole in minor units as their number: 2.50 in cents is 250."""
    return int(value.scaleb(digits))


def amounts_of(units: pl.Expr, currency: pl.Expr) -> pl.Expr:
    """Whole minor units (Int64) of a column of currencies as amounts (6 decimals)."""
    whole = scale_of(units, SCALE)
    return whole * _size_of_minor_unit(currency)  # at most 4 decimals: nothing is rounded


def units_of(amount: pl.Expr, currency: pl.Expr) -> pl.Expr:
    """Amounts that are whole in minor units of a column of currencies, as their numbers (Int64)."""
    in_units = currency.replace_strict(
        {code: 10**digits for code, digits in _MINOR_DIGITS.items()},
        default=100,
        return_dtype=pl.Int64,
    )
    return (amount * scale_of(in_units, SCALE)).cast(pl.Int64)


def _size_of_minor_unit(currency: pl.Expr) -> pl.Expr:
    return currency.replace_strict(
        {code: Decimal(1).scaleb(-digits) for code, digits in _MINOR_DIGITS.items()},
        default=Decimal("0.01"),
        return_dtype=AMOUNT,
    )


def round_up_decimal(value: Decimal, digits: int) -> Decimal:
    """One decimal rounded up to `digits` decimals: what is still missing is never understated."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_CEILING, context=_EXACT)


def round_down_decimal(value: Decimal, digits: int) -> Decimal:
    """One decimal cut to `digits` decimals: a budget never pays more than it has."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN, context=_EXACT)


def exactly() -> AbstractContextManager[Context]:
    """Within it, sums and differences of single decimals lose no digit."""
    return localcontext(_EXACT)


def product(left: Decimal, right: Decimal) -> Decimal:
    """The exact product of two single decimals."""
    return _EXACT.multiply(left, right)


def largest_remainder(
    total_units: int, weights: Sequence[int], tie_keys: Sequence[str]
) -> list[int]:
    """Splits `total_units` whole minor units by `weights` so that the parts add up exactly.

    Each part gets the floor of its exact share; the units that remain go to the largest remainders,
    ties by `tie_keys` ascending (docs/rules.md, "Splitting").
    """
    weight_sum = sum(weights)
    if weight_sum == 0:
        return [0] * len(weights)
    parts = [total_units * weight // weight_sum for weight in weights]
    remainders = [total_units * weight % weight_sum for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], tie_keys[i]))
    for i in order[: total_units - sum(parts)]:
        parts[i] += 1
    return parts


def plain(value: Decimal) -> str:
    """A decimal as text without exponent and without trailing zeros: `2.50` is `2.5`, `0E-6` is `0`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def plain_text(expression: pl.Expr) -> pl.Expr:
    """A decimal column as text without trailing zeros (`2.5`, `100`, `-0.05`); null stays null."""
    text = expression.cast(pl.String)
    return (
        pl.when(text.str.contains(".", literal=True))
        .then(text.str.strip_chars_end("0").str.strip_chars_end("."))
        .otherwise(text)
    )
