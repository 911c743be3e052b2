"""What `audit` prints: how much of a payout file agrees, and every difference under its cause."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from incentivectl.insight.audit.audit import Audit, Difference
from incentivectl.output.amounts import cents
from incentivectl.output.report import Cell, Report, Section

_WORDS = {
    "rounded-per-line": "rounded per line",
    "tier-per-line": "tier judged per line",
    "returns-ignored": "returns ignored",
    "marginal-tiers": "marginal instead of retroactive tiers",
    "retroactive-tiers": "retroactive instead of marginal tiers",
    "duplicates-counted": "duplicate lines counted",
    "currency-unconverted": "currency not converted",
    "fx-of-period-end": "rate of the last day of PERIOD",
    "fx-of-period-start": "rate of the first day of PERIOD",
    "fx-of-month-end": "rate of the month's last day",
    "fx-of-month-start": "rate of the month's first day",
    "earlier-not-deducted": "earlier settlement not deducted",
    "held-paid": "an inactive payee was paid",
    "missing-in-file": "missing in the file",
    "unknown-payee": "unknown payee",
    "unexplained": "unexplained",
}


def audit_report(found: Audit) -> Report:
    """The report of `audit`."""
    known = found.known
    unexplained = sum(1 for one in found.differences if one.cause == "unexplained")
    return Report(
        title=f"{known.loaded.workspace.name}: {found.file.name} against what became due in"
        f" {known.period.label}",
        sections=(_causes(found), *_differences(found)),
        main="differences",
        facts={
            "workspace": known.loaded.workspace.name,
            "period": known.period.label,
            "as_of": known.period.last,
            "file": str(found.file),
            "rows": found.rows,
            "agree": found.agree,
            "differ": len(found.differences),
            "unexplained": unexplained,
        },
        closing=tuple(_closing(found, unexplained)),
    )


def _closing(found: Audit, unexplained: int) -> list[str]:
    if not found.differences:
        return [f"All {found.agree:,} amounts agree."]
    count = len(found.differences)
    told = f"{found.agree:,} amounts agree, {count:,} differ"
    return [f"{told}; {unexplained:,} of these are unexplained." if unexplained else f"{told}."]


def _causes(found: Audit) -> Section:
    """How many differences each cause explains, and how much money."""

    def cause(one: Difference) -> tuple[str, str]:
        return one.cause, one.currency

    order = list(dict.fromkeys(one.cause for one in found.differences))
    in_order = sorted(found.differences, key=lambda one: (order.index(one.cause), one.currency))
    rows: list[tuple[Cell, ...]] = []
    for (code, currency), group in groupby(in_order, key=cause):
        own = list(group)
        total = sum((one.theirs - one.ours for one in own), Decimal(0))
        rows.append((_WORDS.get(code, code), len(own), cents(total, currency), currency, code))
    columns = ("cause", "amounts", "difference", "currency", "code")
    return Section("causes", "What the differences come from", columns, rows, for_machines=1)


def _differences(found: Audit) -> Iterator[Section]:
    """A table for each cause; the program is the file's, or the one in which the mistake was made."""
    columns = ("payee", "name", "theirs", "ours", "difference", "program", "currency")
    several = len({one.currency for one in found.differences}) > 1
    for code, group in groupby(found.differences, key=lambda one: one.cause):
        own = list(group)
        named = any(one.program_id or one.program for one in own)
        rows: list[tuple[Cell, ...]] = [
            (
                one.payee_id,
                one.payee_name,
                cents(one.theirs, one.currency),
                cents(one.ours, one.currency),
                cents(one.theirs - one.ours, one.currency),
                one.program_id or one.program,
                one.currency,
            )
            for one in own
        ]
        hidden = 0 if several else 1 if named else 2
        words = _WORDS.get(code, code)
        about: dict[str, Cell] = {"cause": words, "code": code}
        title = words[:1].upper() + words[1:]
        yield Section("differences", title, columns, rows, about=about, for_machines=hidden)
