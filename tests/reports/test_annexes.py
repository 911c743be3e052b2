"""`statement --html --lines --mail-merge`: the lines beside each page, and the list that sends them."""

import shutil
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, REVERSE, add, post, write
from tests.small_workspace import incentivectl, read_csv, write_workspace

SWITCHES = """
id = "switches"
name = "Switches"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "month"

[eligible]
"product.category" = "switch"

[reward]
rate = "2%"
"""
GATED = """
id = "gated"
name = "Gated"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "month"

[[gate]]
metric = "revenue"
at_least = 10_000

[reward]
rate = "5%"
"""
TABLES = {
    "partners": "partner_id,name,email,locale\n"
    "P1,Alpha,pay@alpha.example,de_AT\nP2,=Beta(),,\nP/3,Gamma,,\n",
    "products": "product_id,name,category\nSW,Switch,switch\nRO,Router,router\n",
    "sales": "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount\n"
    "S1,1,2026-07-03,P1,SW,2,1000.25\nS1,2,2026-07-03,P1,RO,1,500\nS2,1,2026-07-04,P2,RO,1,70\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    programs = {"switches": SWITCHES, "gated": GATED}
    return write_workspace(tmp_path / "w", config=BOOKS, programs=programs, tables=TABLES)


def written(root: Path, *asked: str) -> Path:
    pages = root / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    options = ("--html", pages, "--lines", "--mail-merge", root / "mail.csv")
    result = incentivectl("statement", *asked, "-w", root, *options)
    assert result.exit_code == 0, result.output
    return pages


def lines(page: Path) -> list[tuple[str, ...]]:
    names = ("program_id", "sale_id", "line_id", "amount", "earned", "reason")
    return [tuple(row[name] for name in names) for row in read_csv(page)]


def test_each_line_says_what_it_earned_or_why_it_did_not(root: Path) -> None:
    """2 % of 1,000.25 are 20.005, exact; the router is no switch; 1,500.25 stay below 10,000."""
    pages = written(root, "2026-07")
    assert sorted(lines(pages / "partner-P1.csv")) == [
        ("gated", "S1", "1", "1000.25", "0", "gate"),
        ("gated", "S1", "2", "500", "0", "gate"),
        ("switches", "S1", "1", "1000.25", "20.005", ""),
        ("switches", "S1", "2", "500", "0", "product.category"),
    ]
    assert {row[1] for row in lines(pages / "partner-P2.csv")} == {"S2"}
    assert 'href="partner-P1.csv"' in (pages / "index.html").read_text()


def test_a_mail_merge_names_who_gets_which_page(root: Path) -> None:
    written(root, "2026-07")
    rows = read_csv(root / "mail.csv")
    assert rows[0] == {
        "number": "", "payee_kind": "partner", "payee_id": "P1", "name": "Alpha",
        "email": "pay@alpha.example", "language": "de_AT",
        "page": "pages/partner-P1.html", "annex": "pages/partner-P1.csv",
    }  # fmt: skip
    (beta,) = (row for row in rows if row["payee_id"] == "P2")
    assert (beta["name"], beta["email"], beta["language"]) == ("'=Beta()", "", "en_US")
    for row in rows:
        assert (root / row["page"]).is_file()
        assert (root / row["annex"]).is_file()


def test_those_of_a_batch_stay_as_they_are(root: Path) -> None:
    post(root, "2026-07")
    pages = written(root, "--batch", "2026-07.1")
    before = {path.name: path.read_bytes() for path in pages.iterdir()}
    mail = (root / "mail.csv").read_bytes()
    assert read_csv(root / "mail.csv")[0]["number"] == "2026-07.1/P1"
    write(root, "partners", "partner_id,name,email,locale\nP1,New,new@alpha.example,fr_FR\n")
    write(root, "products", "product_id,name,category\nSW,Switch,router\nRO,Router,router\n")
    add(root, "sales", "L1,1,2026-07-30,P1,SW,1,900")
    assert incentivectl("batch", "void", "2026-07.1", "-w", root, *REVERSE).exit_code == 0
    pages = written(root, "--batch", "2026-07.1")
    assert {path.name: path.read_bytes() for path in pages.iterdir()} == before
    assert (root / "mail.csv").read_bytes() == mail
    # A reversal has no lines: it takes back a whole statement.
    assert lines(written(root, "--batch", "2026-07.2") / "partner-P1.csv") == []


@pytest.mark.parametrize("option", [("--lines",), ("--mail-merge", "mail.csv")])
def test_they_need_pages(root: Path, option: tuple[str, ...]) -> None:
    result = incentivectl("statement", "2026-07", "-w", root, *option)
    assert result.exit_code == 2
    assert f"{option[0]} needs pages: add --html DIR" in " ".join(result.stderr.split())
