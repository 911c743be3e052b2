"""`[bundle]`: what has to be bought together (docs/rules.md, "Bundles")."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from incentivectl.programs.conditions import Conditions
from incentivectl.toml.types import Listed, Positive, TomlTable, one_of
from incentivectl.toml.wrong import wrong


class Need(TomlTable):
    """One part of a bundle: so much of the lines whose conditions hold."""

    when: Conditions
    quantity: Positive


def _needs(raw: object) -> object:
    if isinstance(raw, list | tuple) and not raw:
        raise wrong("empty-list", "the list is empty", "such as [{ when = {…}, quantity = 2 }]")
    return raw


class Bundle(TomlTable):
    """What makes one bundle: of all lines of a payee, or of those of one customer or one sale."""

    needs: Annotated[tuple[Need, ...], Listed, BeforeValidator(_needs)]
    per: (
        Annotated[
            Literal["customer", "sale"],
            one_of(("customer", "sale"), "what a bundle is made within"),
        ]
        | None
    ) = None
