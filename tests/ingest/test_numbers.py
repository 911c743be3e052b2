"""Numbers as exports write them, against a plain-Python reading of the contract (rule 10)."""

import re
from decimal import Decimal

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from incentivectl.ingest.rows.numbers import faults, read_number, value_faults

ROOM = {"amount": (12, 6), "fx_rate": (6, 12), "whole": (12, 0)}
ORDER = ("bad-number", "bad-value", "too-precise", "too-large")
SPACES = (" ", "\u00a0", "\u2009", "\u202f")


def strip_dress(text: str) -> tuple[int, int, str, str | None]:
    """Signs, currencies, the digits in between, and the code; parentheses are one sign."""
    signs = currencies = 0
    negative = False
    code = None
    rest = text.strip()
    while rest:
        ends = [(rest[0], rest[1:]), (rest[-1], rest[:-1])]
        for sign, without in ends:
            if sign in "+-\u2212":
                signs, negative, rest = signs + 1, negative or sign != "+", without.strip()
                break
            if sign in "$€£¥₹":
                currencies, rest = currencies + 1, without.strip()
                break
        else:
            if re.fullmatch("[A-Z]{3}", rest[:3]):
                code, currencies, rest = rest[:3], currencies + 1, rest[3:].strip()
            elif re.fullmatch("[A-Z]{3}", rest[-3:]):
                code, currencies, rest = rest[-3:], currencies + 1, rest[:-3].strip()
            elif rest[0] == "(" and rest[-1] == ")":
                signs, negative, rest = signs + 1, True, rest[1:-1].strip()
            else:
                break
    return (signs if not negative else -signs), currencies, rest, code


def expected(text: str, decimal: str, currency: str, kind: str) -> Decimal | str:
    """The value of a number, or its reason code."""
    signs, currencies, body, code = strip_dress(text)
    whole, _, part = body.partition(decimal)
    other = "," if decimal == "." else "."
    separators = {c for c in whole if not c.isdigit()}
    good = len(separators) <= 1 and separators <= {other, "'", "\u2019", *SPACES}
    good &= bool(re.fullmatch("[0-9]*", part)) and body.isprintable() | bool(separators)
    if separators:
        groups = whole.split(next(iter(separators)))
        good &= 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    digits = "".join(c for c in whole if c.isdigit())
    good &= bool(digits) or bool(part)
    if not good or abs(signs) > 1 or currencies > 1:
        return "bad-number"
    if code not in (None, currency):
        return "bad-value"
    most_whole, most_part = ROOM[kind]
    if len(part.rstrip("0")) > most_part:
        return "bad-value" if kind == "whole" else "too-precise"
    if len(digits.lstrip("0")) > most_whole:
        return "too-large"
    value = Decimal(f"{digits or 0}.{part or 0}")
    value = -value if signs < 0 else value
    if (kind == "fx_rate" and value <= 0) or (kind == "whole" and value < 0):
        return "bad-value"
    return value


def found(text: str, decimal: str, currency: str, kind: str) -> Decimal | str:
    read = pl.DataFrame({"text": [text.strip()]}).select(
        read=read_number(pl.col("text"), kind, decimal)
    )
    rules = faults(pl.col("read"), kind, pl.lit(currency))
    rules += value_faults(pl.col("read").struct["value"], kind)
    codes = {code for code, test in rules if read.select(test).item()}
    first = next((code for code in ORDER if code in codes), None)
    return first or Decimal(read.unnest("read")["value"].item())


SIGNS = st.sampled_from(["", "", "", "-", "+", "\u2212"])
CURRENCIES = st.sampled_from(["", "", "", "$", "€", "USD", "EUR", "X"])
GAP = st.sampled_from(["", "", " "])


@st.composite
def dressed(draw: st.DrawFn) -> str:
    """A number in the dress of some export, often a good one."""
    groups = draw(st.lists(st.sampled_from(["1", "23", "456", "0", "000"]), min_size=1, max_size=6))
    separator = draw(st.sampled_from(["", "", ",", ".", "'", "\u2019", *SPACES]))
    point = draw(st.sampled_from(["", ".", ","]))
    part = draw(st.sampled_from(["", "5", "50", "000000000", "123456", "1234567", "1234567890123"]))
    body = separator.join(groups) + point + part
    parts = [draw(SIGNS), draw(CURRENCIES), body, draw(CURRENCIES), draw(SIGNS)]
    text = draw(GAP).join(parts)
    return f"({text})" if draw(st.integers(0, 5)) == 0 else text


@given(
    st.one_of(
        dressed(), st.text(st.sampled_from("0123456789.,- ()$EUR'e+"), min_size=1, max_size=12)
    ),
    st.sampled_from([".", ","]),
    st.sampled_from(["USD", "EUR"]),
    st.sampled_from(["amount", "fx_rate", "whole"]),
)
@example("(1,234.50)", ".", "USD", "amount")
@example("1.234,50-", ",", "USD", "amount")
@example("999999999999.999999", ".", "USD", "amount")
@example("1e5", ".", "USD", "amount")
@example("$(5)", ".", "USD", "amount")
def test_numbers_are_read_as_the_contract_says(
    text: str, decimal: str, currency: str, kind: str
) -> None:
    if not text.strip():
        return
    assert found(text, decimal, currency, kind) == expected(text, decimal, currency, kind)


def test_each_cell_is_read_by_itself() -> None:
    texts = ["1", None, "(2)", "x", "3.1234567", "4", "5 EUR", "1234567890123", None, "-0"]
    read = pl.DataFrame({"text": texts}).select(read=read_number(pl.col("text"), "amount"))
    values = read.unnest("read")["value"].to_list()
    assert values == [
        Decimal(1),
        None,
        Decimal(-2),
        None,
        None,
        Decimal(4),
        Decimal(5),
        None,
        None,
        Decimal(0),
    ]


def test_an_empty_column() -> None:
    empty = pl.DataFrame(schema={"text": pl.String})
    assert empty.select(read=read_number(pl.col("text"), "amount")).unnest("read").height == 0


def test_a_number_of_a_megabyte_is_not_looked_into() -> None:
    texts = ["1", "0" * 199 + "7", "0" * 200 + "7", "1" * 1_000_000, "1,1" * 300_000]
    frame = pl.DataFrame({"t": texts}).select(read_number(pl.col("t"), "amount")).unnest("t")
    assert frame["value"].to_list() == [1, 7, None, None, None]
    assert frame["fault"].to_list() == [None, None, 1, 1, 1]
