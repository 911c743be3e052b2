"""The levels that programs ask for: found before these programs, and joined to their lines by day."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from incentivectl.kinds.catalogue import KINDS
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case
from incentivectl.rules.levels import Levels
from incentivectl.rules.lines.views import ViewedLines
from incentivectl.rules.lookups import Lookups, with_levels_of
from incentivectl.sales.facts import Facts
from incentivectl.sales.line_source import LineSource

_DAYS = ("in_force_from", "in_force_until")


def with_levels(
    programs: Sequence[Program], channel: LineSource, lookups: Lookups
) -> tuple[LineSource, Lookups]:
    """`channel` and its `lookups` with the levels that any of `programs` asks for.

    They are found once for the same rules of levels.
    """
    asked = {level_id for program in programs for _, level_id in program.levels_named()}
    if not asked or channel.given:
        return channel, lookups
    named = [program for program in programs if program.id in asked and program.levels]
    rules = tuple((program.id, program.own_hash) for program in named)
    if rules not in lookups.levelled:
        found = levels_of(named, channel, lookups)
        rows = {one.program.id: of_partners(one, lookups.facts) for one in found}
        levelled = channel.with_levels(rows)
        lookups.levelled[rules] = (levelled, with_levels_of(lookups, levelled))
    return lookups.levelled[rules]


def levels_of(programs: Iterable[Program], channel: LineSource, lookups: Lookups) -> list[Levels]:
    """What each level program among `programs` finds, looked for once."""
    # Their view of the lines is needed no more once they are done.
    alone = replace(lookups, lines=ViewedLines(channel, lookups.facts, lookups.covered))
    found = []
    for program in programs:
        find = KINDS[program.kind].levels
        if find is None:
            continue
        rules = (program.id, program.own_hash)
        if rules not in lookups.levels:
            currency = program.currency or channel.currency
            lookups.levels[rules] = find(Case(program, currency, channel, alone))
        found.append(lookups.levels[rules])
    return found


def of_partners(levels: Levels, facts: Facts) -> pl.DataFrame:
    """The levels of partners by one program, as `Channel.level_rows` has them.

    In a program for parents, a partner has the level of its top on that day.
    """
    if levels.program.payee != "parent":
        return levels.in_force.rename({"payee_id": "partner_id"})
    of_tops = levels.in_force.rename({"payee_id": "top", **{day: f"_{day}" for day in _DAYS}})
    first, until = (pl.col(day) for day in _DAYS)
    return (
        facts.tops.join(of_tops, on="top", how="left")
        .with_columns(
            in_force_from=pl.max_horizontal(first, "_in_force_from"),
            in_force_until=pl.min_horizontal(until, "_in_force_until"),
        )
        .filter(first < until)
        .select("partner_id", "level", *_DAYS)
    )
