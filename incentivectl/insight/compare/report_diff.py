"""What `diff` prints: rules that changed, and money by program and payee, the largest change first."""

from incentivectl.core.frames import total
from incentivectl.insight.compare.diff import Diff
from incentivectl.output.amounts import cents
from incentivectl.output.report import Cell, Report, Section

MOST_PAYEES = 20


def diff_report(found: Diff, names: tuple[str, str], *, everybody: bool) -> Report:
    """The report of a comparison of A and B, under the names that they were given."""
    differs = not found.is_empty
    return Report(
        title=f"{names[0]} and {names[1]}, {found.period}",
        sections=(_programs(found), _rules(found), _inputs(found), _payees(found, everybody)),
        main="payees",
        facts={
            "a": names[0],
            "b": names[1],
            "compared": found.what,
            "period": found.period,
            "differs": "yes" if differs else "no",
        },
        closing=() if differs else ("No difference in money or rules.",),
    )


def _programs(found: Diff) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
            row["currency"],
            row["differ"],
            found.because.get(row["program_id"], ""),
        )
        for row in found.programs.iter_rows(named=True)
    ]
    columns = ("program", "A", "B", "change", "currency", "payees", "because of")
    return Section("programs", "Money by program", columns, rows, _in_all(found))


def _in_all(found: Diff) -> str:
    """The whole change, by currency."""
    parts = [
        f"{cents(total(part, 'change'), str(currency)).rounded:+,f} {currency}"
        for (currency,), part in found.programs.sort("currency")
        .partition_by("currency", as_dict=True, maintain_order=True)
        .items()
    ]
    return f"In all {', '.join(parts)}." if parts else ""


def _rules(found: Diff) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (one.program_id, one.key, one.before, one.after) for one in found.rules
    ]
    return Section("rules", "Rules that changed", ("program", "key", "A", "B"), rows)


def _inputs(found: Diff) -> Section:
    return Section("inputs", "Inputs that changed", ("file", "what"), list(found.inputs))


def _payees(found: Diff, everybody: bool) -> Section:
    shown = found.payees if everybody else found.payees.head(MOST_PAYEES)
    rows: list[tuple[Cell, ...]] = [
        (
            row["payee_id"],
            row["payee_name"],
            *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
            row["currency"],
        )
        for row in shown.iter_rows(named=True)
    ]
    more = found.payees.height - shown.height
    note = f"and {more:,} more: --all lists them" if more else ""
    columns = ("payee", "name", "A", "B", "change", "currency")
    return Section("payees", "Money by payee", columns, rows, note)
