"""What posting, paying and reporting write: for its owner only, through no link, run by no spreadsheet."""

import csv
import io
import os
import stat
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, post
from tests.prepared import prepared
from tests.small_workspace import PARTNERS, SALES, incentivectl, read_csv, write_workspace

ODD = "=1+1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """July is booked for a partner whose id and name a spreadsheet would run."""
    return prepared(tmp_path, booked)


def booked(folder: Path) -> Path:
    tables = {
        "partners": PARTNERS.replace("P1,Alpha Ltd", f'{ODD},"=HYPERLINK(""http://x"")"'),
        "sales": SALES.replace("P1", ODD),
    }
    root = write_workspace(folder / "w", config=BOOKS, tables=tables)
    post(root, "2026-09")
    return root


def written(root: Path) -> set[Path]:
    """Everything that commands have written into a workspace."""
    places = [root / name for name in ("archive", "payments", "reports", "statements")]
    return {
        root / "ledger.db",
        *places,
        *(path for place in places for path in place.rglob("*")),
    }


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_results_are_their_owners_only(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        root = write_workspace(tmp_path / "w", config=BOOKS)
        post(root, "2026-09")
        for command in (
            ("batch", "export", "2026-09.1"),
            ("report", "2026-09"),
            ("statement", "2026-09", "--html", str(root / "statements")),
        ):
            assert incentivectl(*command, "-w", root).exit_code == 0
    finally:
        os.umask(before)
    for path in written(root):
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir():
            assert mode == 0o700, path
        else:
            assert mode == (0o400 if "archive" in path.parts and path.name != "HEAD" else 0o600), (
                path
            )


def test_no_spreadsheet_runs_a_payment_file(root: Path) -> None:
    assert incentivectl("batch", "export", "2026-09.1", "-w", root).exit_code == 0
    [file] = (root / "payments").glob("*.csv")
    row = next(one for one in read_csv(file) if one["amount"] == "832.00")
    assert row["payee_id"] == "'=1+1"
    assert row["payee_name"] == '\'=HYPERLINK("http://x")'
    answer = root / "answer.csv"  # the bank's answer: our own rows, and a status
    text = io.StringIO()
    writer = csv.DictWriter(text, [*row, "status"])
    writer.writeheader()
    writer.writerow({**row, "status": "paid"})
    answer.write_text(text.getvalue(), encoding="utf-8")
    result = incentivectl("batch", "confirm", answer, "-w", root)
    assert result.exit_code == 0, result.output
    assert "1 payment paid" in result.stdout


def test_no_spreadsheet_runs_an_export_of_the_ledger(root: Path) -> None:
    result = incentivectl("ledger", "export", "--format", "csv", "-w", root)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["payee_id"] for row in rows} == {"'=1+1", "P2"}
    assert "-832" in {row["amount"] for row in rows}  # a number stays one


def test_links_are_not_written_through(root: Path, tmp_path: Path) -> None:
    """At the names that files had while they were written, and at those of pages."""
    target = tmp_path / "precious"
    target.write_text("mine", encoding="utf-8")
    (root / "payments").mkdir()
    pages = root / "pages"
    pages.mkdir()
    for link in (
        root / "payments" / ".2026-09.1-1.csv.new",
        root / "payments" / "2026-09.1-1.csv",
        root / "archive" / ".HEAD.new",
        pages / "partner-P2.html",
        pages / "index.html",
        root / "reports" / "2026-09" / "report.html",
    ):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    for command in (
        ("batch", "export", "2026-09.1"),
        ("statement", "2026-09", "--html", str(pages)),
        ("report", "2026-09"),
    ):
        result = incentivectl(*command, "-w", root)
        assert result.exit_code == 0, result.output
    assert target.read_text(encoding="utf-8") == "mine"
    assert not (root / "payments" / "2026-09.1-1.csv").is_symlink()
    assert not (pages / "partner-P2.html").is_symlink()


@pytest.mark.parametrize(
    "command",
    [
        ("batch", "export", "2026-09.1", "--format", "csv"),
        ("ledger", "export", "--format", "csv"),
        ("batch", "list", "--format", "csv"),
        ("program", "schema"),
    ],
)
def test_an_output_that_is_a_link_to_a_device_is_written_into(
    root: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    link = tmp_path / "out.csv"
    link.symlink_to("/dev/null")
    where = () if command[0] == "program" else ("-w", root)
    result = incentivectl(*command, "-o", link, *where)
    assert result.exit_code == 0, result.output
    assert link.is_symlink()
    assert stat.S_ISCHR(link.stat().st_mode)


@pytest.mark.parametrize("name", ["ledger.db", "link", "incentivectl.toml", "programs/volume.toml"])
def test_no_result_replaces_a_ledger_or_a_config(root: Path, name: str) -> None:
    """Told before anything is recorded: the same payments can still go out."""
    (root / "link").symlink_to("ledger.db")
    before = (root / name).read_bytes()
    for command in (("batch", "export", "2026-09.1"), ("ledger", "export")):
        result = incentivectl(*command, "--format", "csv", "-o", root / name, "-w", root)
        assert result.exit_code == 3
        assert "is never replaced by a result" in result.stderr
        assert "the ledger was changed" not in result.stderr
    assert (root / name).read_bytes() == before
    result = incentivectl("batch", "export", "2026-09.1", "--format", "csv", "-o", root, "-w", root)
    assert (result.exit_code, "this is a folder" in result.stderr) == (3, True)
    assert "exported" not in incentivectl("batch", "show", "2026-09.1", "-w", root).stdout


def test_what_others_may_do_with_an_old_ledger_ends_when_it_is_written_to(root: Path) -> None:
    (root / "ledger.db").chmod(0o644)
    assert incentivectl("batch", "list", "-w", root).exit_code == 0
    assert stat.S_IMODE((root / "ledger.db").stat().st_mode) == 0o644
    assert (
        incentivectl("batch", "export", "2026-09.1", "--format", "csv", "-w", root).exit_code == 0
    )
    assert stat.S_IMODE((root / "ledger.db").stat().st_mode) == 0o600
