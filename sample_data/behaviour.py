"""What partners and their people do beside selling: trainings, certifications, leads, check-ins."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from channel import Partner, Rep

HEADER = "activity_id activity subject partner_id rep_id done_on score passed held_by note"
COURSES = [
    "switching-basics", "wireless-design", "firewall-essentials", "licensing", "routing-advanced",
]  # fmt: skip
MANAGERS = ["Ines Marlow", "Tom Okafor", "Yuki Arai"]
NOTES = [
    "Wants a stock list before the quarter ends.",
    "Asks for help with tenders of schools.",
    "Two people leave in spring; train the new ones.",
    "Happy with lead times, not with the price of licences.",
]
IDEAS = [  # and how a panel scored them
    ("A bundle of access points and licences for small offices.", "9"),
    ("Show the next tier on the portal's first page.", "6"),
    ("Send statements as a spreadsheet, too.", "3"),
]
BEGIN, END = date(2025, 10, 1), date(2026, 9, 30)


def activities(channel: list[Partner], reps: list[Rep]) -> list[list[str]]:
    """The rows of `activities`, by day."""
    rng = random.Random("activities")
    found = [*_learning(rng, reps), *_contacts(rng, channel, reps)]
    found.sort(key=lambda row: (row[4], row[0], row[1], row[3]))
    noted = [_with_note(number, row) for number, row in enumerate(found)]
    rows = [[f"A{number:04d}", *row] for number, row in enumerate(noted, start=1)]
    sent = sorted(_written(channel), key=lambda row: (row[4], row[0], row[2]))
    return rows + [[f"M{number:04d}", *row, "", ""] for number, row in enumerate(sent, start=1)]


def _with_note(number: int, row: list[str]) -> list[str]:
    """A one-to-one with who held it, and what was noted; an idea with its score and what it is."""
    if row[0] == "checkin":
        return [*row, MANAGERS[number % len(MANAGERS)], NOTES[number % len(NOTES)]]
    if row[0] == "idea":
        idea, score = IDEAS[number % len(IDEAS)]
        *before, _, passed = row
        return [*before, score, passed, "", idea]
    return [*row, "", ""]


def _written(channel: list[Partner]) -> Iterator[list[str]]:
    """Statements that were sent each month, but not to everybody, and logins to the portal."""
    rng = random.Random("written")
    for partner in channel:
        reads = rng.random()
        for year, month in [(2026, month) for month in range(1, 10)]:
            if rng.random() < 0.9:
                day = date(year, month, 5)
                yield ["statement", "", partner.id, "", day.isoformat(), "", "true"]
            for _ in range(3):
                if rng.random() < reads:
                    day = date(year, month, rng.randint(1, 28))
                    yield ["login", "", partner.id, "", day.isoformat(), "", "true"]


def _learning(rng: random.Random, reps: list[Rep]) -> Iterator[list[str]]:
    """Courses and the exams after them; now and then somebody fails, or does one twice."""
    for rep in reps:
        if rng.random() < 0.35:
            continue
        for course in rng.sample(COURSES, k=rng.choice([1, 1, 2, 3])):
            day = _day(rng, BEGIN)
            passed = rng.random() < 0.94
            yield ["training", course, "", rep.id, day.isoformat(), "", str(passed).lower()]
            if rng.random() < 0.08:
                again = min(day + timedelta(days=14), END)
                yield ["training", course, "", rep.id, again.isoformat(), "", "true"]
            if passed and rng.random() < 0.45:
                yield from _exam(rng, rep, course, day)


def _exam(rng: random.Random, rep: Rep, course: str, after: date) -> Iterator[list[str]]:
    day, score = min(after + timedelta(days=rng.randint(3, 30)), END), rng.randint(58, 100)
    passed = str(score >= 70).lower()
    yield ["certification", course, rep.partner.id, rep.id, day.isoformat(), str(score), passed]
    if score < 70:
        again = min(day + timedelta(days=21), END)
        better = str(score + 20)
        yield ["certification", course, rep.partner.id, rep.id, again.isoformat(), better, "true"]


def _contacts(rng: random.Random, channel: list[Partner], reps: list[Rep]) -> Iterator[list[str]]:
    """Leads, demos, webinars and ideas of reps; one-to-one check-ins of whole partners."""
    spring = date(2026, 4, 1)
    for activity, times in [("lead", 60), ("demo", 26), ("webinar", 34), ("idea", 8)]:
        for rep in rng.choices(reps, k=times):
            subject = rng.choice(COURSES) if activity == "webinar" else ""
            day = _day(rng, spring).isoformat()
            yield [activity, subject, rep.partner.id, rep.id, day, "", "true"]
    for partner in channel:
        for month in (1, 4, 7):
            if rng.random() < 0.6:
                met = date(2026, month, 1) + timedelta(days=rng.randint(5, 80))
                yield ["checkin", "quarterly-review", partner.id, "", met.isoformat(), "", "true"]


def _day(rng: random.Random, begin: date) -> date:
    return begin + timedelta(days=rng.randint(0, (END - begin).days))
