"""Periods: PERIOD as users write it, cut measurement periods, shifted baselines."""

from datetime import date

import polars as pl
import pytest

from incentivectl.core.calendar import Calendar, StatedCalendar, month_labels
from incentivectl.core.periods import MeasurementPeriod, Period, add_months
from tests.fiscal_workspace import months

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "fiscal", "label", "first", "last"),
    [
        ("2026-09", 1, "2026-09", "2026-09-01", "2026-09-30"),
        ("2026-09", 7, "2026-09", "2026-09-01", "2026-09-30"),  # always the calendar month
        ("2024-02", 1, "2024-02", "2024-02-01", "2024-02-29"),
        ("2026-Q3", 1, "2026-Q3", "2026-07-01", "2026-09-30"),
        ("2026-Q3", 7, "2026-Q3", "2027-01-01", "2027-03-31"),
        ("2026-H2", 1, "2026-H2", "2026-07-01", "2026-12-31"),
        ("2026-H2", 4, "2026-H2", "2026-10-01", "2027-03-31"),
        ("2026", 1, "2026", "2026-01-01", "2026-12-31"),
        ("2026", 7, "2026", "2026-07-01", "2027-06-30"),  # numbered by the year it starts in
        ("this-month", 1, "2026-11", "2026-11-01", "2026-11-30"),
        ("last-month", 1, "2026-10", "2026-10-01", "2026-10-31"),
        ("last-quarter", 1, "2026-Q3", "2026-07-01", "2026-09-30"),
        ("last-quarter", 12, "2025-Q4", "2026-09-01", "2026-11-30"),
    ],
)
def test_period_as_written(text: str, fiscal: int, label: str, first: str, last: str) -> None:
    today = date(2026, 12, 5) if fiscal == 12 else TODAY
    period = Calendar(fiscal).named(text, today)
    assert period is not None
    assert (period.label, period.first, period.last) == (
        label,
        date.fromisoformat(first),
        date.fromisoformat(last),
    )


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "26-09", "2026-Q5", "2026-H3", "Q3", "september", "", "2026-9"]
)
def test_what_is_no_period(text: str) -> None:
    assert Calendar().named(text, TODAY) is None


def windows(starts: str, ends: str, period: str, fiscal: int = 1) -> list[tuple[str, str]]:
    days = (date.fromisoformat(starts), date.fromisoformat(ends))
    cut = Calendar(fiscal).measurement_periods(*days, period)
    return [(one.start.isoformat(), one.end.isoformat()) for one in cut]


def test_measurement_periods_are_cut_to_the_program() -> None:
    assert windows("2026-07-15", "2026-10-10", "quarter") == [
        ("2026-07-15", "2026-09-30"),
        ("2026-10-01", "2026-10-10"),
    ]
    assert windows("2026-01-31", "2026-03-01", "month") == [
        ("2026-01-31", "2026-01-31"),
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-03-01"),
    ]


def test_halves_and_years_follow_the_fiscal_year() -> None:
    assert windows("2026-04-01", "2027-03-31", "half", fiscal=7) == [
        ("2026-04-01", "2026-06-30"),
        ("2026-07-01", "2026-12-31"),
        ("2027-01-01", "2027-03-31"),
    ]
    assert windows("2026-01-01", "2026-12-31", "year", fiscal=4) == [
        ("2026-01-01", "2026-03-31"),
        ("2026-04-01", "2026-12-31"),
    ]


def test_program_is_one_period() -> None:
    assert windows("2026-07-15", "2026-10-10", "program") == [("2026-07-15", "2026-10-10")]


@pytest.mark.parametrize(
    ("measured", "period", "source", "expected"),
    [
        (("2026-07-01", "2026-09-30"), "quarter", "previous_year", ("2025-07-01", "2025-09-30")),
        (("2026-07-01", "2026-09-30"), "quarter", "previous_period", ("2026-04-01", "2026-06-30")),
        (("2026-07-15", "2026-09-30"), "quarter", "previous_period", ("2026-04-15", "2026-06-30")),
        # a month's last day stays one
        (("2026-02-01", "2026-02-28"), "month", "previous_period", ("2026-01-01", "2026-01-31")),
        (("2025-02-01", "2025-02-28"), "month", "previous_year", ("2024-02-01", "2024-02-29")),
        (("2024-02-01", "2024-02-29"), "month", "previous_year", ("2023-02-01", "2023-02-28")),
        # a program from a first to a last day shifts by whole months, another by days
        (("2026-02-01", "2026-04-30"), "program", "previous_period", ("2025-11-01", "2026-01-31")),
        (("2026-02-10", "2026-02-19"), "program", "previous_period", ("2026-01-31", "2026-02-09")),
    ],
)
def test_baseline_windows(
    measured: tuple[str, str], period: str, source: str, expected: tuple[str, str]
) -> None:
    window = MeasurementPeriod(*map(date.fromisoformat, measured))
    shifted = Calendar().baseline_window(window, period, source)
    assert (shifted.start.isoformat(), shifted.end.isoformat()) == expected


def test_adding_months_keeps_the_day_where_the_month_has_it() -> None:
    assert add_months(date(2026, 1, 30), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 12, 15), 2) == date(2027, 2, 15)
    assert add_months(date(2026, 2, 28), 1) == date(2026, 3, 31)


