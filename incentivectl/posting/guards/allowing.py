"""`--allow GUARD[:SUBJECT]`: which refusals a user has overruled (docs/ledger.md, rule 56.3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incentivectl.core.errors import Problem
from incentivectl.posting.guards.judged_run import Refusal


@dataclass(frozen=True, slots=True)
class Allowance:
    """One `--allow` as it was `given`; without a subject it is for the only one that is refused."""

    given: str
    guard: str
    subject: str | None


def allowance(given: str) -> Allowance:
    """`missing-lines:alpha` is the guard `missing-lines`, for the source `alpha`."""
    guard, colon, subject = given.partition(":")
    return Allowance(given, guard, subject if colon else None)


def overruled(found: Iterable[Refusal], allowed: Sequence[str]) -> tuple[list[Refusal], list[str]]:
    """The refusals that stand, and the options, as given, that overruled others (sorted)."""
    refusals = list(found)
    options = [allowance(given) for given in allowed]
    standing, used = [], set()
    for one in refusals:
        subjects = {other.subject for other in refusals if other.guard == one.guard}
        by = [
            option.given
            for option in options
            if option.guard == one.guard
            and (option.subject == one.subject or (option.subject is None and len(subjects) == 1))
        ]
        used.update(by)
        if not by:
            standing.append(one)
    return standing, sorted(used)


def too_general(standing: Sequence[Refusal], allowed: Sequence[str]) -> list[Problem]:
    """The options that name a guard only, where it refuses for several subjects."""
    problems = []
    for option in map(allowance, allowed):
        of_guard = [one for one in standing if one.guard == option.guard]
        if option.subject is None and of_guard:
            options = dict.fromkeys(one.option for one in of_guard)
            message = f"`--allow {option.given}` is ambiguous: several are blocked"
            hint = f"name each: {' '.join(options)}"
            problems.append(Problem("too-general", message, hint, rank=-2))
    return problems
