"""Names in a bank's characters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentivectl.banking.bank_text import bank_text


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("Müller & Söhne GmbH", "Muller + Sohne GmbH"),
        ("Łódź [Polska] S.A.", "Lodz (Polska) S.A."),
        ("Ærø_Straße", "Aero-Strasse"),
        ("Αθήνα", "Athina"),
        ("Иван", "Ivan"),
        ("A\tB\n  C*", "A B C"),
        ("-/ :Shop", "Shop"),
        ('"Best"; buy', "'Best', buy"),
        ("*" * 10, ""),
    ],
)
def test_worked_names(name: str, carried: str) -> None:
    assert bank_text(name, 70) == carried


def test_a_cut_name_does_not_end_in_a_space() -> None:
    assert bank_text("ab cd", 3) == "ab"


@given(name=st.text())
def test_whatever_comes_is_carried_and_short(name: str) -> None:
    carried = bank_text(name, 70)
    assert len(carried) <= 70
    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]*", carried)
    assert carried == carried.strip()
    assert bank_text(carried, 70) == carried
