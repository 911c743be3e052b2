"""`[payout]` and `[tax]`: what is paid, who pays it, who approves it, and what is withheld of it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from incentivectl.banking.accounts import bic_problem, compact, iban_problem, name_problem
from incentivectl.banking.payments import Account
from incentivectl.programs.conditions import Conditions
from incentivectl.toml.numbers import not_negative
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.types import (
    Amount,
    Count,
    FilledText,
    Flag,
    Rate,
    TomlTable,
    by_name,
    currency_code,
    filled_text,
)
from incentivectl.toml.wrong import described, wrong


def _money(raw: object) -> Decimal | Mapping[str, Decimal]:
    """A number, or a table currency → number."""
    if not isinstance(raw, Mapping):
        return not_negative(raw)
    return by_name(raw, not_negative, check_name=currency_code)


_AMOUNTS = {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}
Money = Annotated[
    Decimal | Mapping[str, Decimal],
    BeforeValidator(_money),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, _AMOUNTS]}),
]


def _bank_code(problem_of: Callable[[str], str | None], code: str) -> Callable[[object], str]:
    def read(raw: object) -> str:
        text = filled_text(raw)
        if problem := problem_of(text):
            raise wrong(code, problem)
        return text

    return read


AccountName = Annotated[
    str, BeforeValidator(_bank_code(name_problem, "bad-name")), WithJsonSchema({"type": "string"})
]
Iban = Annotated[
    str, BeforeValidator(_bank_code(iban_problem, "bad-iban")), WithJsonSchema({"type": "string"})
]
Bic = Annotated[
    str, BeforeValidator(_bank_code(bic_problem, "bad-bic")), WithJsonSchema({"type": "string"})
]


def _names(raw: object) -> tuple[object, ...]:
    """A list of names with at least one."""
    if not isinstance(raw, list | tuple):
        raise wrong("wrong-type", f"expected a list of names, not {described(raw)}")
    if not raw:
        raise wrong("empty-list", "the list is empty, so nobody could approve")
    return tuple(raw)


Names = Annotated[tuple[FilledText, ...], BeforeValidator(_names)]


class Debtor(TomlTable):
    """`[payout.debtor]`: the account that transfers are paid from; of several, those of some payees."""

    name: AccountName
    iban: Iban
    bic: Bic = ""
    when: Conditions = ()

    @property
    def account(self) -> Account:
        """The account, its codes as a bank's file has them."""
        return Account(self.name, compact(self.iban), compact(self.bic))


class ApprovalRule(TomlTable):
    """`[[payout.approval]]`: above an amount in the workspace's currency, one of these users approves."""

    above: Amount
    by: Names


class Payout(TomlTable):
    """`[payout]`: the smallest payment, the guards of a posting, who approves, and who pays."""

    minimum: Money = Decimal(0)
    clawback_guard: Rate = Decimal("0.2")
    surge_guard: Amount = Decimal(3)
    maximum: Money | None = None
    approvals: Count = 0
    approval: Annotated[tuple[ApprovalRule, ...], OneOrMore] = ()
    debtor: Annotated[tuple[Debtor, ...], OneOrMore] = ()

    @model_validator(mode="after")
    def _one_way_to_approve(self) -> "Payout":
        if self.approvals and self.approval:
            text = "`approvals` has no meaning beside [[payout.approval]]"
            raise wrong("two-approvals", text, "remove one of them")
        return self


class Tax(TomlTable):
    """`[tax]`: whether payments wait for a tax form, and from which sum on a payee is reported."""

    form_required: Flag = False
    threshold: Amount | None = None
