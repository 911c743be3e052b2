"""Runs the `[[example]]`s of programs, each in isolation: no data, no fx, no ledger.

Fields that an example leaves out satisfy the program's conditions; a boost applies only where the
example states what it asks for, and a gate on something that the example does not state counts as
reached (docs/rules.md, "Examples"). A failing example is a config error that says expected, got and
why.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.cache import cache_folder, digest, program_version, write_note
from incentivectl.core.calendar import Calendar
from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.engine.engine import Settled, settle
from incentivectl.engine.example_channel import ExampleChannel
from incentivectl.engine.example_tables import example_channel
from incentivectl.engine.levels import levels_of
from incentivectl.programs.example import Example
from incentivectl.programs.gate import Gate
from incentivectl.programs.model import Program
from incentivectl.rules.levels import Levels
from incentivectl.rules.lookups import lookups_of

Outcome = Decimal | str  # what a payee earns, or the level that it reaches

_IDS = {
    "deals": "deal_id",
    "activities": "activity_id",
    "mdf_requests": "request_id",
    "mdf_claims": "claim_id",
}
_GATE_NEEDS = {
    "revenue": {"sale.amount", "sale.unit_price"},
    "quantity": {"sale.quantity"},
    "customers": {"sale.customer_id"},
    "products": {"sale.product_id"},
}


def check_examples(
    programs: Sequence[Program],
    currency: str,
    calendar: Calendar,
    *,
    places: Callable[[Program], Collection[int]] = lambda program: range(len(program.example)),
) -> list[Problem]:
    """A problem for every example that does not earn what it expects.

    `places` says which examples of a program are run: usually all.
    """
    problems = []
    for program in programs:
        if not program.example:
            continue
        note = _passed_note(program, currency, calendar)
        if note is not None and note.exists():
            continue
        wanted = places(program)
        found = _problems_of(program, wanted, currency, calendar)
        if note is not None and not found and len(wanted) == len(program.example):
            with suppress(OSError):
                write_note(note)
        problems += found
    return problems


def _passed_note(program: Program, currency: str, calendar: Calendar) -> Path | None:
    """Where the cache notes that all examples of exactly this program passed; None without a cache."""
    folder = cache_folder()
    if folder is None:
        return None
    made_of = (program_version(), pl.__version__, currency, calendar)
    return folder / "examples" / digest(*made_of, program.hash_with_terms, program.example)


def _problems_of(
    program: Program, places: Collection[int], currency: str, calendar: Calendar
) -> list[Problem]:
    found = (_check(program, program.example[index], index, currency, calendar) for index in places)
    return [problem for problem in found if problem is not None]


def _check(
    program: Program, example: Example, index: int, currency: str, calendar: Calendar
) -> Problem | None:
    channel = example_channel(program, example, program.currency or currency, calendar)
    if twice := _given_twice(example, channel):
        return program.problem(
            ("example", index),
            "example-id-twice",
            f"example `{example.name}`: {twice}",
            hint="give each its own id, or leave the ids out",
        )
    got: Mapping[str, Outcome]
    if program.pays:
        settled = _settled_in(program, channel)
        got, why = _by_payee(settled), _why_earned(settled)
    else:
        (levels,) = levels_of([program], channel, lookups_of(channel))
        got, why = _reached(levels), _why_reached(levels)
    expected, none = expected_in(example), nothing(program)
    wrong = [
        payee
        for payee in sorted({*got, *expected})
        if got.get(payee, none) != expected.get(payee, none)
    ]
    if not wrong:
        return None
    differences = "; ".join(
        f"{payee}: expected {_told(expected.get(payee, none))}, got {_told(got.get(payee, none))}"
        for payee in wrong
    )
    return program.problem(
        ("example", index),
        "example-failed",
        f"example `{example.name}`: {differences}",
        hint=f"why: {why or 'no line is in the program'}",
    )


def outcome_in(
    program: Program, example: Example, currency: str, calendar: Calendar
) -> Mapping[str, Outcome]:
    """Payee → what it earns or reaches in an example, whatever the example expects."""
    channel = example_channel(program, example, program.currency or currency, calendar)
    if program.pays:
        return _by_payee(_settled_in(program, channel))
    (levels,) = levels_of([program], channel, lookups_of(channel))
    return _reached(levels)


def expected_in(example: Example) -> Mapping[str, Outcome]:
    """Payee → what it must earn or reach; a single value is that of `A`."""
    return example.expect if isinstance(example.expect, Mapping) else {"A": example.expect}


def nothing(program: Program) -> Outcome:
    """What a payee comes to who earns or reaches nothing."""
    return Decimal(0) if program.pays else ""


def _told(value: Outcome) -> str:
    return money.plain(value) if isinstance(value, Decimal) else f'"{value}"'


def _reached(levels: Levels) -> Mapping[str, Outcome]:
    """The level of each payee at the last review."""
    names, last = levels.program.levels, len(levels.periods) - 1
    at_last = levels.reviewed.filter(pl.col("period") == last).drop_nulls("reached")
    return {payee: names[place] for payee, place in at_last.select("payee_id", "reached").rows()}


def _why_reached(levels: Levels) -> str:
    """What each review measured, in one line."""
    starts = [period.start for period in levels.periods]
    rows = levels.reviewed.sort("period", "payee_id").iter_rows(named=True)
    return "; ".join(
        f"{row['payee_id']} {starts[row['period']]}: {_number(row['metric_value'])}" for row in rows
    )


def _settled_in(program: Program, channel: ExampleChannel) -> Settled:
    (settled,) = settle([_isolated(program, channel)], channel, audit=False)
    return settled


def _given_twice(example: Example, channel: ExampleChannel) -> str:
    """The id that two deals, activities, requests or claims share, or an empty string."""
    for table, key in _IDS.items():
        ids = channel.tables[table][key]
        # Claims without requests of their own may share one.
        twice = sorted(set(ids.filter(ids.is_duplicated())))
        if twice and (table != "mdf_requests" or example.requests):
            return f"{key} `{twice[0]}` is used by two {table.removeprefix('mdf_')}"
    return ""


def _by_payee(settled: Settled) -> dict[str, Decimal]:
    sums = settled.earnings.group_by("payee_id").agg(pl.col("entitlement").sum())
    return dict(sums.iter_rows())


def _why_earned(settled: Settled) -> str:
    """How all amounts came about, and why lines do not count."""
    reasons = [
        f"{counted(lines, 'line does', 'lines do')} not count: {reason}"
        for lines, reason in settled.ineligible.select("lines", "reason").iter_rows()
    ]
    return "; ".join([*(_why(row) for row in settled.earnings.iter_rows(named=True)), *reasons])


def _why(row: Mapping[str, object]) -> str:
    """How one payee's amount came about, in one line."""
    parts = [
        f"{row['payee_id']} {row['period_start']}: {row['metric']} {_number(row['metric_value'])}"
    ]
    if row["tier"] is not None:
        parts.append(f"tier {row['tier']}")
    if row["rate"] is not None:
        parts.append(f"rate {_number(row['rate'])}")
    parts.append(f"reward {_number(row['reward'])}")
    if row["boost"] != 1:
        parts.append(f"boost {_number(row['boost'])}")
    if row["cap_cut"]:
        parts.append(f"cap cuts {_number(row['cap_cut'])}")
    if row["budget_cut"]:
        parts.append(f"budget cuts {_number(row['budget_cut'])}")
    if row["why_nothing"]:
        parts.append(f"nothing because of {row['why_nothing']}")
    return ", ".join(parts)


def _number(value: object) -> str:
    return money.plain(value) if isinstance(value, Decimal) else "none"


def _isolated(program: Program, channel: ExampleChannel) -> Program:
    """The program without gates on something that the example does not state."""
    stated = tuple(gate for gate in program.gate if _is_stated(gate, channel))
    return program if stated == program.gate else program.model_copy(update={"gate": stated})


def _is_stated(gate: Gate, channel: ExampleChannel) -> bool:
    """Whether an example says anything about what a gate measures."""
    if gate.activity:
        return not channel.tables["activities"].is_empty()
    if gate.metric == "growth":
        return "baselines" in channel.tables
    if gate.metric == "attainment":
        return not channel.tables["targets"].is_empty()
    needs = _GATE_NEEDS.get(gate.metric)
    return needs is None or bool(needs & set(channel.stated.columns))
