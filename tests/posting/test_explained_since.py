"""`explain` names why what is booked changes: it compares with the last batch's archive by itself.

P1 sold 10,400 in the quarter: 8 % are 832. Each test changes one kind of input after that is booked.
"""

import json
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, post
from tests.prepared import prepared
from tests.small_workspace import REBATE, SALES, as_json, incentivectl, write_workspace

OCTOBER = "S7,1,2026-10-02,P2,SKU-1,C2,1,10.00\n"
BOOST = '[[boost]]\nwhen = { "partner.tier" = "platinum" }\nfactor = 1.5\n'
PARTNERS = "partner_id,name,tier,valid_from\nP1,Alpha Ltd,gold,\nP2,Beta GmbH,silver,\n"


def changes(root: Path, *options: str) -> dict[str, str]:
    """The causes of the change of P1's quarter, with their amounts."""
    rows = as_json("explain", "2026-10", "P1", "-w", root, *options).get("changes", [])
    return {row["code"]: row["amount"] for row in rows if row["amount"] is not None}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The quarter is booked; a line of October keeps the source alive."""
    return prepared(tmp_path, quarter_booked)


def quarter_booked(folder: Path) -> Path:
    programs = {"volume": REBATE + BOOST}
    tables = {"sales": SALES, "partners": PARTNERS}
    made = write_workspace(folder / "w", config=BOOKS, programs=programs, tables=tables)
    assert post(made, "2026-09") == "2026-09.1"
    write(made, "sales", SALES + OCTOBER)
    return made


def write(root: Path, table: str, text: str) -> None:
    (root / "sample_data" / f"{table}.csv").write_text(text, encoding="utf-8")


def test_nothing_changed(root: Path) -> None:
    assert changes(root) == {}


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        pytest.param(
            "sales",
            SALES + OCTOBER + "S8,1,2026-09-05,P1,SKU-1,C1,1,100.00\n",
            {"late-line": "8"},  # 8 % of 100 more
            id="late line",
        ),
        pytest.param(
            "sales",
            SALES + OCTOBER + "R1,1,2026-09-05,P1,SKU-1,C1,-1,-500.00\n",
            {"return": "-337"},  # 9,900 at 5 % are 495
            id="return",
        ),
        pytest.param(
            "sales",
            SALES.replace("6000.00", "7000.00") + OCTOBER,
            {"restated-line": "80"},  # 8 % of 1,000 more
            id="restated line",
        ),
        pytest.param(
            "partners",
            PARTNERS.replace("gold", "platinum"),
            {"partner-attribute": "416"},  # half as much again
            id="partner attribute",
        ),
    ],
)
def test_one_cause(root: Path, table: str, text: str, expected: dict[str, str]) -> None:
    write(root, table, text)
    assert changes(root) == expected
    assert changes(root, "--since", "2026-09.1") == expected


def test_a_rule(root: Path) -> None:
    text = (REBATE + BOOST).replace('rate = "8%"', 'rate = "9%"')
    (root / "programs/volume.toml").write_text(text, encoding="utf-8")
    assert changes(root) == {"rule": "104"}  # 9 % of 10,400 are 936


def test_it_reads_the_same_after_the_correction_is_posted(root: Path) -> None:
    write(root, "sales", SALES + OCTOBER + "S8,1,2026-09-05,P1,SKU-1,C1,1,100.00\n")
    before = incentivectl("explain", "2026-10", "P1", "-w", root).stdout
    assert post(root, "2026-10") == "2026-10.1"
    assert incentivectl("explain", "2026-10", "P1", "-w", root).stdout == before
    statement = incentivectl("statement", "2026-10", "P1", "-w", root).stdout
    assert "840.00" in statement  # 8 % of 10,500, as it stands now


def test_an_unknown_batch(root: Path) -> None:
    told = incentivectl("explain", "2026-10", "P1", "-w", root, "--since", "2026-08.1")
    assert told.exit_code == 2
    assert "unknown batch `2026-08.1`" in told.stderr


AUGUST = "S4,1,2026-08-20,P1,SKU-1,C1,1,1000.00\n"
MONTHLY = REBATE.replace('period = "quarter"', 'period = "quarter"\nsettle = "monthly"')


def told(root: Path, period: str, payee: str, *options: str) -> list[dict[str, str | None]]:
    """What `explain` says to each cause."""
    rows = as_json("explain", period, payee, "-w", root, *options).get("changes", [])
    return [row for row in rows if row["amount"] is not None]


def test_a_later_months_file_that_was_there_already_is_new_sales(tmp_path: Path) -> None:
    """8 % of 10,400 were booked for July; August's 1,000 were in the exports, and count from then on."""
    tables = {"sales": SALES + AUGUST, "partners": PARTNERS}
    root = write_workspace(
        tmp_path / "w", config=BOOKS, programs={"volume": MONTHLY}, tables=tables
    )
    assert post(root, "2026-07") == "2026-07.1"
    (cause,) = told(root, "2026-08", "P1")
    assert (cause["code"], cause["amount"], cause["cause"]) == ("newer", "80", "new sales")
    assert cause["behind_it"] == "1 line, below"


def test_going_back_to_an_earlier_period_the_later_sales_are_not_called_gone(
    tmp_path: Path,
) -> None:
    tables = {"sales": SALES + AUGUST, "partners": PARTNERS}
    root = write_workspace(
        tmp_path / "w", config=BOOKS, programs={"volume": MONTHLY}, tables=tables
    )
    for period in ("2026-07", "2026-08"):
        assert post(root, period) is not None
    (cause,) = told(root, "2026-07", "P1", "--since", "2026-08.1")
    assert (cause["code"], cause["amount"]) == ("newer", "-80")


def test_activities_of_a_later_month_are_named(tmp_path: Path) -> None:
    """P1 passed one course in July and one in August: 50 each, and no sale line stands behind it."""
    program = """
id = "courses"
name = "Courses"
kind = "activity"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
settle = "monthly"
payee = "partner"

[reward]
activity = "training"
amount = 50
"""
    activities = """\
activity_id,activity,partner_id,rep_id,done_on,score,passed
A1,training,P1,,2026-07-05,90,true
A2,training,P1,,2026-08-05,90,true
"""
    tables = {"sales": SALES, "partners": PARTNERS, "activities": activities}
    root = write_workspace(
        tmp_path / "w", config=BOOKS, programs={"courses": program}, tables=tables
    )
    assert post(root, "2026-07") == "2026-07.1"
    (cause,) = told(root, "2026-08", "P1")
    assert (cause["code"], cause["amount"]) == ("activity", "50")
    assert cause["behind_it"] == "activities A2: new, dated 2026-08-05"


def test_people_see_the_first_ten_of_the_lines_behind_a_cause(tmp_path: Path) -> None:
    many = "".join(f"A{n},1,2026-08-{n:02},P1,SKU-1,C1,1,10.00\n" for n in range(1, 13))
    tables = {"sales": SALES + many, "partners": PARTNERS}
    root = write_workspace(
        tmp_path / "w", config=BOOKS, programs={"volume": MONTHLY}, tables=tables
    )
    assert post(root, "2026-07") == "2026-07.1"
    arguments = ("explain", "2026-08", "P1", "-w", root)
    assert "and 2 more lines: --lines shows all" in incentivectl(*arguments).stdout
    assert "more lines: --lines" not in incentivectl(*arguments, "--lines").stdout
    told = json.loads(incentivectl(*arguments, "--format", "json").stdout)
    assert len(told["changed_lines"]) == 12
