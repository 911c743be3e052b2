"""From the text of a number to an exact decimal, or to the reason why it is not a number.

Signs, accounting parentheses, currency signs and codes, and separators of groups are understood; how
is said in docs/rules.md, "Reading". Nothing is cast before its digits are counted, since Polars would
round what does not fit.
"""

from dataclasses import dataclass
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.limits import NUMBER_BYTES

# Besides the other of comma and point. One kind stands in a number, between groups.
_SPACES_AND_APOSTROPHES = (" ", "\u00a0", "\u2007", "\u2009", "\u202f", "'", "\u2019")
_SIGN = "[-+\u2212]"
_DASH = "[-\u2013\u2014\u2212]"

# Signs that name one currency are read as its code; others (`$`, `Rs.`) may mean several.
CODES = {
    "US$": "USD",
    "R$": "BRL",
    "AU$": "AUD",
    "A$": "AUD",
    "CA$": "CAD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "NT$": "TWD",
    "MX$": "MXN",
    "z\u0142": "PLN",
    "K\u010d": "CZK",
    "Ft": "HUF",
}
_OTHER_SIGNS = (r"C\$", r"S\$", r"(?i:rs\.?)", r"(?i:kr\.?)", r"Fr\.?", r"\p{Sc}")
_CURRENCY = "|".join([*map(pl.escape_regex, CODES), *_OTHER_SIGNS, "[A-Z]{3}"])

