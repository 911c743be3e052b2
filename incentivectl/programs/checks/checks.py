"""Static checks over all programs, before any data (docs/reference.md, "Checks")."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from incentivectl.core.calendar import ORDINARY, Calendar
from incentivectl.core.errors import Problem
from incentivectl.programs.checks.calendar_checks import calendar_findings
from incentivectl.programs.checks.cliffs import cliff_findings
from incentivectl.programs.checks.condition_checks import condition_findings
from incentivectl.programs.checks.contract_checks import key_findings, terms_findings
from incentivectl.programs.checks.contract_dates import contract_date_findings
from incentivectl.programs.checks.example_checks import example_findings
from incentivectl.programs.checks.level_checks import level_findings
from incentivectl.programs.checks.term_checks import term_findings
from incentivectl.programs.checks.tier_checks import reward_findings
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program

MOST_COMPLEX = 12


def check_programs(
    programs: Sequence[Program],
    *,
    currency: str,
    attributes: Mapping[str, Collection[str]],
    calendar: Calendar = ORDINARY,
    tables: Collection[str] | None = None,
) -> list[Problem]:
    """What is wrong with the programs, each by itself and against the others.

    `currency` is the workspace's, `attributes` the listed extra columns of each table, `calendar`
    what its months are, `tables` those that the workspace has files for (None: unknown).
    """
    problems: list[Problem] = []
    for program in programs:
        findings = [
            *rule_findings(program, attributes, calendar),
            *example_findings(program, attributes),
            *cliff_findings(program, currency),
            *_complexity_findings(program),
            *_target_findings(program, tables),
            *level_findings(program, programs, calendar),
        ]
        problems += as_problems(program, findings)
    problems += _duplicate_ids(programs)
    problems += _equal_priorities(programs)
    return problems


def own_findings(program: Program) -> list[Finding]:
    """What can be found from a program's file alone, whatever the workspace."""
    return [
        *term_findings(program),
        *reward_findings(program),
        *terms_findings(program),
        *program.own_findings(),
    ]


def rule_findings(
    program: Program,
    attributes: Mapping[str, Collection[str]],
    calendar: Calendar = ORDINARY,
) -> list[Finding]:
    """What is wrong with a program's rules; while there are errors, its examples cannot be run."""
    return [
        *own_findings(program),
        *condition_findings(program, attributes),
        *key_findings(program, attributes),
        *calendar_findings(program, calendar),
        *contract_date_findings(program, calendar),
    ]


def examples_to_run(
    program: Program,
    attributes: Mapping[str, Collection[str]],
    calendar: Calendar = ORDINARY,
) -> Collection[int]:
    """The indexes of the examples that can be run; none if the rules have errors."""
    if any(found.severity == "error" for found in rule_findings(program, attributes, calendar)):
        return ()
    broken = {
        found.path[1]
        for found in example_findings(program, attributes)
        if found.severity == "error"
    }
    return [place for place in range(len(program.example)) if place not in broken]


def as_problems(program: Program, findings: Iterable[Finding]) -> Iterator[Problem]:
    """Findings with the lines of the program's file."""
    for found in findings:
        yield program.problem(
            found.path,
            found.code,
            found.message,
            hint=found.hint,
            severity=found.severity,
            at_key=found.at_key,
        )


def complexity(program: Program) -> int:
    """How much there is to follow: conditions, tiers, gates, … (docs/rules.md, "Clarity")."""
    conditions = [*program.conditions()]
    tiers = [step for reward in program.reward for step in (*reward.tiers, *reward.curve)]
    limits = [
        limit for limit in (program.limits.per_payee, program.limits.budget) if limit is not None
    ]
    terms = [reward for reward in program.reward if reward.terms is not None]
    listed = len(terms) + len(conditions) + len(tiers) + len(program.gate) + len(limits)
    return listed + len(program.boost) + len(program.reward) + len(program.levels)


def _complexity_findings(program: Program) -> Iterator[Finding]:
    if (number := complexity(program)) > MOST_COMPLEX:
        message = f"its complexity is {number}; partners stop following above {MOST_COMPLEX}"
        hint = "fewer conditions, tiers, boosts or rewards, or two programs"
        yield warning(("id",), "too-complex", message, hint)


def _target_findings(program: Program, tables: Collection[str] | None) -> Iterator[Finding]:
    if tables is None or "targets" in tables:
        return
    for path, metric in program.metrics_used():
        if metric == "attainment":
            message = "attainment needs the table `targets`, which is missing: nobody earns"
            yield warning(path, "no-targets", message, "add sample_data/targets.csv or a source")


def _duplicate_ids(programs: Sequence[Program]) -> Iterator[Problem]:
    first: dict[str, Program] = {}
    for program in programs:
        earlier = first.setdefault(program.id, program)
        if earlier is not program:
            message = f'the id "{program.id}" is already used by {earlier.file.name}'
            yield program.problem(("id",), "duplicate-id", message, hint="ids are unique")


def _equal_priorities(programs: Sequence[Program]) -> Iterator[Problem]:
    first: dict[tuple[str, int], Program] = {}
    for program in programs:
        if program.exclusive_group is None:
            continue
        earlier = first.setdefault((program.exclusive_group, program.priority), program)
        if earlier is not program:
            message = (
                f'"{earlier.id}" ({earlier.file.name}) has the priority {program.priority} '
                f'in the group "{program.exclusive_group}" too'
            )
            hint = "a line earns in the program with the lowest number: give each its own"
            key = "priority" if "priority" in program.model_fields_set else "exclusive_group"
            yield program.problem((key,), "equal-priority", message, hint=hint)
