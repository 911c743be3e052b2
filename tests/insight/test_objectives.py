"""Objectives of programs: what is said, what is measured (docs/rules.md, 10.4 and 83.17)."""

from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.insight.metrics.objectives import (
    BEFORE,
    MEASURED,
    ON_TRACK,
    REACHED,
    RESULT,
    TARGET,
    objectives,
)
from tests.insight.runs import Answers, rerun, run_of
from tests.small_workspace import REBATE, incentivectl, write_workspace

# Of July to September 2026: 1,000 + 500 - 100 from C1 and C2; a year before 1,000 from C1; Q2: 2,000.
SALES = """\
sale_id,line_id,sold_on,partner_id,customer_id,quantity,amount
Y-1,1,2025-07-01,P1,C1,1,1000
Q-1,1,2026-04-01,P1,C1,1,2000
S-1,1,2026-07-02,P1,C1,1,1000
S-2,1,2026-09-02,P1,C2,1,500
S-3,1,2026-09-03,P1,C2,-1,-100
"""


def program(metric: str, change: str, against: str = "previous_year") -> str:
    own = f'text = "More"\nmetric = "{metric}"\nchange = "{change}"\nagainst = "{against}"\n'
    return f"{REBATE}\n[objective]\n{own}"


def answers(root: Path, text: str, period: str = "2026-09") -> Answers:
    run = run_of(root / "w", "2026-09", programs={"volume": text}, tables={"sales": SALES})
    return Answers(objectives, run if period == "2026-09" else rerun(root / "w", period))


@pytest.mark.parametrize(
    ("metric", "change", "against", "result", "before", "target"),
    [
        ("revenue", "10%", "previous_year", 1400, 1000, 1100),
        ("revenue", "-40%", "previous_period", 1400, 2000, 1200),
        ("customers", "100%", "previous_year", 2, 1, 2),
        ("lines", "200%", "previous_year", 2, 1, 3),
    ],
)
def test_a_target_and_a_result(
    tmp_path: Path, metric: str, change: str, against: str, result: int, before: int, target: int
) -> None:
    found = answers(tmp_path, program(metric, change, against))
    volume = ("program", "volume")
    assert (found(RESULT, *volume), found(BEFORE, *volume)) == (result, before)
    assert found(TARGET, *volume) == target
    assert found(ON_TRACK) == (1 if result >= target else 0)
    assert found(MEASURED) == 1


def test_a_period_that_goes_on_is_compared_to_date(tmp_path: Path) -> None:
    """1,000 in July and August against the 1,000 of July and August 2025."""
    found = answers(tmp_path, program("revenue", "10%"), "2026-08")
    assert found(REACHED, "program", "volume") == Decimal("0.909090909091")
    assert found(ON_TRACK) == 0


def test_what_cannot_be_measured_says_why(tmp_path: Path) -> None:
    from_may = program("quantity", "10%").replace("2026-07-01", "2026-05-01")
    nothing = answers(tmp_path / "a", from_may.replace('"quarter"', '"program"'))
    assert nothing.why(TARGET, "program", "volume") == (
        "`sales` would have to reach back to 2025-05-01, and they begin in 2025-07"
    )
    worded = answers(tmp_path / "b", REBATE.replace("period =", 'objective = "More"\nperiod ='))
    assert worded.why(ON_TRACK) == (
        "no running program has a measured objective: set [objective] metric and change"
    )


def test_program_show_tells_the_words_and_the_target(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", programs={"volume": program("revenue", "10%")})
    shown = " ".join(incentivectl("program", "show", "volume", "-w", root).stdout.split())
    assert "Objective: More." in shown
    assert (
        "It is judged by the revenue of its eligible lines: at least 10 % more than on the same days a"
        " year before."
    ) in shown


def test_program_show_tells_how_it_stands(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w",
        programs={
            "volume": program("revenue", "10%"),
            "worded": REBATE.replace("volume", "worded"),
        },
        tables={"sales": SALES},
    )

    def shown(name: str, period: str) -> str:
        result = incentivectl("program", "show", name, "--period", period, "-w", root)
        assert result.exit_code == 0, result.output
        return " ".join(result.stdout.split())

    assert "1,000.00 1,100.00 1,400.00 127.3 % reached" in shown("volume", "2026-09")
    assert "1,000.00 1,100.00 1,000.00 90.9 % behind" in shown("volume", "2026-08")
    assert "No result: it was not running." in shown("volume", "2026-06")
    assert "No result: it is not measured" in shown("worded", "2026-09")


def test_metrics_tells_how_objectives_stand(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w", programs={"volume": program("revenue", "10%")}, tables={"sales": SALES}
    )
    result = incentivectl("metrics", "2026-09", "-w", root, "--no-trend", "--area", "objectives")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    (row,) = [line for line in lines if line.startswith("volume ")]
    assert "1,000.00 1,100.00 1,400.00 127.3 % reached" in row


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ('metric = "revenue"', "`metric` needs `change` beside it"),
        ('change = "10%"', "`change` needs `metric` beside it"),
        ('metric = "growth"\nchange = "1%"', '"growth" is not a metric of objectives'),
        ('metric = "lines"\nchange = "-100%"', "a target below 0 cannot be reached"),
        ('metric = "lines"\nchange = "5%"\nagainst = "now"', "is not a period to compare with"),
    ],
)
def test_what_is_no_objective_is_refused(tmp_path: Path, own: str, said: str) -> None:
    root = write_workspace(tmp_path / "w", programs={"volume": f"{REBATE}\n[objective]\n{own}\n"})
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert said in result.output


def test_an_objective_that_is_no_text(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", programs={"volume": "objective = 5\n" + REBATE})
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert "`objective`: expected text, not the number 5" in result.output


def test_without_a_year_before_nothing_is_off_track(tmp_path: Path) -> None:
    """0 on track would read as if every objective were missed."""
    recent = "".join(line for line in SALES.splitlines(keepends=True) if "2025" not in line)
    text = {"volume": program("revenue", "10%")}
    run = run_of(tmp_path / "w", "2026-09", programs=text, tables={"sales": recent})
    found = Answers(objectives, run)
    assert found.why(ON_TRACK).startswith("`sales` would have to reach back to 2025-07-01")
    assert found(MEASURED) == 0
