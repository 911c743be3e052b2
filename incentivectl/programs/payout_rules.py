"""What becomes of a reward once it is found: boosts, caps, and how it is paid."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from incentivectl.banking.payments import METHODS, Method
from incentivectl.programs.conditions import Conditions
from incentivectl.toml.types import Amount, Days, Positive, TomlTable, one_of
from incentivectl.toml.wrong import described, nearest_hint, wrong


class Boost(TomlTable):
    """Multiplies the reward of payees whose conditions hold."""

    when: Conditions
    factor: Amount


class Limits(TomlTable):
    """Caps: per payee and measurement period, and over the program's whole life."""

    per_payee: Amount | None = None
    budget: Amount | None = None
    over_budget: Annotated[
        Literal["prorate", "first_come", "warn"],
        one_of(("prorate", "first_come", "warn"), "a way to treat an exceeded budget"),
    ] = "prorate"

    @property
    def enforces_budget(self) -> bool:
        """Whether there is a budget that cuts what is paid; with `warn` it only warns."""
        return self.budget is not None and self.over_budget != "warn"


def _methods(raw: object) -> tuple[str, ...]:
    listed = raw if isinstance(raw, list | tuple) else [raw]
    if not listed:
        raise wrong("empty-list", "the list is empty", f"choose from {', '.join(METHODS)}")
    for method in listed:
        if method not in METHODS:
            hint = nearest_hint(method, METHODS) if isinstance(method, str) else ""
            text = f"{described(method)} is not a payout method: {', '.join(METHODS)}"
            raise wrong("unknown-choice", text, hint)
    if len(set(listed)) < len(listed):
        raise wrong("named-twice", "a payout method is listed twice")
    return tuple(listed)


class PayoutRules(TomlTable):
    """How and when a program is paid."""

    methods: Annotated[
        tuple[Method, ...],
        BeforeValidator(_methods),
        WithJsonSchema({"type": "array", "items": {"enum": list(METHODS)}, "minItems": 1}),
    ] = ("cash",)
    points_per_unit: Positive = Decimal(1)
    hold_days: Days = 0
