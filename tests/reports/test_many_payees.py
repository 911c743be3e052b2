"""What a few thousand payees print: people see the first rows, files and programs have all of them."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from incentivectl.output.report import MOST_ROWS
from incentivectl.reports import workbook
from tests.small_workspace import CONFIG, incentivectl, write_workspace

PAYEES = 12_000
PROGRAM = """
id = "monthly"
name = "Monthly"
kind = "rebate"
starts = 2026-09-01
ends = 2026-09-30
period = "month"

[reward]
tiers = [{ from = 0, rate = "1%" }, { from = 20_000_000, rate = "2%" }]
"""
NUMBERS = range(PAYEES)
TABLES = {
    "partners": "partner_id,name\n" + "".join(f"P{n:05},Partner {n}\n" for n in NUMBERS),
    "sales": "sale_id,sold_on,partner_id,amount\n"
    + "".join(f"S{n},2026-09-01,P{n:05},{1000 + n}\n" for n in NUMBERS),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("many") / "w"
    config = CONFIG + '\n[settlement]\nfirst_period = "2026-09"\n'
    write_workspace(root, config=config, programs={"monthly": PROGRAM}, tables=TABLES)
    assert incentivectl("run", "2026-09", "-q", "-w", root).exit_code == 0
    return root


def printed(root: Path, *words: str) -> str:
    result = incentivectl(*words, "-w", root)
    assert result.exit_code == 0, result.output[-1000:]
    return result.stdout


@pytest.mark.parametrize(
    ("words", "form", "key"),
    [
        (("leaderboard", "2026-09"), "csv", "leaderboard"),
        (("statement", "2026-09"), "csv", "payees"),
        (("batch", "post", "2026-09", "--dry-run"), "csv", "entries"),
    ],
)
def test_people_see_the_first_rows_and_where_the_others_are(
    root: Path, words: tuple[str, ...], form: str, key: str
) -> None:
    text = printed(root, *words)
    assert f"{PAYEES - MOST_ROWS:,} more rows: --format {form} has all of them." in text
    assert len(text.splitlines()) < MOST_ROWS + 100
    assert "more rows" in printed(root, *words, "--format", "md")
    assert (
        len(list(csv.reader(io.StringIO(printed(root, *words, "--format", "csv"))))) == PAYEES + 1
    )
    assert len(json.loads(printed(root, *words, "--format", "json"))[key]) == PAYEES


def test_one_of_many_is_told_its_own(root: Path) -> None:
    """P11111 sold for 12,111: 1 % are 121.11."""
    (told,) = json.loads(printed(root, "statement", "2026-09", "P11111", "--format", "json"))
    assert (told["payee"], told["earned"][0]["this_batch"]) == ("P11111", "121.11")


@pytest.mark.parametrize("command", ["statement", "explain"])
def test_of_many_ids_the_nearest_is_found(root: Path, command: str) -> None:
    result = incentivectl(command, "2026-09", "P1111", "-w", root)
    assert result.exit_code == 2
    (nearest,) = re.findall(r"did you mean `?(P\d{5})", result.output)
    assert "P1111" in {nearest[:at] + nearest[at + 1 :] for at in range(6)}


def test_a_sheet_says_how_many_rows_it_leaves_out(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 50)
    printed(root, "report", "2026-09")
    with zipfile.ZipFile(root / "reports/2026-09/report.xlsx") as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert f"{PAYEES - 50:,} more rows in earnings.csv" in texts
    assert "P00049" in texts
    assert "P00060" not in texts
