"""What partners say when they are asked, and how well the brand is known."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import months
from channel import Partner, Rep

SURVEY_HEADER = "response_id survey_id kind answered_on partner_id rep_id question_id score comment"
INVITATION_HEADER = "survey_id sent_on partner_id rep_id"
BRAND_HEADER = "measured_on channel metric region value"
QUESTIONS = ["rules-clear", "paid-on-time", "portal-easy", "support-helps", "products-sell"]
# The long one asks twelve questions: more than people answer with care.
LONG = [*QUESTIONS, *(f"training-{number}" for number in range(1, 8))]
NEVER_ASKED = {"P05", "P37"}
COMMENTS = [
    "Statement arrived on the 5th, thank you.",
    'What does "attainment" mean? Nobody could tell me.',
    "Too many programs,\ntoo little time.",
    "Lead times are the problem, not the rebate.",
    "Die Abrechnung ist endlich verständlich.",
    "Great support from our channel manager!",
]


COMPLAINTS = [
    "Deals wait for weeks; the competitor answers on the same day.",
    "We see the rebate only when the quarter is over.",
    "Nobody visited us this year.",
]


@dataclass(frozen=True, slots=True)
class Survey:
    """One survey: who is asked (partners or some of their reps), and how many answer, in percent."""

    id: str
    kind: str
    sent: date
    asks: str
    answers: int
    mood: int
    questions: tuple[str, ...] = tuple(QUESTIONS)


# NPS each quarter, a pulse in between. The last pulse went out two days before the sample ends.
SURVEYS = [
    Survey("nps-2025-Q3", "nps", date(2025, 9, 4), "partners", 62, 66, ("recommend",)),
    Survey("pulse-2025-Q3", "pulse", date(2025, 9, 10), "reps", 40, 58),
    Survey("nps-2025-Q4", "nps", date(2025, 12, 3), "partners", 55, 68, ("recommend",)),
    Survey("nps-2026-Q1", "nps", date(2026, 3, 4), "partners", 60, 70, ("recommend",)),
    Survey("pulse-2026-Q1", "pulse", date(2026, 3, 11), "reps", 44, 61),
    Survey("nps-2026-Q2", "nps", date(2026, 6, 3), "partners", 66, 72, ("recommend",)),
    Survey("training-2026", "pulse", date(2026, 6, 17), "reps", 21, 55, tuple(LONG)),
    Survey("nps-2026-Q3", "nps", date(2026, 9, 2), "partners", 71, 76, ("recommend",)),
    Survey("pulse-2026-Q3", "pulse", date(2026, 9, 9), "reps", 47, 66),
    Survey("contest-2026", "pulse", date(2026, 9, 28), "partners", 0, 0, ("contest-fair",)),
]
# Channel, metric, an ordinary month in one region, and its growth in a year in percent.
BRAND = [
    ("web", "visits", 18_400, 14), ("web", "signups", 210, 22), ("social", "followers", 9_300, 18),
    ("social", "mentions", 460, -6), ("media", "articles", 24, 9),
]  # fmt: skip
MARKET_HEADER = "month region category size"
MARKET = [
    ("switch", 11),
    ("router", 5),
    ("firewall", 4),
]  # category, millions a month in EMEA, about
REGIONS = [("Americas", 130), ("EMEA", 100), ("APAC", 80)]


def invitations(partners: list[Partner], reps: list[Rep]) -> list[list[str]]:
    """The rows of `survey_invitations`; the latest NPS reminds some of those who were asked."""
    rows = []
    for survey in SURVEYS:
        asked = list(_asked(survey, partners, reps))
        rows += [[survey.id, survey.sent.isoformat(), *whom] for whom in asked]
        if survey.id == "nps-2026-Q3":
            reminded = (survey.sent + timedelta(days=12)).isoformat()
            rows += [[survey.id, reminded, *whom] for whom in asked[::4]]
    return rows


def surveys(partners: list[Partner], reps: list[Rep]) -> list[list[str]]:
    """The rows of `surveys`: one for each question of each response."""
    rng = random.Random("surveys")
    rows: list[list[str]] = []
    number = 0
    for survey in SURVEYS:
        for whom in _asked(survey, partners, reps):
            if rng.random() * 100 >= survey.answers:
                continue
            number += 1
            day = min(survey.sent + timedelta(days=rng.randint(0, 20)), months.LAST_DAY)
            comment = rng.choice(COMMENTS) if rng.random() < 0.2 else ""
            for question in survey.questions:
                first = question == survey.questions[0]
                rows.append(
                    [
                        f"A{number:04d}", survey.id, survey.kind, day.isoformat(), *whom, question,
                        _score(rng, survey), comment if first else "",
                    ]
                )  # fmt: skip
    return [_with_reason(number, row) for number, row in enumerate(rows)]


def _with_reason(number: int, row: list[str]) -> list[str]:
    """Every other detractor says why."""
    kind, score, comment = row[2], row[7], row[8]
    if kind == "nps" and score and int(score) <= 6 and not comment and number % 2:
        return [*row[:8], COMPLAINTS[number // 2 % len(COMPLAINTS)]]
    return row


def brand() -> list[list[str]]:
    """The rows of `brand`: each metric, month and region, measured on the month's last day."""
    rng = random.Random("brand")
    rows = []
    for index, (year, month) in enumerate(months.MONTHS):
        day = date(year, month, months.days(index)).isoformat()
        for channel, metric, ordinary, growth in BRAND:
            for region, size in REGIONS:
                grown = 1200 + growth * index
                value = ordinary * size * grown * rng.randint(92, 108) // (100 * 1200 * 100)
                rows.append([day, channel, metric, region, str(value)])
    return rows


def market() -> list[list[str]]:
    """The rows of `market`: how large the market of each region is in a month, in dollars."""
    rng = random.Random("market")
    rows = []
    for index, name in enumerate(months.NAMES):
        for region, size in REGIONS:
            for category, part in MARKET:
                millions = size * part * (1200 + 5 * index) * rng.randint(95, 105)
                rows.append([name, region, category, f"{millions // 12_000 * 1_000}.00"])
    return rows


def _asked(survey: Survey, partners: list[Partner], reps: list[Rep]) -> Iterator[tuple[str, str]]:
    """(partner, rep) of everybody who is asked; a rep is asked without naming its partner twice."""
    if survey.asks == "partners":
        yield from ((one.id, "") for one in partners if one.id not in NEVER_ASKED)
    else:
        yield from (
            (rep.partner.id, rep.id)
            for number, rep in enumerate(reps)
            if number % 3 == 0 and rep.partner.id not in NEVER_ASKED
        )


def _score(rng: random.Random, survey: Survey) -> str:
    """0 to 10 for an NPS, 1 to 5 for a pulse; now and then nobody ticked anything."""
    if survey.kind == "pulse" and rng.random() < 0.03:
        return ""
    spread = min(max(survey.mood + sum(rng.randint(-16, 16) for _ in range(4)), 0), 100)
    if survey.kind == "nps":
        return str((spread * 11 + 60) // 110)
    return str(1 + spread * 4 // 100)
