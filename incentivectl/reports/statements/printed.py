"""A statement as a report of sections: for a terminal, as Markdown, JSON and CSV."""

from collections.abc import Iterable

from incentivectl.insight.statement import Statement
from incentivectl.reports.output import Cell, Report, Section, Worded
from incentivectl.reports.statements.tongue import tongue_of
from incentivectl.reports.statements.view import Line, View, view_of


_PLACE = ("program", "period_start")


def statement_reports(statements: Iterable[Statement]) -> list[Report]:
    """A report for each payee, in its own language."""
    return [statement_report(view_of(one, tongue_of(one.payee.locale))) for one in statements]


def statement_report(view: View) -> Report:
    """The report of one payee, in its language; JSON and CSV have exact values and English keys."""
    payee = view.statement.payee
    say = view.tongue.say
    title = say(
        "{name} ({id}): statement for {period}",
        name=payee.name, id=payee.payee_id, period=view.title,
    )  # fmt: skip
    return Report(
        title=title,
        sections=(
            _prose("lead", say("In short"), [view.lead, *_best(view)]),
            _balances(view),
            _lines("earned", say("What you earned"), view.earned, view),
            _prose(
                "corrections",
                say("What was corrected, and why"),
                [f"{line.program}, {line.days}: {line.correction}" for line in view.corrected],
            ),
            _adjustments(view),
            _lines("accruing", say("Still going on"), view.accruing, view, to_date=True),
            _next(view),
            _lines("held", say("Held"), view.held, view, to_date=True),
            _lines("nothing", say("Nothing earned"), view.nothing, view, bare=True),
            _funds(view),
            _prose(
                "fund_notes",
                say("About your funds"),
                [f"{fund.program}: {said}" for fund in view.funds for said in fund.sentences],
            ),
            _deals(view),
        ),
        main="earned",
        facts={
            "payee_kind": payee.kind,
            "payee": payee.payee_id,
            "name": payee.name,
            "locale": view.tongue.name,
            "period": view.statement.period,
            "as_of": view.statement.last,
        },
        closing=(view.statement.workspace,),
    )


def _prose(key: str, title: str, sentences: Iterable[str]) -> Section:
    return Section(key, title, ("text",), [(text,) for text in sentences], prose=True)


def _best(view: View) -> list[str]:
    """The advice on the period that ends first."""
    first = view.best
    return [f"{first.program}: {first.advice.sentence}"] if first and first.advice else []


def _balances(view: View) -> Section:
    say = view.tongue.say
    rows: list[tuple[Cell, ...]] = [
        (
            one.method_name, one.currency, one.brought_forward, one.this_batch, one.payable,
            one.carried_forward, one.held,
        )
        for one in view.balances
    ]  # fmt: skip
    columns = (
        say("method"), say("currency"), say("brought forward"), say("this statement"), say("paid"),
        say("carried forward"), say("held"),
    )  # fmt: skip
    notes = " ".join(dict.fromkeys(one.note for one in view.balances if one.note))
    return Section(
        "payouts", say("What is paid"), columns, rows, notes,
        keys=("method", "currency", "brought_forward", "this_batch", "payable", "carried_forward",
              "held"),
    )  # fmt: skip


def _lines(
    key: str,
    title: str,
    lines: Iterable[Line],
    view: View,
    *,
    to_date: bool = False,
    bare: bool = False,
) -> Section:
    """Programs with their amounts: booked now; or only what is earned to date; or only the reason."""
    say = view.tongue.say
    head = (say("program"), say("period"))
    listed = list(lines)
    if bare:
        rows: list[tuple[Cell, ...]] = [(*_place(one), one.reason) for one in listed]
        return Section(key, title, (*head, say("why")), rows, keys=(*_PLACE, "why"))
    if to_date:
        rows = [(*_place(one), one.entitlement, f"{one.reason} ({one.status})") for one in listed]
        columns = (*head, say("earned"), say("why"))
        return Section(key, title, columns, rows, keys=(*_PLACE, "entitlement", "why"))
    rows = [
        (*_place(one), one.entitlement, one.booked_before, one.this_batch, one.reason)
        for one in listed
    ]
    amounts = (say("earned"), say("booked before"), say("this statement"))
    keys = (*_PLACE, "entitlement", "booked_before", "this_batch", "why")
    return Section(key, title, (*head, *amounts, say("why")), rows, keys=keys)


def _place(line: Line) -> tuple[Worded, Worded]:
    """The program and the measurement period: names for people, id and first day for machines."""
    return Worded(line.program_id, line.program), Worded(line.period_start.exact, line.days)


def _adjustments(view: View) -> Section:
    say = view.tongue.say
    rows: list[tuple[Cell, ...]] = [
        (one.adjustment_id, one.on, one.amount, one.reason) for one in view.adjustments
    ]
    columns = (say("adjustment"), say("date"), say("amount"), say("why"))
    keys = ("adjustment_id", "on", "amount", "reason")
    return Section("adjustments", say("Adjustments"), columns, rows, keys=keys)


def _next(view: View) -> Section:
    say = view.tongue.say
    rows: list[tuple[Cell, ...]] = []
    for line in view.advised:
        if line.advice is not None:
            bar = f"{line.advice.bar} {line.advice.share}"
            rows.append((Worded(line.program_id, line.program), bar, line.advice.have, line.advice.goal, line.advice.sentence))
    columns = (say("program"), say("progress"), say("now"), say("goal"), say("what to do"))
    keys = ("program", "progress", "have", "goal", "what_to_do")
    return Section("next", say("What to do next"), columns, rows, keys=keys)


def _funds(view: View) -> Section:
    say = view.tongue.say
    rows: list[tuple[Cell, ...]] = [
        (Worded(one.program_id, one.program), one.days, one.opening, one.credited, one.paid, one.expired, one.closing,
         one.committed, one.available)
        for one in view.funds
    ]  # fmt: skip
    columns = (
        say("fund"), say("period"), say("opening"), say("credited"), say("paid"), say("expired"),
        say("closing"), say("committed"), say("available"),
    )  # fmt: skip
    keys = ("program", "period", "opening", "credited", "paid", "expired", "closing", "committed",
            "available")  # fmt: skip
    return Section("funds", say("Your funds"), columns, rows, keys=keys)


def _deals(view: View) -> Section:
    say = view.tongue.say
    rows: list[tuple[Cell, ...]] = [
        (one.deal_id, one.customer, one.protected_until, one.registered, one.sold, one.sentence)
        for one in view.deals
    ]
    columns = (say("deal"), say("customer"), say("protected until"), say("registered"), say("sold"),
               say("what it means"))  # fmt: skip
    keys = ("deal_id", "customer", "protected_until", "registered", "sold", "note")
    return Section("deals", say("Deals about to expire"), columns, rows, keys=keys)
