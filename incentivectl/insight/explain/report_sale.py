"""What `explain --line` prints: the sale, and what each program made of it."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.core import money
from incentivectl.insight.explain.report_terms import named_term
from incentivectl.insight.explain.sale import NOT_MEASURED, PAYS_NOTHING, Outcome, SaleExplained
from incentivectl.output.amounts import all_digits
from incentivectl.output.report import Amount, Cell, Report, Section
from incentivectl.programs.words.reasons import line_reason, nothing_because, short_condition
from incentivectl.programs.words.terms import Terms

_COLUMNS = ("sale", "line", "partner", "counts on", "product", "quantity", "amount")


def sale_report(told: SaleExplained, *, verdicts: bool) -> Report:
    """The report on one sale; `verdicts` shows each condition on each line to people, too."""
    run = told.run
    workspace = run.loaded.workspace
    names = {row["row"]: _name(told, row) for row in told.lines}
    return Report(
        title=f"{workspace.name}: sale {told.sale_id}, {run.period.label}, as of {run.period.last}",
        sections=(
            _lines(told),
            *_programs(told, names),
            _verdicts(told, names, shown=verdicts),
        ),
        main="programs",
        facts={
            "workspace": workspace.name,
            "period": run.period.label,
            "as_of": run.period.last,
            "sale": told.sale_id,
        },
    )


def _name(told: SaleExplained, row: dict[str, object]) -> str:
    """How a line is named in the tables: its number, or that of a return with its sale."""
    line = str(row["line_id"] or row["product_id"] or "")
    return line if row["sale_id"] == told.sale_id else f"{row['sale_id']} {line}".strip()


def _lines(told: SaleExplained) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            row["sale_id"],
            row["line_id"],
            row["partner_id"],
            row["counted_on"],
            row["product_id"],
            all_digits(row["quantity"], 0),
            Amount(row["amount"], money.minor_digits(row["currency"])),
            row["currency"],
        )
        for row in told.lines
    ]
    return Section("lines", "Lines, with the returns that name it", (*_COLUMNS, "currency"), rows)


def _programs(told: SaleExplained, names: dict[int, str]) -> Iterator[Section]:
    """Where it counts, line by line; where it does not, for people the lines of one reason together."""
    columns = ("program", "line", "payee", "adds", "currency", "term", "why not", "reason")
    counts: list[tuple[Cell, ...]] = []
    left_out: list[tuple[Cell, ...]] = []
    for one in told.outcomes:
        terms = Terms(one.case.program, one.case.currency)
        line = names[one.row]
        if not one.paid:
            reason = one.reason or PAYS_NOTHING
            why = _why(one, terms)
            left_out.append((terms.program.id, line, "", None, None, None, why, reason))
        for added in one.paid:
            adds = all_digits(added.amount, one.case.digits)
            reason = (added.why_nothing or PAYS_NOTHING) if added.amount == 0 else ""
            adds_nothing = "it adds nothing" if added.amount == 0 else ""
            why = nothing_because(added.why_nothing) or adds_nothing
            term = None if added.term is None else named_term(added.term)
            counts.append(
                (terms.program.id, line, added.payee, adds, one.case.currency, term, why, reason)
            )
    note = "adds: to the payee's reward, before boost, cap and rounding."
    title = "Programs in which it counts"
    yield Section("programs", title, columns, counts, note if counts else "None.", for_machines=1)
    yield Section("programs", title, columns, left_out, for_machines=len(columns))
    together: dict[tuple[Cell, Cell], list[str]] = {}
    for row in left_out:
        together.setdefault((row[0], row[-2]), []).append(str(row[1]))
    rows: list[tuple[Cell, ...]] = [
        (program, ", ".join(lines), because) for (program, because), lines in together.items()
    ]
    title = "Programs in which it does not"
    yield Section("left_out", title, ("program", "line", "why not"), rows, audience="people")


def _why(one: Outcome, terms: Terms) -> str:
    if one.reason == NOT_MEASURED:
        return "it pays activities, not sales"
    if one.reason is None:
        return "it counts, but has no payee"
    if one.reason == "outside-dates":
        return "outside the program's dates"
    told = line_reason(one.reason, terms)
    for seen in one.verdicts:
        if seen.condition.field == one.reason and not seen.holds:
            return f"{told} ({_shown(seen.value)})"
    return told


def _shown(value: object) -> str:
    if value is None:
        return "it has none"
    if isinstance(value, bool):
        return "it is true" if value else "it is false"
    return f"it is {money.plain(value) if isinstance(value, Decimal) else value}"


def _verdicts(told: SaleExplained, names: dict[int, str], *, shown: bool) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in told.outcomes:
        terms = Terms(one.case.program, one.case.currency)
        for seen in one.verdicts:
            words = short_condition(seen.condition, terms)
            value = "" if seen.value is None else _shown(seen.value).removeprefix("it is ")
            holds = "yes" if seen.holds else "no"
            rows.append(
                (terms.program.id, names[one.row], words, value, holds, seen.condition.field)
            )
    columns = ("program", "line", "condition", "its value", "holds", "field")
    hidden = 1 if shown else len(columns)
    return Section("verdicts", "Condition by condition", columns, rows, for_machines=hidden)
