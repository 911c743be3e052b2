"""A statement's parts for JSON and CSV: exact values under English keys, sentences as they are read."""

from collections.abc import Iterable
from typing import Any

from incentivectl.insight.statement.line_view import Line
from incentivectl.insight.statement.view import View
from incentivectl.output.report import Cell, Section, Worded

_PLACE = ("program", "period_start")


def exact_sections(view: View) -> tuple[Section, ...]:
    """All parts but the sentences that stand for themselves."""
    return (
        _section(
            "payouts",
            ("method", "currency", "brought_forward", "this_batch", "payable", "carried_forward",
             "held", "unit"),
            [
                (
                    one.method, one.currency, one.brought_forward, one.this_batch, one.payable,
                    one.carried_forward, one.held, one.unit,
                )
                for one in view.balances
            ],
        ),
        _section(
            "year_to_date",
            ("method", "currency", "booked", "paid", "unit"),
            [(one.method, one.currency, one.booked, one.paid, one.unit) for one in view.year],
        ),
        _section("adds_up", ("number",), [(one,) for one in view.statement.adds_up]),
        _section(
            "earned",
            (*_PLACE, "entitlement", "booked_before", "this_batch", "why", "unit"),
            [
                (
                    *place(one), one.entitlement, one.booked_before, one.this_batch, one.reason,
                    one.unit,
                )
                for one in view.earned
            ],
        ),
        _section(
            "adjustments",
            ("adjustment_id", "on", "amount", "reason", "unit"),
            [(one.adjustment_id, one.on, one.amount, one.reason, one.unit) for one in view.adjustments],
        ),
        _to_date("accruing", view.accruing),
        _section(
            "next",
            ("program", "progress", "have", "goal", "what_to_do"),
            [
                (
                    Worded(one.program_id, one.program), one.advice.bar_text, one.advice.have,
                    one.advice.goal, one.advice.sentence,
                )
                for one in view.advised
                if one.advice is not None
            ],
        ),
        _to_date("held", view.held),
        _section(
            "nothing", (*_PLACE, "why"), [(*place(one), one.reason) for one in view.nothing]
        ),
        _section(
            "funds",
            ("program", "period", "opening", "credited", "paid", "expired", "closing", "committed",
             "available"),
            [
                (
                    one.program_id, one.days, one.opening, one.credited, one.paid, one.expired,
                    one.closing, one.committed, one.available,
                )
                for one in view.funds
            ],
        ),
        _section(
            "levels",
            ("program", "level", "until", "next_level", "missing"),
            [
                (
                    Worded(one.program_id, one.program), one.level, one.until, one.next_level,
                    one.missing,
                )
                for one in view.levels
            ],
        ),
        _section(
            "disputes",
            ("dispute_id", "program", "period_start", "sale_id", "opened_on", "amount", "reason",
             "status", "closed_on", "answer"),
            [
                (
                    one.dispute_id, one.program_id, one.period_start, one.sale_id, one.opened_on,
                    one.amount, one.reason, one.status, one.closed_on, one.answer or None,
                )
                for one in view.disputes
            ],
        ),
        _section(
            "deals",
            ("deal_id", "customer", "protected_until", "registered", "sold", "note"),
            [
                (
                    one.deal_id, one.customer, one.protected_until, one.registered, one.sold,
                    one.sentence,
                )
                for one in view.deals
            ],
        ),
    )  # fmt: skip


def place(line: Line) -> tuple[Worded, Worded]:
    """The program and the measurement period: names for people, id and first day for machines."""
    return Worded(line.program_id, line.program), Worded(line.period_start.exact, line.days)


def _to_date(key: str, lines: Iterable[Line]) -> Section:
    rows = [(*place(one), one.entitlement, one.status, one.reason, one.unit) for one in lines]
    return _section(key, (*_PLACE, "entitlement", "status", "why", "unit"), rows)


def _section(key: str, keys: tuple[str, ...], rows: list[Any]) -> Section:
    cells: list[tuple[Cell, ...]] = rows
    return Section(key, key, keys, cells, audience="machines")
