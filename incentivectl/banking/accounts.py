"""Whether a transfer can go to an account: its name, IBAN and BIC (docs/ledger.md, 50.4)."""

from incentivectl.banking.bank_text import bank_text
from incentivectl.banking.payments import Account

LONGEST_NAME = 70

# How the IBANs of the SEPA scheme countries begin (EPC409-09, with the five that joined in 2024-2026).
_SEPA = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL "
    "NO PL PT RO RS SE SI SK SM VA"
)


def compact(code: str) -> str:
    """An IBAN or a BIC as a bank's file has it: capitals, no spaces."""
    return "".join(code.split()).upper()


def account_problem(account: Account) -> str | None:
    """Why a transfer cannot go to `account`, in plain words; None if it can."""
    problem = name_problem(account.name) or iban_problem(account.iban)
    if problem is None and account.bic.strip():
        problem = bic_problem(account.bic)
    return problem


def name_problem(name: str) -> str | None:
    """What is wrong with the name of an account's holder; None if it is sound."""
    if not name.strip():
        return "the name is missing"
    if not bank_text(name, LONGEST_NAME):
        return f'the name "{name}" has no characters that banks accept'
    return None


def iban_problem(iban: str) -> str | None:
    """What is wrong with an IBAN: country, length, characters, check digits; None if it is sound."""
    from schwifty import IBAN
    from schwifty.exceptions import InvalidChecksumDigits, InvalidLength, SchwiftyException
    from schwifty.registry import get_iban_spec

    given = compact(iban)
    if not given:
        return "the IBAN is missing"
    country = given[:2]
    try:
        wanted = get_iban_spec(country).iban_length
    except SchwiftyException:
        return f'invalid IBAN "{given}": "{country}" is not a country with IBANs'
    try:
        IBAN(given)
    except InvalidLength:
        return f'invalid IBAN "{given}": {len(given)} characters, {country} needs {wanted}'
    except InvalidChecksumDigits:
        return f'invalid IBAN "{given}": its check digits do not match, so a character is wrong'
    except SchwiftyException:
        return f'invalid IBAN "{given}": its format is not that of {country}'
    return None


def bic_problem(bic: str) -> str | None:
    """What is wrong with a BIC; None if it is sound."""
    from schwifty import BIC
    from schwifty.exceptions import InvalidCountryCode, InvalidLength, SchwiftyException

    given = compact(bic)
    try:
        BIC(given)
    except InvalidLength:
        return f'invalid BIC "{given}": {len(given)} characters, not 8 or 11'
    except InvalidCountryCode:
        return f'invalid BIC "{given}": unknown country "{given[4:6]}"'
    except SchwiftyException:
        return f'invalid BIC "{given}": use 4 letters, a country, 2 characters and, if any, 3 for a branch'
    return None


def in_sepa(account: Account) -> bool:
    """Whether the account's bank takes part in SEPA, by the country of its IBAN."""
    return compact(account.iban)[:2] in _SEPA.split()
