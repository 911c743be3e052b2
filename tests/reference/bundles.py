"""Bundles: how often a payee's lines make up all needs."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from tests.reference.eligible import Eligibility, Measured
from tests.reference.exact import number
from tests.reference.lines import Line
from tests.reference.programs import Program


def bundles_in(eligibility: Eligibility, program: Program, measured: Sequence[Measured]) -> int:
    """The metric `bundles`: the least, over the needs, of how often the quantity holds a need's.

    Never below 0; with `per` found for each customer or sale and added up.
    """
    if not program.needs:
        return 0
    wholes: dict[object, list[Measured]] = defaultdict(list)
    for one in measured:
        whole = _whole(program, one.line)
        if whole is not None:
            wholes[whole].append(one)
    return sum(_bundles(eligibility, program, lines) for lines in wholes.values())


def _whole(program: Program, line: Line) -> object:
    """Within what a line makes bundles; a return stands with its line. None: it makes none."""
    judged = line.takes_back or line
    per = program.table("bundle").get("per")
    if per == "sale":
        return judged.sale
    return judged["customer_id"] if per == "customer" else "all"


def _bundles(eligibility: Eligibility, program: Program, measured: Sequence[Measured]) -> int:
    sums: dict[int | None, Fraction] = defaultdict(Fraction)
    for one in measured:
        sums[eligibility.need_of(program, one.line)] += one.quantity
    times = [
        (sums[index] / number(need["quantity"])).__floor__()
        for index, need in enumerate(program.needs)
    ]
    return max(0, min(times))
