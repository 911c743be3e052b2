"""Groups that count together: the tier of each partner by what all partners under one top sell.

A partner's top is the one on the day on which the payees' own terms are judged
(docs/rules.md, "Parents and managers").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.rules.case import Judged, Sums
from incentivectl.rules.earning.earn import PICKED
from incentivectl.rules.earning.expected import SHARES
from incentivectl.rules.earning.measures import (
    BY_PROGRAM,
    COUNTED,
    MORE,
    counts_of_ids,
    still_to_come,
)
from incentivectl.rules.lines.payees import last_days
from incentivectl.rules.lines.terms import Blocks

_BY_GROUP = ("program", "period", "_top")
_ADDED_UP = ("revenue", "quantity", "lines")


def with_groups(programs: Sequence[Judged], payees: pl.DataFrame, sums: Sums) -> pl.DataFrame:
    """Adds `picked` (12 decimals): the group's metric where the reward that a payee takes counts together.

    `payees` are what is measured of all of them (`measures.measured`), with the `block` that each takes.
    """
    together = [one for one in programs if any(r.together for r in one.case.program.reward)]
    if not together:
        return payees
    tops = _tops(together, payees)
    by_payee = payees.lazy().join(tops.lazy(), on=BY_PROGRAM, how="left", maintain_order="left")
    of_groups = _of_groups(tops, payees, sums)
    if SHARES in sums:
        of_groups = _at_the_end(of_groups, tops.join(still_to_come(together, sums), on=BY_PROGRAM))
    before = pl.col(PICKED) if PICKED in payees.columns else pl.lit(None, dtype=money.SHARED)
    return (
        by_payee.join(
            of_groups.lazy(), on=_BY_GROUP, how="left", suffix="_together", maintain_order="left"
        )
        .with_columns(pl.coalesce(before, _picked(together)).alias(PICKED))
        .select(*dict.fromkeys((*payees.columns, PICKED)))
        .collect()
    )


def _tops(programs: Sequence[Judged], payees: pl.DataFrame) -> pl.DataFrame:
    """`BY_PROGRAM`, `_top`: the top of each payee of these programs."""
    days = last_days(programs)
    keys = payees.lazy().select(BY_PROGRAM).join(days.lazy(), on=["program", "period"])
    facts = programs[0].case.facts
    return facts.with_top(keys, "payee_id", "judged_on").select(*BY_PROGRAM, "_top").collect()


def _of_groups(tops: pl.DataFrame, payees: pl.DataFrame, sums: Sums) -> pl.DataFrame:
    """The metrics of all lines that count of each group's partners; each id counts once in a group."""
    found = tops.join(payees, on=BY_PROGRAM).group_by(_BY_GROUP).agg(pl.col(_ADDED_UP).sum())
    for metric in COUNTED:
        if metric in sums:
            ids = tops.join(sums[metric], on=BY_PROGRAM).drop("payee_id").unique()
            counts = counts_of_ids(found, ids, metric, _BY_GROUP)
            found = found.join(counts, on=_BY_GROUP)
    return found


def _at_the_end(of_groups: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Groups with the ids that are still to come, which count as new ones; their totals have it already."""
    counts = [name for name in COUNTED if name in of_groups.columns]
    added = more.group_by(_BY_GROUP).agg(pl.col(f"{MORE}{name}").sum() for name in counts)
    return of_groups.join(added, on=_BY_GROUP, how="left").with_columns(
        pl.col(name) + pl.col(f"{MORE}{name}") for name in counts
    )


def _picked(programs: Sequence[Judged]) -> pl.Expr:
    """The group's metric where the reward that is taken counts together; else null."""
    picked = [
        pl.when(
            (pl.col("program") == one.place)
            & (Blocks(one.case.program.reward).reward_of() == index)
        ).then(f"{reward.tiers_by}_together")
        for one in programs
        for index, reward in enumerate(one.case.program.reward)
        if reward.together
    ]
    return pl.coalesce(picked)
