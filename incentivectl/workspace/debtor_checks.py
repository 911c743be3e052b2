"""What can be wrong with several debtors beside each other (docs/ledger.md, "Debtors")."""

from collections.abc import Collection, Iterator, Mapping

from incentivectl.core.errors import Problem
from incentivectl.programs.checks.condition_checks import value_findings
from incentivectl.programs.finding import Finding
from incentivectl.toml.source import TomlSource
from incentivectl.workspace.payout import Debtor


def debtor_problems(
    debtors: tuple[Debtor, ...], attributes: Mapping[str, Collection[str]], source: TomlSource
) -> list[Problem]:
    """Conditions that do not fit, names that stand twice, and debtors that are never reached."""
    findings = [*_conditions(debtors, attributes), *_unreached(debtors), *_twice(debtors)]
    return [
        source.problem(one.path, one.code, one.message, hint=one.hint, at_key=one.at_key)
        for one in findings
    ]


def _conditions(
    debtors: tuple[Debtor, ...], attributes: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    for at, debtor in enumerate(debtors):
        for condition in debtor.when:
            path = ("payout", "debtor", at, "when", condition.field)
            yield from value_findings(path, condition, ("partner",), attributes, "a debtor")


def _unreached(debtors: tuple[Debtor, ...]) -> Iterator[Finding]:
    for at, debtor in enumerate(debtors[:-1]):
        if not debtor.when:
            message = f"{debtor.name} pays everybody, so that the debtors after it pay nobody"
            hint = "give it a `when`, or put it last"
            yield Finding(("payout", "debtor", at, "name"), "never-reached", message, hint)


def _twice(debtors: tuple[Debtor, ...]) -> Iterator[Finding]:
    """Books are kept by the debtor's name."""
    names = [debtor.name for debtor in debtors]
    for at, name in enumerate(names):
        if name in names[:at]:
            message = f"two debtors are named {name}"
            yield Finding(("payout", "debtor", at, "name"), "two-debtors", message, "rename one")
