"""Exact numbers: fractions, and the only three ways in which they are rounded or split."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

# ISO 4217: the minor units of currencies that do not have two decimals.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
FOUR_DECIMALS = "CLF UYW"


def minor_digits(currency: str) -> int:
    """The number of decimals in which `currency` is paid (section 3: JPY 0, USD 2, KWD 3)."""
    if currency in NO_DECIMALS.split():
        return 0
    if currency in THREE_DECIMALS.split():
        return 3
    return 4 if currency in FOUR_DECIMALS.split() else 2


def half_up(value: Fraction, decimals: int) -> Fraction:
    """`value` rounded to `decimals` places, ties away from zero (section 3)."""
    scale = 10**decimals
    scaled = abs(value) * scale
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, scale)


def floor_to(value: Fraction, decimals: int) -> Fraction:
    """`value` rounded down to `decimals` places (rule 30: a budget down to whole minor units)."""
    return Fraction((value * 10**decimals).__floor__(), 10**decimals)


def quotient(a: Fraction, b: Fraction) -> Fraction:
    """The quotient a / b, rounded half up to 12 decimals before it is used (section 3)."""
    return half_up(a / b, 12)


def split(total: Fraction, parts: Mapping[str, Fraction], decimals: int) -> dict[str, Fraction]:
    """`parts`, whose exact sum is about `total`, brought to `decimals` places that sum to `total`.

    Largest remainder, ties by id (section 3): every part is rounded down, and the units that are
    left over go one each to the parts that lost most.
    """
    unit = Fraction(1, 10**decimals)
    down = {name: floor_to(part, decimals) for name, part in parts.items()}
    left = (total - sum(down.values(), Fraction(0))) / unit
    assert left.denominator == 1, (total, parts)
    assert 0 <= left <= len(parts), (total, parts)
    by_loss = sorted(parts, key=lambda name: (down[name] - parts[name], name))
    for name in by_loss[: int(left)]:
        down[name] += unit
    return down


def split_by_weight(
    total: Fraction, weights: Mapping[str, Fraction], decimals: int
) -> dict[str, Fraction]:
    """`total` split in proportion to `weights` (positive), to whole minor units."""
    whole = sum(weights.values(), Fraction(0))
    return split(total, {name: total * w / whole for name, w in weights.items()}, decimals)


def number(value: object) -> Fraction:
    """A number of a TOML file: `0.025`, `10_000`, or a percentage such as `"2.5%"` (section 3)."""
    if isinstance(value, str):
        text = value.strip()
        if text.endswith("%"):
            return Fraction(Decimal(text[:-1].strip().replace("_", ""))) / 100
        return Fraction(Decimal(text.replace("_", "")))
    assert isinstance(value, int | Decimal), value
    return Fraction(value)


def shown(value: Fraction) -> str:
    """`value` as plain decimal text; what has no end is cut after 12 decimals, half up."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    exact = value if rest == 1 else half_up(value, 12)
    digits = 0
    while (exact * 10**digits).denominator != 1:
        digits += 1
    whole = abs(int(exact * 10**digits))
    text = f"{whole:0{digits + 1}d}"
    text = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"-{text}" if exact < 0 else text
