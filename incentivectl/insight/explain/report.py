"""What `explain` prints: the payout, then each program from its lines to this batch."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from incentivectl.core.calendar import Calendar
from incentivectl.insight.explain.causes import Change
from incentivectl.insight.explain.explain import Entry, Explained
from incentivectl.insight.explain.report_changes import changes_sections
from incentivectl.insight.explain.report_entry import LINES_SHOWN, entry_sections
from incentivectl.output.amounts import cents
from incentivectl.output.report import Cell, Report, Section
from incentivectl.program_files.plain_words import plain_words
from incentivectl.programs.payee import payee_kind
from incentivectl.programs.terms import Term
from incentivectl.programs.words.reasons import line_reason, nothing_because
from incentivectl.programs.words.terms import Terms

_RULE_PARTS = ("about", "example", "payout")


def explain_report(
    told: Explained, changes: Sequence[Change] | None = None, *, every_line: bool = False
) -> Report:
    """The report of `explain` for one payee, with what changed since another state where it is known.

    With `every_line`, no line is left out.
    """
    run, payee = told.run, told.payee
    workspace = run.loaded.workspace
    payout = [] if told.is_one_program else [_payout(told)]
    sections: list[Section] = [*payout, _overview(told), _nothing(told)]
    if changes is not None:
        sections += changes_sections(changes, every_line=every_line)
    in_detail = [one for one in told.entries if one.earned is not None or told.is_one_program]
    for _, entries in groupby(in_detail, key=lambda entry: entry.case.program.id):
        sections += _program(list(entries), workspace.calendar, every_line=every_line)
    name = payee.id if payee.name == payee.id else f"{payee.id} {payee.name}"
    return Report(
        title=f"{workspace.name}: {name}, {run.period.label}, as of {run.period.last}",
        sections=tuple(sections),
        main="steps",
        facts={
            "workspace": workspace.name,
            "period": run.period.label,
            "as_of": run.period.last,
            "payee_kind": payee.kind,
            "payee": payee.id,
            "name": payee.name,
        },
        closing=("Nothing was booked.",)
        if every_line
        else (f"--lines shows all lines, not only the {LINES_SHOWN} that add most.",),
    )


def _payout(told: Explained) -> Section:
    columns = ("currency", "method", "brought forward", "this batch", "payable", "carried", "held")
    names = ("brought_forward", "this_batch", "payable", "carried_forward", "held")
    rows: list[tuple[Cell, ...]] = [
        (row["currency"], row["method"], *(cents(row[n], row["currency"]) for n in names))
        for row in told.payouts
    ]
    note = "" if rows else "Nothing is paid or carried forward."
    return Section("payouts", "Payout", columns, rows, note)


def _overview(told: Explained) -> Section:
    """Every program and adjustment; what is the same in all rows is shown once, or only in JSON."""
    cells: list[dict[str, Cell]] = [
        {
            "program": row["program_id"],
            "from": row["period_start"],
            "status": row["status"],
            "earned": cents(row["entitlement"], row["currency"]),
            "booked before": cents(row["booked_before"], row["currency"]),
            "this batch": cents(row["this_batch"], row["currency"]),
            "currency": row["currency"],
            "note": nothing_because(row["why_nothing"]),
        }
        for row in told.earnings
    ]
    cells += [
        {
            "program": row["program_id"] or "adjustment",
            "from": row["on"],
            "status": "due",
            "earned": None,
            "booked before": None,
            "this batch": cents(row["this_batch"], row["currency"]),
            "currency": row["currency"],
            "note": f"adjustment {row['adjustment_id']}: {row['reason']}",
        }
        for row in told.adjustments
    ]
    currencies = sorted({str(row["currency"]) for row in cells})
    hidden = [] if any(row["booked_before"] for row in told.earnings) else ["booked before"]
    hidden += ["currency"] if len(currencies) == 1 else []
    hidden += [] if any(row["note"] for row in cells) else ["note"]
    columns = (
        "program",
        "from",
        "status",
        "earned",
        "booked before",
        "this batch",
        "currency",
        "note",
    )
    order = (*(name for name in columns if name not in hidden), *hidden)
    title = f"Programs, in {currencies[0]}" if len(currencies) == 1 else "Programs"
    rows = [tuple(row[name] for name in order) for row in cells]
    note = "" if rows else _why_nothing(told)
    return Section("programs", title, order, rows, note, for_machines=len(hidden))


def _why_nothing(told: Explained) -> str:
    """Why the overview is empty."""
    cases = [one.case for one in told.run.settled]
    if told.is_one_program and cases:
        program = cases[0].program
        if not cases[0].periods:
            return f"{program.id} begins on {program.starts}; use a later PERIOD."
        if payee_kind(program.payee) != told.payee.kind:
            return f"{program.id} pays {program.payee}s."
        return f"Nothing of {told.payee.id} counts in {program.id}."
    return "Earns nothing in any program."


def _nothing(told: Explained) -> Section:
    """The programs in which none of the payee's lines counts, with what keeps most of them out."""
    rows: list[tuple[Cell, ...]] = []
    for entry in told.entries:
        if entry.earned is None:
            terms = Terms(entry.case.program, entry.case.currency)
            reasons = entry.lines["reason"].value_counts(sort=True)
            reason, count = reasons.sort("count", "reason", descending=[True, False]).row(0)
            why = line_reason(reason, terms)
            rows.append((terms.program.id, entry.lines.height, count, why, entry.period.start))
    columns = ("program", "lines", "kept out", "because", "period_start")
    title = "Programs in which no line counts, and what keeps most lines out"
    return Section("nothing", title, columns, rows, for_machines=1)


def _program(
    entries: Sequence[Entry], calendar: Calendar, *, every_line: bool
) -> Iterator[Section]:
    program = entries[0].case.program
    taken = [taken.term for entry in entries for taken in entry.terms.values()]

    def is_own(term: Term) -> bool:
        return any(term is one for one in taken)

    terms = Terms(program, entries[0].case.currency, is_own)
    about: dict[str, Cell] = {"program": program.id}
    parts = plain_words(program, terms.currency, calendar, is_own)
    told = [part for part in parts if not part.key.startswith(_RULE_PARTS)]
    sentences = [one for part in told for one in part.sentences]
    yield Section(
        "rule",
        f"{program.id}: the rule",
        ("sentence",),
        [(s,) for s in sentences],
        prose=True,
        about=about,
    )
    for part in told:
        if part.rows:
            title = f"{program.id}: {part.title}"
            yield Section(f"rule_{part.key}", title, part.columns, part.rows, about=about)
    for entry in entries:
        yield from entry_sections(entry, terms, every_line=every_line)
