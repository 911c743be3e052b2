"""From the text of a number to an exact decimal, or to the reason why it is none.

Signs, accounting parentheses, currency signs and codes, and thousands separators are understood; how
is said in docs/rules.md, "Reading". Nothing is cast before its digits are counted, since Polars would
round what does not fit.
"""

from dataclasses import dataclass

import polars as pl

from incentivectl import money

# Besides the other of comma and point. One kind stands in a number, before groups of exactly three.
_SPACES_AND_APOSTROPHES = (" ", "\u00a0", "\u2009", "\u202f", "'", "\u2019")
_SIGN = "[-+\u2212]"
_CURRENCY = r"\p{Sc}|[A-Z]{3}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many digits a number may have before and after its decimal point."""

    whole: int
    decimals: int
    dtype: pl.DataType


LIMITS = {
    "amount": Limits(12, money.SCALE, money.AMOUNT),
    "fx_rate": Limits(6, money.RATE_SCALE, money.FX_RATE),
    "whole": Limits(12, 0, pl.Int64()),
}


@dataclass(frozen=True, slots=True)
class Number:
    """Expressions of one column of numbers.

    `value` is null where one of the others (Boolean, never null together with a text) is true.
    """

    value: pl.Expr
    bad_number: pl.Expr
    bad_value: pl.Expr
    too_precise: pl.Expr
    too_large: pl.Expr


def number(
    text: pl.Expr, kind: str, *, decimal: str = ".", currency: pl.Expr | None = None
) -> Number:
    """Reads trimmed `text` (null where missing) as an `amount`, `fx_rate` or `whole` number.

    `decimal` is the decimal sign; `currency` (String) the currency of the row: another code beside
    the number is a bad value. Without it any code is passed over. A `whole` number that has decimals
    or is negative is a bad value, and so is an fx rate that is not above 0.
    """
    limits = LIMITS[kind]
    is_plain = text.str.contains(_plain(limits, decimal))
    plain = pl.when(is_plain).then(text)
    if decimal == ",":
        plain = plain.str.replace(",", ".", literal=True)
    # What is not plain is rare; the rest of this works on a column of nulls then, which costs little.
    odd = _Odd.of(pl.when(~is_plain).then(text), limits, decimal, currency)
    value = pl.coalesce(plain, odd.canonical).cast(limits.dtype, strict=False)
    bad_value = odd.wrong_currency
    if kind == "fx_rate":
        bad_value = bad_value | (value <= 0)
    elif kind == "whole":
        bad_value = bad_value | odd.too_precise | (value < 0)
    return Number(value, odd.bad, bad_value, odd.too_precise, odd.too_large)


def _plain(limits: Limits, decimal: str) -> str:
    """Digits that need no further look."""
    point = "\\." if decimal == "." else ","
    decimals = f"(?:{point}[0-9]{{1,{limits.decimals}}})?" if limits.decimals else ""
    return f"^-?[0-9]{{1,{limits.whole}}}{decimals}$"


def _dressed(decimal: str) -> str:
    """A number with all that may stand around it; the groups are named in `_Odd.of`."""
    point, other = ("\\.", ",") if decimal == "." else (",", "\\.")
    grouped = "|".join(
        f"[0-9]{{1,3}}(?:{separator}[0-9]{{3}})+" for separator in (other, *_SPACES_AND_APOSTROPHES)
    )
    before = rf"(?P<s1>{_SIGN})?\s*(?P<c1>{_CURRENCY})?\s*(?P<open>\()?\s*(?P<s2>{_SIGN})?\s*"
    before += rf"(?P<c2>{_CURRENCY})?\s*(?P<s3>{_SIGN})?\s*"
    digits = rf"(?P<whole>{grouped}|[0-9]+)?(?:{point}(?P<part>[0-9]*))?"
    after = rf"\s*(?P<s4>{_SIGN})?\s*(?P<c3>{_CURRENCY})?\s*(?P<s5>{_SIGN})?\s*(?P<close>\))?"
    after += rf"\s*(?P<c4>{_CURRENCY})?"
    return f"^{before}{digits}{after}$"


@dataclass(frozen=True, slots=True)
class _Odd:
    """Numbers that are more than digits: `canonical` is their plain text where all is well."""

    canonical: pl.Expr
    bad: pl.Expr
    wrong_currency: pl.Expr
    too_precise: pl.Expr
    too_large: pl.Expr

    @staticmethod
    def of(text: pl.Expr, limits: Limits, decimal: str, currency: pl.Expr | None) -> "_Odd":
        groups = text.str.extract_groups(_dressed(decimal))

        def group(name: str) -> pl.Expr:
            found = groups.struct.field(name)
            return pl.when(found != "").then(found)

        signs = [group(f"s{at}") for at in range(1, 6)]
        currencies = [group(f"c{at}") for at in range(1, 5)]
        whole, part = group("whole"), group("part")
        in_parentheses = group("open").is_not_null()
        is_balanced = in_parentheses == group("close").is_not_null()
        sign_count = pl.sum_horizontal(in_parentheses, *(sign.is_not_null() for sign in signs))
        currency_count = pl.sum_horizontal(*(one.is_not_null() for one in currencies))
        good = (
            is_balanced
            & (sign_count <= 1)
            & (currency_count <= 1)
            & (whole.is_not_null() | part.is_not_null())
        )
        bad = text.is_not_null() & ~good.fill_null(value=False)
        is_negative = in_parentheses | pl.coalesce(signs).is_in(["-", "\u2212"]).fill_null(
            value=False
        )
        digits = whole.str.replace_all("[^0-9]", "").str.strip_chars_start("0").fill_null("")
        fraction = part.str.strip_chars_end("0").fill_null("")
        code = pl.coalesce(pl.when(one.str.len_bytes() == 3).then(one) for one in currencies)
        is_code = code.str.contains("^[A-Z]{3}$")
        wrong_currency = pl.lit(value=False) if currency is None else is_code & (code != currency)
        wrong_currency = ~bad & wrong_currency.fill_null(value=False)
        too_precise = ~bad & (fraction.str.len_bytes() > limits.decimals)
        too_large = ~bad & (digits.str.len_bytes() > limits.whole)
        is_fine = text.is_not_null() & ~bad & ~wrong_currency & ~too_precise & ~too_large
        sign = pl.when(is_negative).then(pl.lit("-")).otherwise(pl.lit(""))
        written = sign + "0" + digits
        if limits.decimals:
            written = written + "." + fraction + "0"
        return _Odd(pl.when(is_fine).then(written), bad, wrong_currency, too_precise, too_large)
