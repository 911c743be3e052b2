"""How the objective of one program stands in a period, for `program show`."""

from decimal import Decimal

from incentivectl.insight.metrics.figures import Value
from incentivectl.insight.metrics.found import found_in
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.objectives import (
    BEFORE,
    ON_TRACK,
    REACHED,
    RESULT,
    TARGET,
    is_over,
    objectives,
    state,
)
from incentivectl.insight.metrics.view import View, no_postings
from incentivectl.output.report import Amount, Cell, Section, percent
from incentivectl.run.run import Run


def objective_section(run: Run, program_id: str) -> Section:
    """Target, result and state of a program's objective; a note where it is not measured."""
    view = View(run, no_postings())
    title = f"Its objective in {run.period.label}"
    columns = ("to compare with", "target", "result", "of the target", "state")
    one = next((one for one in view.programs if one.case.program.id == program_id), None)
    if one is None or not one.case.program.objective.is_measured:
        why = "it was not running" if one is None else "it is not measured: set [objective] metric"
        return Section("objective", title, columns, [], f"No result: {why}.")
    found = {key: figure.value for key, figure in found_in(objectives, view).items()}

    def value(key: str) -> Value | None:
        return found.get((key, "program", program_id))

    digits = one.case.digits if one.case.program.objective.metric == "revenue" else 0
    numbers: list[Cell] = [_cell(value(part.key), digits) for part in (BEFORE, TARGET, RESULT)]
    reached, on_track = value(REACHED.key), value(ON_TRACK.key)
    target = value(TARGET.key)
    stands = f"{target.why}" if isinstance(target, Missing) else ""
    if on_track is not None:
        stands = state(reached=bool(on_track), over=is_over(one, run.period.last))
    share = percent(reached) if isinstance(reached, Decimal) else None
    return Section("objective", title, columns, [(*numbers, share, stands)])


def _cell(value: Value | None, digits: int) -> Cell:
    return Amount(value, digits) if isinstance(value, Decimal) else None
