"""Cells that a spreadsheet would run: neutralised in every CSV, and restored when it is read."""

import csv
import io
import unicodedata

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from incentivectl.core.safe_text import (
    encodable,
    in_markdown,
    legible,
    neutralised,
    neutralised_as_read,
    neutralised_column,
    restored,
    restored_column,
)

FORMULAS = [
    "=1+1",
    "+1",
    "-x",
    "@cmd",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    '=HYPERLINK("http://x")',
]
TEXTS = st.text(st.sampled_from("'=+-@\t\r\n ＝a1,\"é") | st.characters(codec="utf-8"), max_size=12)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1))
@example(["'=1", "''=1", "'", "' =", "=", ""])
def test_restored_is_what_was_neutralised(texts: list[str]) -> None:
    assert [restored(neutralised(text)) for text in texts] == texts
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    written = frame.select(neutralised_column(pl.col("text")))
    assert written["text"].to_list() == [neutralised(text) for text in texts]
    assert written.select(restored_column(pl.col("text"))).equals(frame)
    as_read = frame.select(neutralised_as_read(pl.col("text")))
    assert as_read.select(restored_column(pl.col("text"))).equals(frame)


@settings(deadline=None)
@given(TEXTS)
def test_nothing_that_is_written_begins_a_formula(text: str) -> None:
    assert neutralised(text).lstrip(" ")[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    assert neutralised(text)[:1] not in {"\t", "\r", "\n"}


@pytest.mark.parametrize("text", FORMULAS)
def test_an_apostrophe_goes_before_it(text: str) -> None:
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "x", "a=b", "O'Brien", "'tis", "5-3", "1", "(5)"])
def test_other_texts_stay(text: str) -> None:
    assert neutralised(text) == text
    assert restored(text) == text


def as_read(text: str) -> str:
    """One cell of an export, as it is written again."""
    return str(pl.select(neutralised_as_read(pl.lit(text))).item())


@pytest.mark.parametrize("text", ["-500.00", "+1", "-1.234,50", "-1 234,5", "-1,234.50", "500-"])
def test_a_plain_number_of_an_export_stays_a_number(text: str) -> None:
    assert as_read(text) == text


@pytest.mark.parametrize("text", ["-1+cmd|' /C calc'!A0", "-$500", "+1+1", "=1", "-", "- 5"])
def test_what_only_looks_like_a_number_does_not(text: str) -> None:
    assert as_read(text) == f"'{text}"


def test_a_column_with_missing_values() -> None:
    frame = pl.DataFrame({"text": [None, "=1"]}).select(neutralised_column(pl.col("text")))
    assert frame["text"].to_list() == [None, "'=1"]


@settings(deadline=None)
@given(TEXTS)
def test_through_a_file(text: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([neutralised(text), "x"])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert restored(row[0]) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>", "&lt;script&gt;"),
        ("[red]x[/red]", r"\[red\]x\[/red\]"),
        ("a|b", r"a\|b"),
        ("*b* _i_ `c` ~s~", r"\*b\* \_i\_ \`c\` \~s\~"),
        ("deal_registration", "deal_registration"),
        ("line\nbreak", "line break"),
        ("&lt; AT&T", "&amp;lt; AT&T"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("- no list", r"\- no list"),
        ("-150.00", "-150.00"),
        ("see http://x or www.x", r"see http\://x or www\.x"),
        ("a\x1b[31m", "a\ufffd\\[31m"),
    ],
)
def test_markdown_shows_what_stands_there(text: str, shown: str) -> None:
    assert in_markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x9b31m \x7f \x01", "\ufffd31m \ufffd \ufffd"),
        ("two\r\nlines\tand\u2028more", "two lines and more"),
        ("\u202eevil\u202c", "\ufffdevil\ufffd"),
        ("export\udcff.csv", "export\ufffd.csv"),
        ("שלום", "\u2068שלום\u2069"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("Zoë Müller-Ångström", "Zoë Müller-Ångström"),
    ],
)
def test_legible_on_any_screen(text: str, shown: str) -> None:
    assert legible(text) == shown


@settings(deadline=None)
@given(st.text())
def test_what_is_legible_stays(text: str) -> None:
    once = legible(text)
    assert legible(once) == once
    assert once.isprintable() or not any(unicodedata.category(c) in ("Cc", "Cs") for c in once)


def test_a_file_can_hold_what_is_encodable() -> None:
    assert encodable("a\udcffb\x1b\n\tc") == "a\ufffdb\ufffd\n\tc"
    encodable("\udcff").encode("utf-8")
