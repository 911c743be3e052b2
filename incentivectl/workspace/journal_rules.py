"""`[journal]`: the accounts that finance keeps incentives on (docs/ledger.md, "Journal")."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from incentivectl.banking.payments import METHODS
from incentivectl.toml.types import FilledText, TomlTable, by_name, filled_text, one_of
from incentivectl.toml.wrong import wrong

DEFAULT_ACCOUNT = "default"


def _account_names(raw: object) -> str | Mapping[str, str]:
    """One account, or a table of accounts."""
    return by_name(raw, filled_text) if isinstance(raw, Mapping) else filled_text(raw)


def _by_method(raw: object) -> str | Mapping[str, str]:
    named = _account_names(raw)
    unknown = [] if isinstance(named, str) else sorted({*named} - {*METHODS, DEFAULT_ACCOUNT})
    if unknown:
        hint = f"use {', '.join(METHODS)}, and `{DEFAULT_ACCOUNT}` for the others"
        raise wrong("unknown-choice", f'"{unknown[0]}" is not a payout method', hint)
    return named


ACCRUE = ("to-date", "forecast")
_ACCOUNTS = {"type": "object", "additionalProperties": {"type": "string"}}
_ACCOUNT_SCHEMA = WithJsonSchema({"anyOf": [{"type": "string"}, _ACCOUNTS]})
ExpenseAccounts = Annotated[
    str | Mapping[str, str], BeforeValidator(_account_names), _ACCOUNT_SCHEMA
]
PayableAccounts = Annotated[str | Mapping[str, str], BeforeValidator(_by_method), _ACCOUNT_SCHEMA]


class JournalRules(TomlTable):
    """`[journal]`: an account each, or a table of accounts by what the money is for; and what accrues."""

    expense: ExpenseAccounts = "incentive-expense"
    accrued: FilledText = "accrued-incentives"
    accrue: Annotated[Literal["to-date", "forecast"], one_of(ACCRUE, "what accrues")] = "to-date"
    payable: PayableAccounts = "incentives-payable"
    clearing: FilledText = "payments-clearing"
    withheld: FilledText = "tax-withheld"
    fx: FilledText = "exchange-differences"
