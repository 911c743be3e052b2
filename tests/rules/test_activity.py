"""Activities: entries, scores, what counts once, whose they are, and budgets served in order."""

import tomllib
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from incentivectl.core.calendar import ORDINARY
from incentivectl.core.rates import DAY_RATES, DayRates
from incentivectl.core.tables import TABLES
from incentivectl.engine.engine import settle
from incentivectl.ingest.rows.columns import schema_of
from incentivectl.kinds.catalogue import KINDS
from incentivectl.sales.channel import Channel
from incentivectl.sales.in_force import rows_in_force
from tests.rules.test_worked_numbers import problems

TRAINING = '[[reward]]\nactivity = "training"\namount = 25\n'


def activities(body: str, rows: str, expect: object, kind: str = "activity") -> list[str]:
    return problems(body, f"activities = [{rows}]\nexpect = {expect}", kind=kind)


def test_two_people_four_courses_one_completion_twice() -> None:
    """Seven different completions and one repeated pay 7 x 25."""
    courses = [f"{{ payee = 'A', subject = '{course}' }}" for course in "WXYZ"]
    courses += [f"{{ payee = 'B', subject = '{course}' }}" for course in "WXYY"]
    body = TRAINING + 'once_per = "subject"'
    assert activities(body, ", ".join(courses), "{ A = 100, B = 75 }") == []


def test_the_first_entry_that_matches_pays_and_no_other() -> None:
    body = (
        '[[reward]]\nactivity = "exam"\namount = 100\nmin_score = 90\nonce_per = "program"\n'
        '[[reward]]\nactivity = "exam"\namount = 40.5\nmin_score = 60\n'
    )
    # 100; the second at 95 is not paid by the next entry instead; 40.50; nothing below 60
    rows = "{ score = 90 }, { score = 95 }, { score = 89.9 }, { score = 59.99 }"
    assert activities(body, rows, 140.5) == []


def test_what_is_not_passed_or_not_in_the_dates_pays_nothing() -> None:
    rows = "{ passed = false }, { done_on = 2026-06-30 }, { done_on = 2026-10-01 }, {}"
    assert activities(TRAINING, rows, 25) == []


def test_eligible_is_judged_on_the_activity_and_when_on_its_payee() -> None:
    body = (
        '[eligible]\n"partner.tier" = "gold"\n[[reward]]\nactivity = "lead"\n'
        'when = { "rep.status" = "active" }\namount = 10\n[[reward]]\nactivity = "lead"\namount = 3'
    )
    rows = (
        "{ 'partner.tier' = 'gold', 'rep.status' = 'active' },"
        " { payee = 'B', 'partner.tier' = 'gold', 'rep.status' = 'gone' },"
        " { payee = 'C', 'partner.tier' = 'silver' }, { payee = 'D' }"
    )
    assert activities(body, rows, "{ A = 10, B = 3, C = 0, D = 10 }") == []


def test_a_gate_counts_activities_of_the_same_period() -> None:
    body = TRAINING + '[gate]\nmetric = "activity.certification"\nat_least = 2'
    rows = (
        "{}, { activity = 'certification' }, { activity = 'certification' },"
        " { payee = 'B' }, { payee = 'B', activity = 'certification' }"
    )
    assert activities(body, rows, "{ A = 25, B = 0 }") == []


def test_activities_as_the_gate_of_a_rebate() -> None:
    body = '[reward]\nrate = 0.1\n[gate]\nmetric = "activity.training"\nat_least = 1'
    example = (
        "sales = [{ amount = 100 }, { amount = 100, payee = 'B' }]\nactivities = [{ payee = 'B' }]"
    )
    assert problems(body, f"{example}\nexpect = {{ A = 0, B = 10 }}") == []


def test_boost_cap_and_a_budget_served_first_come() -> None:
    """By (done_on, activity_id): 40, 40, 40, 40 and 30 of 40."""
    body = (
        '[[reward]]\nactivity = "lead"\namount = 40\n'
        '[limits]\nbudget = 190\nover_budget = "first_come"'
    )
    rows = (
        "{ payee = 'B', done_on = 2026-08-02 }, { payee = 'A', done_on = 2026-08-01 },"
        " { payee = 'A', done_on = 2026-08-02 }, { payee = 'A', done_on = 2026-08-03 },"
        " { payee = 'C', done_on = 2026-08-02 }, { payee = 'D', done_on = 2026-08-04 }"
    )
    assert activities(body, rows, "{ A = 110, B = 40, C = 40, D = 0 }") == []


