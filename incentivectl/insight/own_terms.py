"""Which terms of a program's contracts a payee may see: its own, and never another's."""

from collections.abc import Callable

import polars as pl

from incentivectl.insight.payee import Payee
from incentivectl.programs.conditions import Value
from incentivectl.programs.model import Program
from incentivectl.programs.terms import Term
from incentivectl.sales.channel import Channel

_OF_PEOPLE = ("partner", "rep")


def own_terms(channel: Channel, program: Program, payee: Payee) -> Callable[[Term], bool]:
    """Whether a term is one that a payee may take: no key of it names other partners or reps.

    Fields are those of the last day of PERIOD. Keys on reps are a partner's where one of its own reps has
    the value.
    """
    terms = (reward.terms for reward in program.reward if reward.terms is not None)
    fields = {key for one in terms for key in one.keys if key.startswith(tuple(_entities()))}
    had = _values_of(channel, payee, fields)
    return lambda term: all(value in had[key] for key, value in term.keys if key in had)


def _entities() -> tuple[str, ...]:
    return tuple(f"{entity}." for entity in _OF_PEOPLE)


def _values_of(channel: Channel, payee: Payee, fields: set[str]) -> dict[str, set[Value]]:
    """The values that a payee has of each field: one of its own, or those of its reps."""
    ids = [payee.id]
    found = _viewed(channel, payee.kind, ids, fields)
    of_reps = {field for field in fields if field.startswith("rep.")}
    if payee.kind == "partner" and of_reps:
        reps = channel.rep_rows.filter(pl.col("partner_id") == payee.id)["rep_id"]
        found |= _viewed(channel, "rep", reps.unique().sort().to_list(), of_reps)
    return found


def _viewed(channel: Channel, kind: str, ids: list[str], fields: set[str]) -> dict[str, set[Value]]:
    people = pl.DataFrame({"payee_id": ids}, schema={"payee_id": pl.String})
    on_last_day = people.with_columns(judged_on=pl.lit(channel.as_of))
    viewed = channel.payee_view(on_last_day, kind, fields)
    return {field: set(viewed[field].drop_nulls()) for field in fields if field in viewed.columns}
