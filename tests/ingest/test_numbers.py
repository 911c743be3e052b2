"""Numbers as exports write them, against a plain-Python reading of the contract (rule 10)."""

import re
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incentivectl.ingest.rows.numbers import (
    NumberStyle,
    faults,
    is_nothing,
    read_number,
    value_faults,
)

ROOM = {"amount": (12, 6), "fx_rate": (6, 12), "whole": (12, 0)}
ORDER = ("bad-number", "bad-value", "too-precise", "too-large")
SPACES = (" ", "\u00a0", "\u2007", "\u2009", "\u202f")


NAMED = {"US$": "USD", "R$": "BRL", "zł": "PLN", "Kč": "CZK"}
UNNAMED = ("$", "€", "£", "¥", "₹", "Rs.", "Rs", "kr.", "kr", "C$")


def currency_at(text: str, *, front: bool) -> tuple[str, str | None] | None:
    """What names a currency at one end of a text, and its code; none where nothing does."""
    at = text.startswith if front else text.endswith
    for sign in sorted({*NAMED, *UNNAMED}, key=len, reverse=True):
        if at(sign):
            return sign, NAMED.get(sign)
    three = text[:3] if front else text[-3:]
    return (three, three) if re.fullmatch("[A-Z]{3}", three) else None


def strip_dress(text: str, minus: tuple[str, ...]) -> tuple[int, int, str, str | None]:
    """Signs, currencies, the digits in between, and the code; parentheses are one sign."""
    signs = currencies = 0
    negative = False
    code = None
    rest = text.strip()
    while rest:
        word = next((word for word in minus if rest.endswith(word)), None)
        if rest[0] in "+-\u2212":
            signs, negative, rest = signs + 1, negative or rest[0] != "+", rest[1:].strip()
        elif rest[-1] in "+-\u2212":
            signs, negative, rest = signs + 1, negative or rest[-1] != "+", rest[:-1].strip()
        elif word is not None:
            signs, negative, rest = signs + 1, True, rest[: -len(word)].strip()
        elif found := currency_at(rest, front=True):
            currencies, rest, code = currencies + 1, rest[len(found[0]) :].strip(), found[1] or code
        elif found := currency_at(rest, front=False):
            currencies, rest, code = (
                currencies + 1,
                rest[: -len(found[0])].strip(),
                found[1] or code,
            )
        elif rest[0] == "(" and rest[-1] == ")":
            signs, negative, rest = signs + 1, True, rest[1:-1].strip()
        else:
            break
    return (signs if not negative else -signs), currencies, rest, code


def are_grouped(groups: list[str], grouping: str) -> bool:
    """Whether digits stand in groups of three, or the Indian way."""
    first, *others = map(len, groups)
    if grouping == "indian":
        return 1 <= first <= 2 and others[-1] == 3 and set(others[:-1]) <= {2}
    return 1 <= first <= 3 and set(others) == {3}


def expected(text: str, style: NumberStyle, currency: str, kind: str) -> Decimal | str:
    """The value of a number, or its reason code."""
    signs, currencies, body, code = strip_dress(text, style.minus)
    whole, _, part = body.partition(style.decimal)
    other = "," if style.decimal == "." else "."
    separators = {c for c in whole if not c.isdigit()}
    good = len(separators) <= 1 and separators <= {other, "'", "\u2019", *SPACES}
    good &= bool(re.fullmatch("[0-9]*", part)) and body.isprintable() | bool(separators)
    if separators:
        good &= are_grouped(whole.split(next(iter(separators))), style.grouping)
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


def found(text: str, style: NumberStyle, currency: str, kind: str) -> Decimal | str:
    read = pl.DataFrame({"text": [text.strip()]}).select(
        read=read_number(pl.col("text"), kind, style)
    )
    rules = faults(pl.col("read"), kind, pl.lit(currency))
    rules += value_faults(pl.col("read").struct["value"], kind)
    codes = {code for code, test in rules if read.select(test).item()}
    first = next((code for code in ORDER if code in codes), None)
    return first or Decimal(read.unnest("read")["value"].item())


