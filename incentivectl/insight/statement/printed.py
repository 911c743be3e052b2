"""A statement as a report of sections: for a terminal, as Markdown, JSON and CSV.

People get small tables of amounts that fit 80 columns, and the reasons below them as sentences.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from incentivectl.insight.statement.exact_sections import exact_sections, place
from incentivectl.insight.statement.line_view import Line
from incentivectl.insight.statement.statement import Statement
from incentivectl.insight.statement.view import View, view_of
from incentivectl.output.language import language_of
from incentivectl.output.report import Cell, Report, Section, Worded


def statement_reports(statements: Iterable[Statement]) -> list[Report]:
    """A report for each payee, in its own language."""
    return [statement_report(view_of(one, language_of(one.payee.locale))) for one in statements]


def statement_report(view: View) -> Report:
    """The report of one payee, in its language; JSON and CSV have exact values and English keys."""
    payee = view.statement.payee
    say = view.language.say
    return Report(
        title=_title(view),
        sections=(
            _kept("lead", say("In short"), _lead(view)),
            _prose("batches", say("Statement"), [view.batches] if view.batches else []),
            _balances(view),
            _year(view),
            *_earned(view),
            _kept(
                "corrections", say("What was corrected, and why"),
                [f"{_named(line)}: {line.correction}" for line in view.corrected],
            ),
            _adjustments(view),
            *_to_date("accruing", say("Still running"), view.accruing, view),
            *_next(view),
            *_to_date("held", say("Held"), view.held, view),
            _prose("nothing", say("Nothing earned"), _reasons(view.nothing)),
            _funds(view),
            _kept(
                "fund_notes", say("About your funds"),
                [f"{fund.program}: {said}" for fund in view.funds for said in fund.sentences],
            ),
            _kept(
                "level_notes", say("Your levels"),
                [f"{one.program}: {said}" for one in view.levels for said in one.sentences],
            ),
            *_deals(view),
            _kept(
                "dispute_notes", say("Your disputes"),
                [f"{one.dispute_id}: {one.sentence}" for one in view.disputes],
            ),
            _kept(
                "questions", say("Questions"),
                [text for text in (view.contact, view.objections) if text],
            ),
            *exact_sections(view),
        ),
        main="earned",
        facts={
            "payee_kind": payee.kind,
            "payee": payee.payee_id,
            "name": payee.name,
            "locale": view.language.name,
            "period": view.statement.period,
            "as_of": view.statement.last,
            "posted": view.statement.posted,
            "number": view.statement.number or None,
            "reverses": view.statement.reverses or None,
        },
        closing=(view.statement.workspace,),
    )  # fmt: skip


def _title(view: View) -> str:
    """The heading; a batch's statement has its number there."""
    payee, number, say = view.statement.payee, view.statement.number, view.language.say
    names = {"name": payee.name, "id": payee.payee_id, "period": view.title}
    if number:
        return say("{name} ({id}): statement {number} for {period}", number=number, **names)
    return say("{name} ({id}): statement for {period}", **names)


def _prose(key: str, title: str, sentences: Iterable[str]) -> Section:
    """Sentences for people."""
    return replace(_kept(key, title, sentences), audience="people")


def _kept(key: str, title: str, sentences: Iterable[str]) -> Section:
    """Sentences for people and for JSON."""
    rows: list[tuple[Cell, ...]] = [(text,) for text in sentences]
    return Section(key, title, ("text",), rows, prose=True)


def _table(
    key: str, title: str, columns: Iterable[str], rows: list[tuple[Cell, ...]], note: str = ""
) -> Section:
    return Section(f"{key}_table", title, tuple(columns), rows, note, audience="people")


def _named(line: Line) -> str:
    return f"{line.program}, {line.days}"


def _reasons(lines: Iterable[Line]) -> list[str]:
    """Each program with its reason, and with the period where it stands there more than once."""
    listed = list(lines)
    number = Counter(line.program_id for line in listed)
    return [
        f"{_named(line) if number[line.program_id] > 1 else line.program}: {line.reason}"
        for line in listed
    ]


def _lead(view: View) -> list[str]:
    """What is paid, whether that is posted, and what to do next."""
    return [text for text in (view.lead, view.taken_back, view.draft, *_best(view)) if text]


def _best(view: View) -> list[str]:
    """The advice that is nearest to its goal."""
    first = view.best
    return [f"{first.program}: {first.advice.sentence}"] if first and first.advice else []


