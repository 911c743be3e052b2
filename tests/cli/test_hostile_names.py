"""Hostile names through every way out: terminal, CSV, Markdown, HTML; and CSV back in again."""

import csv
import html
import re
import unicodedata
from pathlib import Path

import pytest

from incentivectl.core.safe_text import restored
from tests.reports.hostile import NAMES, hostile_workspace, payee_of
from tests.small_workspace import incentivectl, read_csv, settle

RUN = re.compile(r" *[=+\-@]|[\t\r\n]")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = hostile_workspace(tmp_path_factory.mktemp("hostile") / "w")
    settle(root)
    return root


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_no_cell_of_a_csv_is_run(root: Path) -> None:
    numbers = re.compile(r"-?\d+(\.\d+)?")
    files = [
        *(root / "reports/2026-09").glob("*.csv"),
        *(root / "reports/2026-09/rejects").iterdir(),
    ]
    assert {"earnings.csv", "payouts.csv", "unknown.csv", "sales.csv"} <= {
        file.name for file in files
    }
    for file in files:
        for row in cells(file):
            for cell in row:
                assert numbers.fullmatch(cell) or not RUN.match(cell), (file.name, cell)


def test_names_come_back_as_they_were(root: Path) -> None:
    rows = read_csv(root / "reports/2026-09/payouts.csv")
    assert [restored(row["payee_name"]) for row in rows] == [as_read(name) for name in NAMES]


def as_read(name: str) -> str:
    """Reading strips blanks and takes off an apostrophe before a formula."""
    return restored(name.strip(" "))


def test_numbers_below_zero_stay_numbers(root: Path) -> None:
    (reject,) = read_csv(root / "reports/2026-09/rejects/sales.csv")
    assert (reject["quantity"], reject["amount"]) == ("-1", "-40.00")
    assert (reject["partner_id"], reject["sale_id"]) == ("'=cmd", "'=S")


def test_unknown_ids_filled_in_are_aliases_and_rejects_are_read_again(tmp_path: Path) -> None:
    """`=cmd` is P00: its -40 lower 100 to 60, of which 5 % are 3."""
    root = hostile_workspace(tmp_path / "w")
    settle(root)
    text = (root / "reports/2026-09/unknown.csv").read_text(encoding="utf-8")
    assert text.splitlines()[1].startswith("partners,'=cmd,")
    filled = text.replace('\'=cmd,""', "'=cmd,P00").replace("'=cmd,,", "'=cmd,P00,")
    (root / "sample_data/aliases.csv").write_text(filled, encoding="utf-8")
    rows = {row["payee_id"]: row for row in settle(root)}
    assert rows["P00"]["entitlement"] == "3"
    assert not (root / "reports/2026-09/rejects").exists()


def test_a_rejects_file_alone_is_read_again_as_it_is(tmp_path: Path) -> None:
    """The file of rejects beside the exports, its row corrected by an alias of the neutralised id."""
    root = hostile_workspace(tmp_path / "w")
    settle(root)
    rejects = (root / "reports/2026-09/rejects/sales.csv").read_text(encoding="utf-8")
    config = (root / "incentivectl.toml").read_text(encoding="utf-8")
    source = '\n[sources.sales]\npath = "sample_data/sales*.csv"\n'
    (root / "incentivectl.toml").write_text(config + source, encoding="utf-8")
    (root / "sample_data/sales_corrected.csv").write_text(
        rejects.replace("'=cmd", "P01"), encoding="utf-8", newline=""
    )
    rows = {row["payee_id"]: row for row in settle(root)}
    assert rows["P01"]["entitlement"] == "3"


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_statement_for_the_terminal_and_as_markdown(root: Path, number: int) -> None:
    """No control signs reach the terminal, nothing is taken for markup, and the name is legible."""
    name = as_read(NAMES[number])
    plain = incentivectl("statement", "2026-09", payee_of(number), "-w", root)
    assert plain.exit_code == 0, plain.output
    first = plain.stdout.splitlines()[0]
    assert not [c for c in plain.stdout if unicodedata.category(c) == "Cc" and c != "\n"]
    legible = [word for word in re.split(r"[\s\x1b\u202c\u202e]+", name) if word]
    assert all(word in first for word in legible)
    md = incentivectl("statement", "2026-09", payee_of(number), "-w", root, "--format", "md").stdout
    assert md.count("\n## ") >= 2
    assert "<script" not in md
    assert "<img" not in md


def test_statements_as_pages(root: Path, tmp_path: Path) -> None:
    result = incentivectl("statement", "2026-09", "-w", root, "--html", tmp_path / "pages")
    assert result.exit_code == 0, result.output
    for number, name in enumerate(NAMES):
        page = (tmp_path / f"pages/partner-{payee_of(number)}.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert "<img" not in page
        (heading,) = re.findall(r"<h1><bdi>(.*?)</bdi></h1>", page, re.DOTALL)
        legible = re.sub("[\x1b\u202c\u202e]", "\ufffd", as_read(name)).replace("\n", " ")
        assert html.unescape(heading).strip("\u2068\u2069") == legible
    index = (tmp_path / "pages/index.html").read_text(encoding="utf-8")
    assert "<script" not in index
    assert html.escape(NAMES[5], quote=False) in index


def test_a_report_on_a_terminal_keeps_brackets(root: Path) -> None:
    plain = incentivectl("statement", "2026-09", "-w", root).stdout
    assert "[red]x[/red]" in plain
    assert "two lines" in plain
