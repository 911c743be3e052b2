"""Dates and terms that leave the calendar, and ids that an example gives twice: config errors."""

from pathlib import Path

import pytest

from tests.programs.writing import read
from tests.small_workspace import CONFIG, REBATE, incentivectl, write_workspace


def refused(text: str) -> list[str]:
    program, problems = read(text)
    assert program is None
    return [problem.message for problem in problems]


@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01", "1899-12-31", "0001-01-01"])
@pytest.mark.parametrize(
    "text",
    [
        REBATE.replace("2026-07-01", "{}"),
        REBATE.replace("2026-09-30", "{}"),
        REBATE + '[[boost]]\ntimes = 2\nwhen = {{ "sale.sold_on" = {{ before = {} }} }}\n',
        REBATE + '[[example]]\nname = "a"\nsales = [{{ amount = 5, sold_on = {} }}]\nexpect = 0.25\n',
    ],
)  # fmt: skip
def test_dates_beyond_the_calendar(text: str, day: str) -> None:
    text = text.replace("{{", "{").replace("}}", "}").replace("{}", day)
    assert any(
        f"expected a date from 1900-01-01 to 2199-12-31, not {day}" in message
        for message in refused(text)
    )


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
def test_the_first_and_the_last_day(tmp_path: Path, day: str) -> None:
    program = REBATE.replace("2026-07-01" if day < "2000" else "2026-09-30", day)
    root = write_workspace(tmp_path / "shop", programs={"volume": program})
    assert incentivectl("check", "-w", root).exit_code == 0
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0


@pytest.mark.parametrize(
    ("config", "program", "message"),
    [
        ("max_rate_age_days = 36_501\n", "", "expected at most 36,500 days, not 36,501"),
        (
            '[settlement]\nfirst_period = "2026-09"\ncorrect_for_months = 999_999_999_999\n',
            "", "expected at most 1,200 months, not 999,999,999,999",
        ),
        ("", "[payout]\nhold_days = 999_999_999\n", "expected at most 36,500 days"),
        ('[settlement]\nfirst_period = "9999-12"\n', "", "2199-12-31, not 9999-12-01"),
        ('[settlement]\nfirst_period = "0000-12"\n', "", "expected a month"),
    ],
)  # fmt: skip
def test_terms_beyond_the_calendar(tmp_path: Path, config: str, program: str, message: str) -> None:
    root = write_workspace(
        tmp_path / "shop", config=CONFIG + config, programs={"volume": REBATE + program}
    )
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert message in result.output


DEAL = """\
id = "deals"
name = "Deals"
kind = "deal_registration"
starts = 2026-07-01
ends = 2026-09-30

[reward]
rate = "5%"

[[example]]
name = "twice"
"""
ACTIVITY = """\
id = "training"
name = "Training"
kind = "activity"
starts = 2026-07-01
ends = 2026-09-30

[[reward]]
activity = "course"
amount = 10

[[example]]
name = "twice"
"""
TWICE = {
    DEAL + 'deals = [{ deal_id = "D1" }, { deal_id = "D1" }]\nsales = [{ amount = 100 }]\nexpect = 5\n':
        "deal_id `D1` is used by two deals",
    DEAL + 'deals = [{ deal_id = "D1" }, {}]\nsales = [{ amount = 100 }]\nexpect = 5\n':
        "deal_id `D1` is used by two deals",
    DEAL + 'sales = [{ amount = 1, deal_id = "D1", customer_id = "X" },'
    ' { amount = 1, deal_id = "D1", customer_id = "Y" }]\nexpect = 0.1\n':
        "deal_id `D1` is used by two deals",
    ACTIVITY + 'activities = [{ activity_id = "T1" }, { activity_id = "T1" }]\nexpect = 20\n':
        "activity_id `T1` is used by two activities",
}  # fmt: skip


@pytest.mark.parametrize(("program", "message"), TWICE.items())
def test_an_id_that_an_example_gives_twice(tmp_path: Path, program: str, message: str) -> None:
    root = write_workspace(tmp_path / "shop", programs={"p": program})
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3, result.output
    assert f"example `twice`: {message}" in result.output