def test_the_period_before_and_a_year_ago_have_the_same_length() -> None:
    def shifted(text: str, starts: int) -> tuple[str, str]:
        calendar = Calendar(starts)
        period = calendar.named(text, date(2026, 1, 1))
        assert period is not None
        return calendar.before(period).label, calendar.year_before(period).label

    assert shifted("2026-01", 1) == ("2025-12", "2025-01")
    assert shifted("2026-Q1", 1) == ("2025-Q4", "2025-Q1")
    assert shifted("2026-H2", 7) == ("2026-H1", "2025-H2")
    assert shifted("2026", 7) == ("2025", "2025")


def test_the_months_through_a_day() -> None:
    months = Calendar().months_through(date(2026, 2, 10), 3)
    assert [month.label for month in months] == ["2025-12", "2026-01", "2026-02"]
    assert (months[0].first, months[-1].last) == (date(2025, 12, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("day", "starts", "label"),
    [
        (date(2026, 9, 30), 1, "2026-Q3"),
        (date(2026, 3, 31), 4, "2025-Q4"),
        (date(2026, 4, 1), 4, "2026-Q1"),
    ],
)
def test_the_fiscal_quarter_of_a_day(day: date, starts: int, label: str) -> None:
    assert Calendar(starts).quarter_of(day) == label


# The fiscal months of `tests.fiscal_workspace`: 2025 begins on 29 December 2024, its month 12 has six weeks.
def fiscal() -> Calendar:
    rows = [row.split(",") for row in months()]
    firsts = tuple(date.fromisoformat(first) for _, first, _ in rows)
    return StatedCalendar(
        first_number=2025 * 12, firsts=firsts, last=date.fromisoformat(rows[-1][2])
    )


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-07", "2026-07-05", "2026-08-01"),
        ("2025-12", "2025-11-23", "2026-01-03"),
        ("2026-Q3", "2026-07-05", "2026-10-03"),
        ("2026-H1", "2026-01-04", "2026-07-04"),
        ("2025", "2024-12-29", "2026-01-03"),
        ("this-month", "2026-11-01", "2026-11-28"),
        ("last-month", "2026-10-04", "2026-10-31"),
        ("last-quarter", "2026-07-05", "2026-10-03"),
    ],
)
def test_a_fiscal_period(text: str, first: str, last: str) -> None:
    period = fiscal().named(text, TODAY)
    assert period is not None
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert fiscal().missing_day(period.first, period.last) is None


@pytest.mark.parametrize(
    ("text", "today", "missing"),
    [
        ("2024-12", TODAY, "2024-12-28"),
        ("2027-Q1", TODAY, "2027-01-03"),
        ("this-month", date(2027, 1, 3), "2027-01-03"),
        ("last-month", date(2027, 2, 3), "2027-01-03"),  # not the last month that there is
    ],
)
def test_a_fiscal_period_that_is_missing(text: str, today: date, missing: str) -> None:
    period = fiscal().named(text, today)
    assert period is not None
    assert fiscal().missing_day(period.first, period.last) == date.fromisoformat(missing)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-07-10", -12, "2025-07-04"),  # the sixth day
        ("2026-10-03", -12, "2025-09-27"),  # last days
        ("2026-09-28", -1, "2026-08-29"),  # the 30th day of 35, of 28 the last
        ("2026-08-29", 1, "2026-10-03"),  # the last of 28 becomes the last of 35
        ("2026-08-28", 1, "2026-09-25"),  # the 27th
        ("2026-01-03", 12, "2027-01-02"),  # the last of six weeks
    ],
)
def test_shifting_by_fiscal_months(day: str, months: int, expected: str) -> None:
    assert fiscal().shift(date.fromisoformat(day), months).isoformat() == expected


def test_what_lies_before_the_months_has_no_days() -> None:
    calendar = fiscal()
    period = calendar.named("2025-Q1", TODAY)
    assert period is not None
    before = calendar.before(period)
    assert before.label == "2024-Q4"
    assert before.first > before.last
    window = calendar.baseline_window(
        MeasurementPeriod(period.first, period.last), "quarter", "previous_year"
    )
    assert window.start > window.end


def test_measurement_periods_end_with_the_months() -> None:
    cut = fiscal().measurement_periods(date(2024, 12, 1), date(2027, 2, 3), "half")
    assert [(one.start.isoformat(), one.end.isoformat()) for one in cut] == [
        ("2024-12-29", "2025-06-28"),
        ("2025-06-29", "2026-01-03"),
        ("2026-01-04", "2026-07-04"),
        ("2026-07-05", "2027-01-02"),
    ]


def test_months_of_a_column_of_days() -> None:
    days = ["2024-12-28", "2024-12-29", "2026-01-03", "2026-01-04", "2027-01-02", "2027-01-03"]
    column = pl.DataFrame({"day": [date.fromisoformat(day) for day in days]})
    found = column.select(
        label=month_labels(fiscal().numbers_of(pl.col("day"))),
        place=fiscal().month_of_year(pl.col("day")),
    )
    assert found["label"].to_list() == [None, "2025-01", "2025-12", "2026-01", "2026-12", None]
    assert found["place"].to_list() == [None, 1, 12, 1, 12, None]


def test_the_fiscal_year_of_a_day() -> None:
    """From July on: June still lies in the year that began in the July before."""
    assert Calendar().year_of(date(2026, 9, 30)).first == date(2026, 1, 1)
    july = Calendar(7)
    assert july.year_of(date(2026, 7, 1)) == Period("2026", date(2026, 7, 1), date(2027, 6, 30))
    assert july.year_of(date(2026, 6, 30)) == Period("2025", date(2025, 7, 1), date(2026, 6, 30))