SIGNS = st.sampled_from(["", "", "", "-", "+", "\u2212"])
BEHIND = st.sampled_from(["", "", "", "-", "+", "CR", "Cr.", "DR"])
CURRENCIES = st.sampled_from(["", "", "", "$", "€", "USD", "EUR", "X", *NAMED, *UNNAMED])
STYLES = st.builds(
    NumberStyle,
    st.sampled_from([".", ","]),
    st.sampled_from(["thousands", "indian"]),
    st.sampled_from([(), ("CR",), ("CR", "Cr.")]),
)
GAP = st.sampled_from(["", "", " "])


@st.composite
def dressed(draw: st.DrawFn) -> str:
    """A number in the dress of some export, often a good one."""
    groups = draw(st.lists(st.sampled_from(["1", "23", "456", "0", "000"]), min_size=1, max_size=6))
    separator = draw(st.sampled_from(["", "", ",", ".", "'", "\u2019", *SPACES]))
    point = draw(st.sampled_from(["", ".", ","]))
    part = draw(st.sampled_from(["", "5", "50", "000000000", "123456", "1234567", "1234567890123"]))
    body = separator.join(groups) + point + part
    parts = [draw(SIGNS), draw(CURRENCIES), body, draw(CURRENCIES), draw(BEHIND)]
    text = draw(GAP).join(parts)
    return f"({text})" if draw(st.integers(0, 5)) == 0 else text


@given(
    st.one_of(
        dressed(), st.text(st.sampled_from("0123456789.,- ()$EUR'e+"), min_size=1, max_size=12)
    ),
    STYLES,
    st.sampled_from(["USD", "EUR"]),
    st.sampled_from(["amount", "fx_rate", "whole"]),
)
@example("(1,234.50)", NumberStyle("."), "USD", "amount")
@example("1.234,50-", NumberStyle(","), "USD", "amount")
@example("999999999999.999999", NumberStyle("."), "USD", "amount")
@example("1e5", NumberStyle("."), "USD", "amount")
@example("$(5)", NumberStyle("."), "USD", "amount")
def test_numbers_are_read_as_the_contract_says(
    text: str, style: NumberStyle, currency: str, kind: str
) -> None:
    if not text.strip():
        return
    assert found(text, style, currency, kind) == expected(text, style, currency, kind)


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


INDIAN = NumberStyle(grouping="indian", minus=("CR",))


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("12,34,567.89", INDIAN, "1234567.89"),
        ("₹ 1,00,000", INDIAN, "100000"),
        ("1,234", INDIAN, "1234"),
        ("123,456", INDIAN, "bad-number"),  # nobody who writes 1,23,456
        ("12,34,567.89", NumberStyle(), "bad-number"),
        ("12.34.567,89", NumberStyle(",", "indian"), "1234567.89"),
        ("100.50 CR", INDIAN, "-100.5"),
        ("100.50CR", INDIAN, "-100.5"),
        ("USD 100 CR", INDIAN, "-100"),
        ("100 CRC", INDIAN, "bad-value"),  # the colón of Costa Rica
        ("-100 CR", INDIAN, "bad-number"),  # one minus too many
        ("(100) CR", INDIAN, "bad-number"),
        ("CR 100", INDIAN, "bad-number"),
        ("100 cr", INDIAN, "bad-number"),
        ("100 CR", NumberStyle(), "bad-number"),
        ("US$ 5", NumberStyle(), "5"),
        ("R$ 5", NumberStyle(), "bad-value"),
        ("5 zł", NumberStyle(), "bad-value"),
        ("Rs.5", NumberStyle(), "5"),
        ("Rs. 1,234.50", NumberStyle(), "1234.5"),
        ("5 kr.", NumberStyle(), "5"),
        ("1\u2007234\u202f567", NumberStyle(), "bad-number"),  # one kind of blank in a number
        ("1\u2007234\u2007567", NumberStyle(), "1234567"),
    ],
)
def test_worked_numbers(text: str, style: NumberStyle, value: str) -> None:
    read = found(text, style, "USD", "amount")
    assert read == (value if value.startswith("bad") else Decimal(value))


def test_a_dash_beside_a_currency_is_nothing() -> None:
    dashes = ["$ -", "$-", "- €", "US$ \u2013", "EUR -", "Rs. -", "- kr"]
    others = ["-", "$", "$ - 5", "5 -", "x -", "- 5 €", "$ --"]
    texts = pl.DataFrame({"text": dashes + others}).select(is_nothing(pl.col("text")))
    assert texts["text"].to_list() == [True] * len(dashes) + [False] * len(others)
