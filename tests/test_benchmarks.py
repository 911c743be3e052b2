"""The benchmark's contenders arrive at the same money in every case, on few lines."""

import csv
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks import ledger, payees
from benchmarks.cases import CASES, Asked
from benchmarks.comparing import Earned, earned
from benchmarks.measuring import Measured
from benchmarks.results import chart, table, write_section
from benchmarks.running import COLD, FLOOR, SCRIPTS, WARM, Bench, in_turn
from benchmarks.workspace import in_one_file, without_line_ids, write_workspace
from tests.small_workspace import as_json

LINES = 10_000


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator's folder is on the path no longer than a test lasts."""
    monkeypatch.setattr(sys, "path", list(sys.path))


def _measured(case: str, folder: Path, **asked: object) -> list[Measured]:
    contenders = CASES[case].contenders(Asked(lines=LINES, **asked), folder)  # type: ignore[arg-type]
    return in_turn(contenders, 1)


def _earned(workspace: Path) -> Earned:
    return earned(workspace / "reports" / "2026-09" / "earnings.csv")


def test_all_contenders_agree(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    measured = _measured("six", tmp_path, files=30, memory=("512MB",), without=("pandas",))
    assert len(list((tmp_path / "workspace/sales").iterdir())) == 30
    names = [one.name for one in measured]
    assert names[:3] == [COLD, WARM, f"{COLD}, 512MB"]
    assert SCRIPTS["duckdb"] in names
    assert SCRIPTS["pandas"] not in names
    assert names[-1] == FLOOR
    assert table(measured).count("\n") == len(measured) + 1
    assert chart(measured, "few < many").count("<rect") == len(measured) + 1


def test_exports_without_line_id_earn_what_those_with_it_earn(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("pandas")
    measured = _measured("no-line-id", tmp_path / "without")
    assert {one.name for one in measured} >= set(SCRIPTS.values())
    write_workspace(tmp_path / "with", LINES, 1)
    Bench(tmp_path / "with").cold()
    assert _earned(tmp_path / "without/workspace") == _earned(tmp_path / "with") != {}


def test_many_programs_earn_beside_the_six(tmp_path: Path) -> None:
    measured = _measured("programs", tmp_path, copies=3)
    assert [one.name for one in measured] == [
        "6 programs, cold",
        "18 programs, cold",
        "18 programs, warm",
    ]
    many = _earned(tmp_path / "many")
    assert {program for program, _ in many} == {
        f"{path.stem}{copy}"
        for path in (tmp_path / "six/programs").iterdir()
        for copy in ("", "-1", "-2")
    }
    by_program = {
        name: sum(amount for (program, _), amount in many.items() if program == name)
        for name in ("deals", "deals-1", "deals-2")
    }
    bonuses = (by_program["deals-1"] - by_program["deals"]) / Decimal("1.5")  # 1 % of 150
    assert bonuses > 0
    assert bonuses == int(bonuses)
    assert by_program["deals-2"] - by_program["deals"] == 3 * bonuses


def test_payees_are_checked_against_sums(tmp_path: Path) -> None:
    measured = _measured("payees", tmp_path, payees=300)
    assert [one.name for one in measured] == [COLD, WARM, FLOOR]
    results = tmp_path / "workspace/reports/2026-09/earnings.csv"
    assert len(_earned(tmp_path / "workspace")) == 300
    # P0: lines 0 and 1, of 1 × 0.01 and 2 × 79.20, together 158.41, of which 1 % is 1.58.
    assert _earned(tmp_path / "workspace")["volume", "P0"] == Decimal("1.58")
    text = results.read_text(encoding="utf-8")
    results.write_text(text.replace(",1.58,", ",1.59,"), encoding="utf-8")
    assert payees.mistakes(tmp_path / "workspace", results) == ["volume P0: 1.58 and 1.59"]


def test_contracts_are_checked_against_sums(tmp_path: Path) -> None:
    measured = _measured("contracts", tmp_path, payees=300, contracts=100)
    names = [f"{name}, {cache}" for cache in ("cold", "warm") for name in ("3 tiers", "contracts")]
    assert [one.name for one in measured] == names
    # P0 has a contract: 2 % of 158.41, of which the tiers pay 1 %. P299 has none.
    tiers, contracts = (_earned(tmp_path / name) for name in ("tiers", "contracts"))
    assert (tiers["volume", "P0"], contracts["volume", "P0"]) == (Decimal("1.58"), Decimal("3.17"))
    assert tiers["volume", "P299"] == contracts["volume", "P299"]


def test_one_file_earns_what_many_files_earn(tmp_path: Path) -> None:
    measured = _measured("files", tmp_path)
    assert [one.name for one in measured] == ["1 file, cold", "30 files, cold"]
    assert _earned(tmp_path / "one") == _earned(tmp_path / "many") != {}


def test_the_one_file_has_the_lines_of_the_many(tmp_path: Path) -> None:
    write_workspace(tmp_path / "many", 500, 30)
    in_one_file(tmp_path / "many", tmp_path / "one")
    (one,) = (tmp_path / "one/sales").iterdir()
    assert list(_rows(one)) == [
        row for path in sorted((tmp_path / "many/sales").iterdir()) for row in _rows(path)
    ]


def test_sales_of_lines_sent_twice_are_sent_again_whole(tmp_path: Path) -> None:
    sales = tmp_path / "sales"
    sales.mkdir()
    rows = ["S1,1,a,x", "S1,2,b,y", "S1,2,b,y", "S2,1,c,z", "S2,2,c,z"]
    (sales / "0001.csv").write_text("\n".join(["sale_id,line_id,w,v", *rows, ""]), encoding="utf-8")
    without_line_ids(tmp_path)
    header, once = "sale_id,w,v\n", "S1,a,x\nS1,b,y\n"
    assert (sales / "0001.csv").read_text(encoding="utf-8") == f"{header}{once}S2,c,z\nS2,c,z\n"
    assert (sales / "sent-again.csv").read_text(encoding="utf-8") == f"{header}{once}"
    assert len(list(sales.iterdir())) == 2


def test_a_section_takes_the_place_of_its_former_self(tmp_path: Path) -> None:
    file = tmp_path / "R.md"
    for title, text in (("1 file", "old"), ("1 file, more", "kept"), ("1 file", "new")):
        write_section(file, title, text)
    written = file.read_text(encoding="utf-8")
    assert written.index("### 1 file\n\nnew\n") < written.index("### 1 file, more\n\nkept\n")
    assert "old" not in written


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_a_spread_run_earns_the_same_and_is_measured_with_its_processes(tmp_path: Path) -> None:
    contenders = CASES["spread"].contenders(Asked(lines=LINES, files=2), tmp_path)
    one, spread = contenders["incentivectl, cold"](), contenders["2 processes"]()
    assert spread.cpu_seconds > one.cpu_seconds / 2  # those of its processes count
    assert spread.peak > 0


def test_a_filled_ledger_is_intact(tmp_path: Path) -> None:
    ledger.write_workspace(tmp_path / "w", 5)
    ledger.fill(tmp_path / "w/ledger.db", 2, 5)
    verdict = as_json("ledger", "verify", "-w", tmp_path / "w")
    assert (verdict["batches"], verdict["entries"]) == (2, 10)
