"""Whom programs pay."""

from typing import Literal

Payee = Literal["partner", "rep", "distributor", "parent", "manager"]
PAYEES: tuple[Payee, ...] = ("partner", "rep", "distributor", "parent", "manager")


def payee_kind(payee: str) -> Literal["partner", "rep"]:
    """What a program's `payee` is, as files show it: a distributor or a parent is a partner."""
    return "rep" if payee in ("rep", "manager") else "partner"
