"""Accounts: the IBAN registry's own examples are sound, and what is wrong is said in plain words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentivectl.banking.accounts import account_problem, iban_problem, in_sepa
from incentivectl.banking.payments import Account
from tests.banking.payment_files import BELGIAN, BRITISH, DEBTOR, TURKISH

# One of each length and shape, from the registry of IBAN formats (ISO 13616).
REGISTRY = (
    "AD1200012030200359100100",
    "AE070331234567890123456",
    "AT611904300234573201",
    "BE68539007547034",
    "BR1800360305000010009795493C1",
    "CH9300762011623852957",
    "DE89370400440532013000",
    "DK5000400440116243",
    "ES9121000418450200051332",
    "FI2112345600000785",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "IE29AIBK93115212345678",
    "IT60X0542811101000000123456",
    "KW81CBKU0000000000001234560101",
    "LC55HEMM000100010012001200023015",
    "LU280019400644750000",
    "MT84MALT011000012345MTLCAST001S",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "PL61109010140000071219812874",
    "PT50000201231234567890154",
    "SA0380000000608010167519",
    "SC18SSCB11010000000000001497USD",
    "SE4550000000058398257466",
    "TR330006100519786457841326",
    "XK051212012345678906",
)


@pytest.mark.parametrize("iban", REGISTRY)
def test_the_registrys_examples_are_sound(iban: str) -> None:
    assert iban_problem(iban) is None


@pytest.mark.parametrize("account", [DEBTOR, BELGIAN, BRITISH, TURKISH])
def test_sound_accounts(account: Account) -> None:
    assert account_problem(account) is None


def test_groups_of_four_and_small_letters_are_no_problem() -> None:
    assert iban_problem("de89 3704 0044 0532 0130 00") is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": "  "}, "the name is missing"),
        (
            {"name": "\u200b"},
            'the name "\u200b" has no characters that banks accept',
        ),
        ({"iban": " "}, "the IBAN is missing"),
        (
            {"iban": "DE8937040044053201300"},
            'invalid IBAN "DE8937040044053201300": 21 characters, DE needs 22',
        ),
        (
            {"iban": "DE89370400440532013001"},
            'invalid IBAN "DE89370400440532013001": its check digits do not match, so a character is wrong',
        ),
        (
            {"iban": "DE8937040044053201300X"},
            'invalid IBAN "DE8937040044053201300X": its format is not that of DE',
        ),
        (
            {"iban": "US64SVBKUS6S3300958879"},
            'invalid IBAN "US64SVBKUS6S3300958879": "US" is not a country with IBANs',
        ),
        ({"bic": "COBADEFFXX"}, 'invalid BIC "COBADEFFXX": 10 characters, not 8 or 11'),
        ({"bic": "COBAZZFF"}, 'invalid BIC "COBAZZFF": unknown country "ZZ"'),
        (
            {"bic": "COBA-EFF"},
            'invalid BIC "COBA-EFF": use 4 letters, a country, 2 characters and, if any, 3 for a branch',
        ),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, str], problem: str) -> None:
    assert account_problem(replace(DEBTOR, **change)) == problem


@given(bban=st.text("0123456789", min_size=18, max_size=18))
def test_one_pair_of_check_digits_fits(bban: str) -> None:
    """ISO 7064: of all hundred pairs just 98 − (account, country, 00) mod 97; D is 13 and E is 14."""
    digits = 98 - int(bban + "131400") % 97
    sound = [pair for pair in range(100) if iban_problem(f"DE{pair:02}{bban}") is None]
    assert sound == [digits]


def test_sepa_is_where_the_account_is() -> None:
    assert [in_sepa(account) for account in (DEBTOR, BELGIAN, BRITISH, TURKISH)] == [
        True,
        True,
        True,
        False,
    ]
