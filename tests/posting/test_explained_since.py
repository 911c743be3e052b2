"""`explain` names why what is booked changes: it compares with the last batch's archive by itself.

P1 sold 10,400 in the quarter: 8 % are 832. Each test changes one kind of input after that is booked.
"""

import json
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, post
from tests.small_workspace import REBATE, SALES, incentivectl, write_workspace

OCTOBER = "S7,1,2026-10-02,P2,SKU-1,C2,1,10.00\n"
BOOST = '[[boost]]\nwhen = { "partner.tier" = "platinum" }\nfactor = 1.5\n'
PARTNERS = "partner_id,name,tier,valid_from\nP1,Alpha Ltd,gold,\nP2,Beta GmbH,silver,\n"


def changes(root: Path, *options: str) -> dict[str, str]:
    """The causes of the change of P1's quarter, with their amounts."""
    told = incentivectl("explain", "2026-10", "P1", "-w", root, "--format", "json", *options)
    assert told.exit_code == 0, told.output
    rows = json.loads(told.stdout).get("changes", [])
    return {row["code"]: row["amount"] for row in rows if row["amount"] is not None}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The quarter is booked; a line of October keeps the source alive."""
    programs = {"volume": REBATE + BOOST}
    tables = {"sales": SALES, "partners": PARTNERS}
    made = write_workspace(tmp_path / "w", config=BOOKS, programs=programs, tables=tables)
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
    assert "there is no batch 2026-08.1" in told.stderr
