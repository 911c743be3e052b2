"""Clarity: how much a partner has to understand of each program."""

from collections.abc import Iterator

from incentivectl.core import money
from incentivectl.insight.metrics.figures import Definition, Found, Missing, number
from incentivectl.insight.metrics.view import View
from incentivectl.programs.checks.checks import MOST_COMPLEX, complexity

AREA = "clarity"
COMPLEXITY = Definition(
    AREA, "complexity", "complexity", "number",
    "of a program: its conditions + tiers + gate + boosts + limits + reward entries",
)  # fmt: skip
MEAN = Definition(
    AREA, "mean-complexity", "complexity, mean", "number",
    "the mean over the programs that ran in the period", digits=1,
)  # fmt: skip
TOO_COMPLEX = Definition(
    AREA, "too-complex", f"programs above {MOST_COMPLEX}", "number",
    f"programs whose complexity is above {MOST_COMPLEX}, of which `check` warns",
)  # fmt: skip
DEFINITIONS = (MEAN, TOO_COMPLEX, COMPLEXITY)


def clarity(view: View) -> Iterator[Found]:
    """The complexity of each program of PERIOD, their mean, and how many are too complex."""
    found = {one.case.program.id: complexity(one.case.program) for one in view.programs}
    mean = money.quotient(number(sum(found.values())), number(len(found)))
    if mean is None or view.no_programs:
        nothing = view.no_programs or Missing("there are no programs")
        yield from (Found(definition, nothing) for definition in (MEAN, TOO_COMPLEX))
        return
    yield Found(MEAN, mean)
    yield Found(TOO_COMPLEX, number(sum(1 for value in found.values() if value > MOST_COMPLEX)))
    for program, value in found.items():
        yield Found(COMPLEXITY, number(value), "program", program)
