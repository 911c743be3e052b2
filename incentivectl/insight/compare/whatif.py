"""Today's rules and a scenario's, computed from the same data (docs/questions.md, "Scenarios").

Only what changes is computed twice: programs whose rules differ, and those that share an exclusive
group with one of them, now or in the scenario.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW
from incentivectl.engine.engine import Settled, settle
from incentivectl.insight.compare.scenario import Scenario
from incentivectl.programs.model import Program
from incentivectl.rules.lookups import Lookups, lookups_of
from incentivectl.run.known import Known
from incentivectl.run.run import Run, from_settled
from incentivectl.sales.channel import Channel
from incentivectl.settlement import Past

_SCALED = ("quantity", "amount", "amount_ws")


@dataclass(frozen=True)
class Baseline:
    """Today's rules on the workspace's data; `lookups` are shared with every scenario."""

    known: Known
    lookups: Lookups
    run: Run


@dataclass(frozen=True)
class WhatIf:
    """A scenario beside today: `recalculated` are the ids of the programs that were computed anew.

    Both runs have all programs, or only those that the scenario affects (`is_whole` is false then).
    `extra_revenue` is what an uplift adds to qualifying lines, in workspace currency.
    """

    today: Run
    scenario: Run
    changed: frozenset[str]
    recalculated: frozenset[str]
    uplift: Decimal | None = None
    extra_revenue: Decimal | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every program of today was computed."""
        return len(self.today.settled) == sum(one.pays for one in self.today.loaded.programs)


def baseline_of(
    known: Known,
    progress: Callable[[str], None],
    *,
    only: Collection[str] | None = None,
    past: Past | None = None,
) -> Baseline:
    """Today's run as the base of comparisons; with `only` of just these programs.

    `past` is what is booked; without it nothing is, as for questions about entitlements alone.
    """
    if past is not None and only is not None:
        booked = past.booked.filter(pl.col("program_id").is_in(list(only)))
        past = replace(past, booked=booked)
    lookups = lookups_of(known.channel)
    programs = known.loaded.programs
    settled = settle(
        programs, known.channel, progress=progress, audit=False, lookups=lookups, only=only
    )
    run = from_settled(known.loaded, known.period, known.inputs, known.channel, settled, past=past)
    return Baseline(known, lookups, run)


def affected_by(known: Known, scenario: Scenario) -> frozenset[str]:
    """The programs of today that have to be computed to see what a scenario changes."""
    today = known.loaded.programs
    changed = changed_programs(today, scenario.programs)
    return affected_programs(today, scenario.programs, changed)


def what_if(
    base: Baseline,
    scenario: Scenario,
    progress: Callable[[str], None],
    *,
    uplift: Decimal | None = None,
) -> WhatIf:
    """The scenario's run, of the programs that the baseline has and those that change.

    With `uplift`, qualifying lines are so much larger in it, and all programs are computed.
    """
    known, today = base.known, base.run
    changed = changed_programs(known.loaded.programs, scenario.programs)
    again = affected_programs(known.loaded.programs, scenario.programs, changed)
    done = {one.case.program.id: one for one in today.settled if one.case.program.id not in again}
    fresh = settle(
        scenario.programs, known.channel, progress=progress, audit=False,
        lookups=base.lookups, only=again,
    )  # fmt: skip
    done |= {one.case.program.id: one for one in fresh}
    channel, extra = known.channel, None
    if uplift is not None:
        rows = qualifying_rows([one for key, one in done.items() if not changed or key in changed])
        channel = uplifted(known.channel, rows, uplift)
        added = money.multiply(pl.col("amount_ws"), money.literal(uplift), scales=(6, 6))
        extra_lines = known.channel.lines.join(rows, on="row", how="semi").select(added.sum())
        extra = extra_lines.collect().item() or Decimal(0)
        again = frozenset(one.id for one in scenario.programs)
        fresh = settle(scenario.programs, channel, progress=progress, audit=False)
        done = {one.case.program.id: one for one in fresh}
    settled = [done[program.id] for program in scenario.programs if program.id in done]
    run = from_settled(scenario.loaded, known.period, known.inputs, channel, settled)
    return WhatIf(today, run, changed, again, uplift, extra)


def changed_programs(today: Sequence[Program], scenario: Sequence[Program]) -> frozenset[str]:
    """The ids whose rules differ, or that only one side has."""
    old, new = ({one.id: one.hash_with_terms for one in side} for side in (today, scenario))
    return frozenset(key for key in {*old, *new} if old.get(key) != new.get(key))


def affected_programs(
    today: Sequence[Program], scenario: Sequence[Program], changed: Collection[str]
) -> frozenset[str]:
    """The changed ones, and those that share an exclusive group with them on either side."""
    every = [*today, *scenario]
    groups = {one.exclusive_group for one in every if one.id in changed} - {None}
    return frozenset(changed) | {one.id for one in every if one.exclusive_group in groups}


def qualifying_rows(settled: Sequence[Settled]) -> pl.LazyFrame:
    """`row` of each line that counts in any of the programs, returns included."""
    rows = [
        one.measured.judged.filter(pl.col("reason").is_null()).select("row")
        for one in settled
        if one.measured is not None and one.measured.judged is not None
    ]
    return pl.concat([pl.LazyFrame(schema={"row": ROW}), *rows]).unique()


def uplifted(channel: Channel, rows: pl.LazyFrame, uplift: Decimal) -> Channel:
    """The channel with `rows` larger by `uplift`: quantities and amounts, rounded to 6 decimals."""
    factor = money.literal(1 + uplift)
    marked = rows.with_columns(_more=pl.lit(True)).collect().lazy()

    larger = [
        pl.when("_more")
        .then(money.to_amount(money.multiply(pl.col(name), factor, scales=(6, 6))))
        .otherwise(name)
        .alias(name)
        for name in _SCALED
    ]
    scaled = channel.lines.join(marked, on="row", how="left").with_columns(larger).drop("_more")
    return replace(channel, lines=scaled)
