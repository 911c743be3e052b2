"""Static checks of dates, gate, baseline, limits and payout: keys that contradict each other."""

from collections.abc import Iterator

from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program


def term_findings(program: Program) -> Iterator[Finding]:
    """What is wrong with a program's terms, without any data (docs/rules.md, "Dates")."""
    if program.ends < program.starts:
        message = f"it ends on {program.ends}, before it starts on {program.starts}"
        yield Finding(("ends",), "ends-before-starts", message, "swap `starts` and `ends`")
    if program.settle == "monthly" and program.payout.hold_days:
        message = "a program that is settled monthly cannot be held back by `hold_days`"
        hint = 'leave out `hold_days`, or use settle = "end"'
        yield Finding(("payout", "hold_days"), "monthly-with-hold-days", message, hint)
    if program.priority and program.exclusive_group is None:
        message = "`priority` has no effect without `exclusive_group`"
        yield warning(("priority",), "priority-without-group", message)
    payout = program.payout
    if "points_per_unit" in payout.model_fields_set and "points" not in payout.methods:
        message = '`points_per_unit` has no effect: "points" is not among the methods'
        yield warning(("payout", "points_per_unit"), "points-not-paid", message)
    yield from _baseline_findings(program)
    yield from _budget_findings(program)


def _baseline_findings(program: Program) -> Iterator[Finding]:
    by_growth = [path for path, metric in program.metrics_used() if metric == "growth"]
    if by_growth and "baseline" not in program.model_fields_set:
        message = "there is no [baseline], so growth is measured against the previous year"
        hint = 'add [baseline] with from = "previous_year" or "previous_period"'
        yield warning(by_growth[0], "growth-without-baseline", message, hint)
    elif program.baseline is not None and not by_growth:
        message = "[baseline] has no effect: nothing here is measured by growth"
        hint = 'use tiers_by = "growth" or pays_on = "increment", or leave it out'
        yield warning(("baseline",), "unused-baseline", message, hint)


def _budget_findings(program: Program) -> Iterator[Finding]:
    limits = program.limits
    path = ("limits", "over_budget")
    if limits.budget is None and "over_budget" in limits.model_fields_set:
        yield warning(path, "no-budget", "`over_budget` has no effect without a `budget`")
    if limits.over_budget == "first_come" and (why := program.why_no_single_lines()):
        message = f"first_come needs rewards per line: {why}"
        yield Finding(path, "first-come-without-lines", message, 'use "prorate" or "warn"')
