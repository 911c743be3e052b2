"""Clarity: how much a partner has to understand of each program."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core import money
from incentivectl.engine.engine import Settled
from incentivectl.insight.metrics.figures import Area, Basis, Definition, Found
from incentivectl.insight.metrics.view import View
from incentivectl.output.amounts import tier_number
from incentivectl.programs.checks.checks import MOST_COMPLEX, complexity
from incentivectl.programs.words.statements import values_of
from incentivectl.programs.words.terms import Terms, bare

AREA = "clarity"
COMPLEXITY = Definition(
    AREA, "complexity", "complexity", "number",
    "of a program: its conditions + tiers + gate + boosts + limits + reward entries",
)  # fmt: skip
MEAN = Definition(
    AREA, "mean-complexity", "complexity, mean", "number",
    "the mean over the programs that ran in the period", digits=1, how="mean", headline=True,
)  # fmt: skip
TOO_COMPLEX = Definition(
    AREA, "too-complex", f"programs above {MOST_COMPLEX}", "number",
    f"programs whose complexity is above {MOST_COMPLEX}, of which `check` warns", how="count",
    headline=True,
)  # fmt: skip
DEFINITIONS = (MEAN, TOO_COMPLEX, COMPLEXITY)


def _found(view: View) -> Iterator[Basis | Found]:
    """The complexity of each program of PERIOD, their mean, and how many are too complex."""
    if view.no_programs:
        yield from (Found(definition, view.no_programs) for definition in (MEAN, TOO_COMPLEX))
        return
    found = [(one.case.program.id, complexity(one.case.program)) for one in view.programs]
    score = pl.col("complexity")
    rows = pl.DataFrame(
        found, schema={"program": pl.String, "complexity": pl.Int64}, orient="row"
    ).with_columns(
        score.cast(money.WHOLE),
        item="program",
        **{MEAN.key: score.cast(money.WHOLE), TOO_COMPLEX.key: score > MOST_COMPLEX},
    )
    yield Basis("complexity", rows, (COMPLEXITY,), ("program",))
    yield Basis("complexity", rows, (MEAN, TOO_COMPLEX))


def unused_rules(view: View) -> Iterator[tuple[str, str]]:
    """Program and rule: the rewards, tiers and boosts of which no payee made use in these periods."""
    for one in view.programs:
        of = one.case.program.id
        yield from (
            (of, rule) for rule in (*_without_payees(view, one), *_without_boost(view, one))
        )


def _without_payees(view: View, one: Settled) -> Iterator[str]:
    """Rewards that nobody takes, and tiers that nobody reaches, where payees take one over a period."""
    program = one.case.program
    if one.measured is None or not program.tiers_over_period or program.terms_by_line:
        return
    payees = one.measured.payees.filter(pl.col("period").is_in(view.periods_of(one)))
    taken = payees.select("tier", reward=one.case.blocks.reward_of())
    terms = Terms(program, one.case.currency)
    for index, reward in enumerate(program.reward):
        name = ""
        if len(program.reward) > 1:
            name = f"reward {index + 1} ({values_of(reward.when) or 'everybody else'})"
        own = taken.filter(pl.col("reward") == index)
        if own.is_empty():
            yield f"{name or 'the reward'}: nobody takes it"
            continue
        top = own["tier"].max()
        reached = top if isinstance(top, int) else -1
        for tier in range(reached + 1, reward.tier_count):
            starts = reward.tiers[tier : tier + 1]
            start = f", from {bare(reward.tiers_by, starts[0].from_, terms)}" if starts else ""
            yield f"{name + ', ' if name else ''}tier {tier_number(tier)}{start}: nobody reaches it"


def _without_boost(view: View, one: Settled) -> Iterator[str]:
    program = one.case.program
    factors = view.earnings.filter(pl.col("program_id") == program.id)["boost"].drop_nulls()
    if program.boost and (factors == 1).all():
        yield (
            "its boost: nobody has it" if len(program.boost) == 1 else "its boosts: nobody has one"
        )


clarity = Area(AREA, "Clarity", DEFINITIONS, _found)