FAULT = pl.UInt8
BAD_NUMBER, TOO_PRECISE, TOO_LARGE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a source writes numbers: the decimal sign, groups of digits, and words that mean a minus."""

    decimal: str = "."
    grouping: str = "thousands"  # or "indian": 12,34,567
    minus: tuple[str, ...] = ()


CANONICAL_NUMBERS = NumberStyle()


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


def read_number(text: pl.Expr, kind: str, style: NumberStyle = CANONICAL_NUMBERS) -> pl.Expr:
    """Trimmed `text` (null where missing) as an `amount`, `fx_rate` or `whole` number.

    Gives a struct of `value` (null if it is not a number), `fault` (UInt8:
    `BAD_NUMBER`, `TOO_PRECISE`, `TOO_LARGE` or null) and `code`, the currency code beside the number.
    """
    limits = LIMITS[kind]
    return text.map_batches(
        partial(_read, limits=limits, style=style),
        return_dtype=pl.Struct({"value": limits.dtype, "fault": FAULT, "code": pl.String}),
        is_elementwise=True,
    )


def is_plain(text: pl.Expr, kind: str, decimal: str = ".") -> pl.Expr:
    """Whether `text` is plain digits, which `plain_value` reads exactly; null where missing."""
    return text.str.contains(_plain(LIMITS[kind], decimal))


def plain_value(text: pl.Expr, kind: str, decimal: str = ".") -> pl.Expr:
    """The number that plain digits stand for; of other texts it means nothing."""
    if decimal == ",":
        text = text.str.replace(",", ".", literal=True)
    return text.cast(LIMITS[kind].dtype, strict=False)


def faults(read: pl.Expr, kind: str, currency: pl.Expr | None = None) -> list[tuple[str, pl.Expr]]:
    """The reason codes of a struct of `read_number`, each with the test whether it applies.

    `currency` (String) is that of the row: another code beside the number is a bad value; without it
    any code is passed over. So is a `whole` number that has decimals.
    """
    fault, code = (read.struct.field(name) for name in ("fault", "code"))
    precise = "bad-value" if kind == "whole" else "too-precise"
    found = [
        ("bad-number", fault == BAD_NUMBER),
        (precise, fault == TOO_PRECISE),
        ("too-large", fault == TOO_LARGE),
    ]
    return found if currency is None else [*found, ("bad-value", code != currency)]


def value_faults(value: pl.Expr, kind: str) -> list[tuple[str, pl.Expr]]:
    """The same of what a number is, however it was written.

    An exchange rate is above 0, a `whole` number not below.
    """
    if kind == "fx_rate":
        return [("bad-value", value <= 0)]
    return [("bad-value", value < 0)] if kind == "whole" else []


def _read(text: pl.Series, *, limits: Limits, style: NumberStyle) -> pl.Series:
    """A part of a column. Most numbers are plain digits; the others are looked at by themselves."""
    is_odd = ~text.str.contains(_plain(limits, style.decimal))
    odd_places = is_odd.arg_true()
    plain = text.set(is_odd, None) if odd_places.len() else text
    if style.decimal == ",":
        plain = plain.str.replace(",", ".", literal=True)
    value = plain.cast(limits.dtype, strict=False)
    fault = pl.Series([None], dtype=FAULT).new_from_index(0, text.len())
    code = pl.Series([None], dtype=pl.String).new_from_index(0, text.len())
    if odd_places.len():
        odd = _odd(text.gather(odd_places), limits, style)
        value = value.scatter(odd_places, odd["value"])
        fault = fault.scatter(odd_places, odd["fault"])
        code = code.scatter(odd_places, odd["code"])
    return pl.DataFrame({"value": value, "fault": fault, "code": code}).to_struct(text.name)


def _plain(limits: Limits, decimal: str) -> str:
    """Digits that need no further look."""
    point = "\\." if decimal == "." else ","
    decimals = f"(?:{point}[0-9]{{1,{limits.decimals}}})?" if limits.decimals else ""
    return f"^-?[0-9]{{1,{limits.whole}}}{decimals}$"


_CURRENCIES = ("c1", "c2", "c3", "c4")
_SIGNS = ("s1", "s2", "s3", "s4", "s5")


def is_nothing(text: pl.Expr) -> pl.Expr:
    """Whether accounting has put a dash for 0 or nothing beside a currency: `$ -`."""
    return text.str.contains(rf"^(?:(?:{_CURRENCY})\s*{_DASH}|{_DASH}\s*(?:{_CURRENCY}))$")


def _dressed(style: NumberStyle) -> str:
    """A number with all that may stand around it, in named groups."""
    point, other = ("\\.", ",") if style.decimal == "." else (",", "\\.")
    separators = (other, *_SPACES_AND_APOSTROPHES)
    grouped = "|".join(_groups(separator, style.grouping) for separator in separators)
    behind = "|".join([*map(pl.escape_regex, style.minus), _SIGN])
    before = rf"(?P<s1>{_SIGN})?\s*(?P<c1>{_CURRENCY})?\s*(?P<open>\()?\s*(?P<s2>{_SIGN})?\s*"
    before += rf"(?P<c2>{_CURRENCY})?\s*(?P<s3>{_SIGN})?\s*"
    digits = rf"(?P<whole>{grouped}|[0-9]+)?(?:{point}(?P<part>[0-9]*))?"
    after = rf"\s*(?P<s4>{behind})?\s*(?P<c3>{_CURRENCY})?\s*(?P<s5>{behind})?\s*(?P<close>\))?"
    after += rf"\s*(?P<c4>{_CURRENCY})?"
    return f"^{before}{digits}{after}$"


def _groups(separator: str, grouping: str) -> str:
    """Digits in groups of three; of two before the last group where the grouping is Indian."""
    if grouping == "indian":
        return f"[0-9]{{1,2}}(?:{separator}[0-9]{{2}})*{separator}[0-9]{{3}}"
    return f"[0-9]{{1,3}}(?:{separator}[0-9]{{3}})+"


def _odd(text: pl.Series, limits: Limits, style: NumberStyle) -> pl.DataFrame:
    """`value`, `fault`, `code` of numbers that are more than digits."""
    # Nothing so long is a number, and looking for one in megabytes would take minutes.
    text = text.set(text.str.len_bytes() > NUMBER_BYTES, "too long")
    groups = text.str.extract_groups(_dressed(style)).struct.unnest()
    parts = groups.select(pl.when(pl.all() != "").then(pl.all())).with_columns(
        in_parentheses=pl.col("open").is_not_null(),
        signs=pl.sum_horizontal(pl.col("open", *_SIGNS).is_not_null()),
        currencies=pl.sum_horizontal(pl.col(_CURRENCIES).is_not_null()),
        currency=pl.coalesce(_CURRENCIES).replace(CODES),
        digits=pl.col("whole").str.replace_all("[^0-9]", "").str.strip_chars_start("0"),
        fraction=pl.col("part").str.strip_chars_end("0").fill_null(""),
        negative=pl.coalesce(_SIGNS).is_in(["-", "\u2212", *style.minus]).fill_null(value=False),
    )
    is_number = (
        (pl.col("in_parentheses") == pl.col("close").is_not_null())
        & (pl.col("signs") <= 1)
        & (pl.col("currencies") <= 1)
        & (pl.col("whole").is_not_null() | pl.col("part").is_not_null())
    )
    fault = (
        pl.when(~is_number)
        .then(BAD_NUMBER)
        .when(pl.col("fraction").str.len_bytes() > limits.decimals)
        .then(TOO_PRECISE)
        .when(pl.col("digits").str.len_bytes() > limits.whole)
        .then(TOO_LARGE)
    )
    judged = parts.with_columns(fault=fault.cast(FAULT))
    sign = pl.when(pl.col("negative") | pl.col("in_parentheses")).then(pl.lit("-"))
    written = sign.otherwise(pl.lit("")) + "0" + pl.col("digits").fill_null("")
    if limits.decimals:
        written = written + "." + pl.col("fraction") + "0"
    is_code = pl.col("currency").str.contains("^[A-Z]{3}$") & (
        pl.col("fault").is_null() | (pl.col("fault") != BAD_NUMBER)
    )
    return judged.select(
        value=pl.when(pl.col("fault").is_null()).then(written).cast(limits.dtype),
        fault="fault",
        code=pl.when(is_code).then(pl.col("currency")),
    )
