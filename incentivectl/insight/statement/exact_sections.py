"""A statement's parts for JSON and CSV: exact values under English keys, sentences as they are read."""

from collections.abc import Iterable
from typing import Any

from incentivectl.insight.statement.level_view import LevelView
from incentivectl.insight.statement.line_view import Line
from incentivectl.insight.statement.view import View
from incentivectl.output.report import Cell, Section, Worded

_PLACE = ("program", "period_start")


def exact_sections(view: View) -> tuple[Section, ...]:
    """All parts but the sentences that stand for themselves."""
    return (
        _listed(
            "payouts",
            "method currency brought_forward this_batch payable carried_forward held unit",
            view.balances,
        ),
        _listed("year_to_date", "method currency booked paid unit", view.year),
        _section("adds_up", ("number",), [(one,) for one in view.statement.adds_up]),
        _earned(view.earned),
        _listed("adjustments", "adjustment_id on amount reason unit", view.adjustments),
        _to_date("accruing", view.accruing),
        _next(view.advised),
        _to_date("held", view.held),
        _section("nothing", (*_PLACE, "why"), [(*place(one), one.reason) for one in view.nothing]),
        _listed(
            "funds",
            "program=program_id period=days opening credited paid expired closing committed available",
            view.funds,
        ),
        _levels(view.levels),
        _listed(
            "disputes",
            "dispute_id program=program_id period_start sale_id opened_on amount reason status"
            " closed_on answer",
            view.disputes,
        ),
        _listed(
            "deals",
            "deal_id customer protected_until registered sold note=sentence",
            view.deals,
        ),
    )


def place(line: Line) -> tuple[Worded, Worded]:
    """The program and the measurement period: names for people, id and first day for machines."""
    return Worded(line.program_id, line.program), Worded(line.period_start.exact, line.days)


def _to_date(key: str, lines: Iterable[Line]) -> Section:
    rows = [(*place(one), one.entitlement, one.status, one.reason, one.unit) for one in lines]
    return _section(key, (*_PLACE, "entitlement", "status", "why", "unit"), rows)


def _earned(lines: Iterable[Line]) -> Section:
    rows = [
        (*place(one), one.entitlement, one.booked_before, one.this_batch, one.reason, one.unit)
        for one in lines
    ]
    keys = (*_PLACE, "entitlement", "booked_before", "this_batch", "why", "unit")
    return _section("earned", keys, rows)


def _next(lines: Iterable[Line]) -> Section:
    rows = [
        (Worded(one.program_id, one.program), told.bar_text, told.have, told.goal, told.sentence)
        for one in lines
        if (told := one.advice) is not None
    ]
    return _section("next", ("program", "progress", "have", "goal", "what_to_do"), rows)


def _levels(levels: Iterable[LevelView]) -> Section:
    rows = [
        (Worded(one.program_id, one.program), one.level, one.until, one.next_level, one.missing)
        for one in levels
    ]
    return _section("levels", ("program", "level", "until", "next_level", "missing"), rows)


def _listed(key: str, columns: str, rows: Iterable[object]) -> Section:
    """A section of attributes of each row, under their own names or as `column=attribute`."""
    names = [column.partition("=") for column in columns.split()]
    attributes = [attribute or column for column, _, attribute in names]
    cells = [tuple(getattr(row, attribute) for attribute in attributes) for row in rows]
    return _section(key, tuple(column for column, _, _ in names), cells)


def _section(key: str, keys: tuple[str, ...], rows: list[Any]) -> Section:
    cells: list[tuple[Cell, ...]] = rows
    return Section(key, key, keys, cells, audience="machines")