def _balances(view: View) -> Section:
    """The balances; what is nothing for all of them is left out."""
    say = view.language.say
    names = {
        "brought_forward": say("brought forward"),
        "this_batch": say("this statement"),
        "payable": say("paid") if view.statement.posted == "yes" else say("to be paid"),
        "carried_forward": say("carried forward"),
        "held": say("held"),
    }
    kept = [
        name
        for name in names
        if name in ("this_batch", "payable")
        or any(getattr(one, name).exact for one in view.balances)
    ]
    rows: list[tuple[Cell, ...]] = [
        (Worded(one.method, one.heading),
         *(getattr(one, name) for name in kept))
        for one in view.balances
    ]  # fmt: skip
    notes = " ".join(dict.fromkeys(one.note for one in view.balances if one.note))
    columns = (say("method"), *(names[name] for name in kept))
    return _table("payouts", what_is_paid(view), columns, rows, notes)


def _year(view: View) -> Section:
    """The year to date beside what is paid."""
    say = view.language.say
    rows: list[tuple[Cell, ...]] = [
        (Worded(one.method, one.heading), one.booked, one.paid) for one in view.year
    ]
    columns = (say("method"), say("booked"), say("paid"))
    return _table("year_to_date", view.year_title, columns, rows)


def what_is_paid(view: View) -> str:
    """The heading of the balances."""
    say = view.language.say
    return say("What is paid") if view.statement.posted == "yes" else say("What would be paid")


def _earned(view: View) -> tuple[Section, Section]:
    """What this statement books; where money was booked before, that and the whole too."""
    say = view.language.say
    head = (say("program"), say("period"))
    again = any(one.booked_before.exact for one in view.earned)
    columns = (say("earned"), say("booked before"), say("this statement"))
    rows: list[tuple[Cell, ...]] = [
        (*place(one), *((one.entitlement, one.booked_before) if again else ()), one.this_batch)
        for one in view.earned
    ]
    shown = columns if again else columns[2:]
    return (
        _table("earned", say("What you earned"), (*head, *shown), rows),
        _prose("earned_why", say("Why"), _reasons(view.earned)),
    )


def _to_date(key: str, title: str, lines: Iterable[Line], view: View) -> tuple[Section, Section]:
    """What is earned so far, and why; for what is held also from when on it is paid."""
    say = view.language.say
    listed = list(lines)
    rows: list[tuple[Cell, ...]] = [(*place(one), one.entitlement) for one in listed]
    why = [
        f"{text} ({one.status})" if key == "held" else text
        for one, text in zip(listed, _reasons(listed), strict=True)
    ]
    columns = (say("program"), say("period"), say("earned"))
    return _table(key, title, columns, rows), _prose(f"{key}_why", say("Why"), why)


def _adjustments(view: View) -> Section:
    say = view.language.say
    rows: list[tuple[Cell, ...]] = [
        (one.adjustment_id, one.on, one.amount, one.reason) for one in view.adjustments
    ]
    columns = (say("adjustment"), say("date"), say("amount"), say("why"))
    return _table("adjustments", say("Adjustments"), columns, rows)


def _next(view: View) -> tuple[Section, Section]:
    say = view.language.say
    rows: list[tuple[Cell, ...]] = []
    sentences = []
    for one in view.advised:
        if one.advice is not None:
            name = Worded(one.program_id, one.program)
            rows.append((name, one.advice.bar_text, one.advice.have, one.advice.goal))
            sentences.append(f"{one.program}: {one.advice.sentence}")
    columns = (say("program"), say("progress"), say("now"), say("goal"))
    return (
        _table("next", say("Your progress"), columns, rows),
        _prose("next_why", say("What to do next"), sentences),
    )


def _funds(view: View) -> Section:
    """Each fund a column: opening + credited - paid - expired = closing."""
    say = view.language.say
    moves = {
        "opening": say("opening"),
        "credited": say("credited"),
        "paid": say("paid"),
        "expired": say("expired"),
        "closing": say("closing"),
        "committed": say("committed"),
        "available": say("available"),
    }
    rows: list[tuple[Cell, ...]] = []
    if view.funds:
        rows.append((say("period"), *(fund.days for fund in view.funds)))
        rows += [
            (label, *(getattr(fund, name) for fund in view.funds)) for name, label in moves.items()
        ]
    columns = (say("fund"), *(fund.program for fund in view.funds))
    return _table("funds", say("Your funds"), columns, rows)


def _deals(view: View) -> tuple[Section, Section]:
    say = view.language.say
    rows: list[tuple[Cell, ...]] = [
        (one.deal_id, one.customer, one.registered, one.sold) for one in view.deals
    ]
    columns = (say("deal"), say("customer"), say("registered"), say("sold"))
    return (
        _table("deals", say("Deals about to expire"), columns, rows),
        _prose(
            "deals_why",
            say("What it means"),
            [f"{one.deal_id}: {one.sentence}" for one in view.deals],
        ),
    )