def channel(rows: list[dict[str, object]]) -> Channel:
    """A channel without sales: two partners, of which P1 is gold from August on, and two reps."""
    given: dict[str, list[dict[str, object]]] = {
        "partners": [
            {"partner_id": "P1", "name": "One", "tier": "silver"},
            {"partner_id": "P1", "name": "One", "tier": "gold", "valid_from": date(2026, 8, 1)},
            {"partner_id": "P2", "name": "Two", "tier": "gold"},
        ],
        "reps": [
            {"rep_id": "R1", "name": "Ann", "partner_id": "P1"},
            {"rep_id": "R2", "name": "Ben"},
        ],
        "activities": [{"activity": "training", "passed": True, **row} for row in rows],
    }
    tables = {name: pl.DataFrame(given.get(name, []), schema=schema_of(name)) for name in TABLES}
    lines = pl.DataFrame(
        schema={
            "row": pl.UInt64,
            "original": pl.UInt64,
            "counted_on": pl.Date,
            "partner_known": pl.Boolean,
            "amount_ws": pl.Decimal(38, 6),
            **schema_of("sales"),
        }
    )
    return Channel(
        currency="USD",
        calendar=ORDINARY,
        as_of=date(2026, 9, 30),
        lines=lines.lazy(),
        tables=tables,
        rates=DayRates(pl.DataFrame(schema=DAY_RATES), date(1, 1, 1)),
        partner_rows=rows_in_force(tables["partners"]),
        rep_rows=rows_in_force(tables["reps"], "rep_id"),
    )


def earned(body: str, rows: list[dict[str, object]]) -> dict[str, tuple[Decimal, Decimal]]:
    """Entitlement and number of paid activities of each payee, over all measurement periods."""
    head = 'id = "p"\nname = "P"\nkind = "activity"\nstarts = 2026-07-01\nends = 2026-09-30\n'
    data = tomllib.loads(f"{head}{body}", parse_float=Decimal)
    (settled,) = settle([KINDS["activity"].model.model_validate(data)], channel(rows))
    assert all(check.held for check in settled.checks)
    paid = settled.earnings.group_by("payee_id").agg(pl.col("entitlement", "metric_value").sum())
    return {payee: (money, number) for payee, money, number in paid.iter_rows()}


DONE: list[dict[str, object]] = [
    {"activity_id": "1", "rep_id": "R1", "done_on": date(2026, 7, 31)},
    {"activity_id": "2", "rep_id": "R1", "done_on": date(2026, 8, 1)},
    {"activity_id": "3", "rep_id": "R1", "partner_id": "P2", "done_on": date(2026, 8, 1)},
    {"activity_id": "4", "rep_id": "R2", "done_on": date(2026, 8, 1)},
    {"activity_id": "5", "partner_id": "P2", "done_on": date(2026, 8, 1)},
    {"activity_id": "6", "partner_id": "P9", "done_on": date(2026, 8, 1)},
]


def test_activities_of_reps() -> None:
    assert earned(TRAINING, DONE) == {"R1": (75, 3), "R2": (25, 1)}


def test_activities_of_partners_are_their_own_or_their_reps() -> None:
    """An unknown partner has none, and neither has a rep without a partner."""
    assert earned(f'payee = "partner"\n{TRAINING}', DONE) == {"P1": (50, 2), "P2": (50, 2)}


def test_the_partner_row_in_force_on_the_day_counts() -> None:
    gold = '[eligible]\n"partner.tier" = "gold"\n'
    assert earned(f"{gold}{TRAINING}", DONE) == {"R1": (50, 2)}
    assert earned(f'payee = "partner"\n{gold}{TRAINING}', DONE) == {"P1": (25, 1), "P2": (50, 2)}


TWICE = [
    row | {"activity_id": f"{row['activity_id']}{subject}", "subject": subject}
    for row in DONE
    for subject in ("X", "X again", None)
]


@pytest.mark.parametrize(
    ("once_per", "paid"),
    [
        ("none", {"R1": (225, 9), "R2": (75, 3)}),
        ("subject", {"R1": (75, 3), "R2": (75, 3)}),  # no subject is one subject
        ("period", {"R1": (50, 2), "R2": (25, 1)}),  # R1 in July and in August
        ("program", {"R1": (25, 1), "R2": (25, 1)}),
    ],
)
def test_how_often_an_activity_counts(once_per: str, paid: dict[str, tuple[int, int]]) -> None:
    """Whatever the order of the rows, the earliest counts."""
    body = f'period = "month"\n{TRAINING}once_per = "{once_per}"'
    assert earned(body, TWICE) == paid
    assert earned(body, TWICE[::-1]) == paid


def test_an_entry_without_a_name_pays_for_any_activity_that_none_before_it_matches() -> None:
    """The second training is the first entry's, which has paid that subject; one webinar lacks a score."""
    body = (
        '[[reward]]\nactivity = "training"\namount = 20\nonce_per = "subject"\n'
        "[[reward]]\namount = 3\nmin_score = 50\n"
    )
    rows = (
        "{ activity = 'training', subject = 'S' }, { activity = 'training', subject = 'S', score = 90 },"
        " { activity = 'webinar', score = 50 }, { activity = 'webinar', score = 49 }"
    )
    assert activities(body, rows, "23") == []
