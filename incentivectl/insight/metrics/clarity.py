"""Clarity: how much a partner has to understand of each program."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core import money
from incentivectl.insight.metrics.figures import Area, Basis, Definition, Found
from incentivectl.insight.metrics.view import View
from incentivectl.programs.checks.checks import MOST_COMPLEX, complexity

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


clarity = Area(AREA, "Clarity", DEFINITIONS, _found)
