"""`run`, `check` and the report say what `batch post` would refuse, before anybody posts."""

from pathlib import Path

import openpyxl
import pytest

from incentivectl.core.errors import ExitCode
from tests.posting.booked import BOOKS, PAYOUT, post, write
from tests.posting.test_guards import STRICT, refusing
from tests.posting.test_payouts import HEADER, program
from tests.small_workspace import as_json, incentivectl, write_workspace

PARTNERS = "partner_id,name\nP1,Alpha\nP2,Beta\n"
SOURCES = "".join(
    f'[[sources.sales]]\nname = "{name}"\npath = "sample_data/{name}-*.csv"\n'
    for name in ("direct", "alpha")
)


def workspace(tmp_path: Path, months: dict[str, str], config: str = STRICT) -> Path:
    """One line of each source in the months that are named for it: `{"direct": "06 07"}`."""
    root = write_workspace(
        tmp_path / "w",
        config=config + SOURCES,
        programs={"loyal": program()},
        tables={"partners": PARTNERS},
    )
    (root / "sample_data/sales.csv").unlink()
    for source, named in months.items():
        for month in named.split():
            arrives(root, source, month)
    return root


def arrives(root: Path, source: str, month: str) -> None:
    row = f"{source}-{month},1,2026-{month}-05,P1,A,1000,,\n"
    (root / f"sample_data/{source}-{month}.csv").write_text(HEADER + row)


def attention(root: Path, *command: str) -> str:
    """What needs attention, one sentence a line."""
    return "\n".join(row["what"] for row in as_json(*command, "-w", root)["attention"])


def test_a_missing_export_is_told_by_run_check_page_and_workbook(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "06 07 08 09", "alpha": "06 07 08"})
    post(root, "2026-08")
    said = (
        "posting is blocked: source alpha has lines in each of the 3 months before, and none in"
        " 2026-09; is an export missing or incomplete? To post anyway: --allow missing-lines:alpha"
    )
    assert said in attention(root, "run", "2026-09")
    assert said in attention(root, "check")
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    assert said in (root / "reports/2026-09/report.html").read_text(encoding="utf-8")
    summary = openpyxl.load_workbook(root / "reports/2026-09/report.xlsx")["summary"]
    assert said in [row[0].value for row in summary.iter_rows()]
    arrives(root, "alpha", "09")
    assert "blocked" not in attention(root, "run", "2026-09")
    assert "blocked" not in attention(root, "check")


def test_two_months_of_history_are_enough(tmp_path: Path) -> None:
    """The exports begin in July: August is told, September is refused."""
    config = BOOKS.replace(PAYOUT, "")
    root = workspace(tmp_path, {"direct": "07 08 09", "alpha": "07 08"}, config)
    post(root, "2026-07")
    post(root, "2026-08")
    guards, text = refusing(root, "2026-09")
    assert guards == {"missing-lines"}
    assert "source alpha has lines in each of the 2 months before, and none in 2026-09" in text
    assert "alpha has lines in each of the 2 months" in attention(root, "run", "2026-09")


def test_one_month_of_history_is_told_and_not_refused(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "07 08", "alpha": "07"})
    post(root, "2026-07")
    told = attention(root, "run", "2026-08")
    assert "source alpha has its first lines in the month before, and none in 2026-08" in told
    assert "blocked" not in told
    assert post(root, "2026-08") == "2026-08.1"


def test_a_month_that_is_missing_within_a_longer_period(tmp_path: Path) -> None:
    """July is posted, then September: August is booked by it too, and alpha lacks August."""
    root = workspace(tmp_path, {"direct": "05 06 07 08 09", "alpha": "05 06 07 09"})
    post(root, "2026-07")
    assert "and none in 2026-08" in attention(root, "run", "2026-09")
    guards, _ = refusing(root, "2026-09")
    assert guards == {"missing-lines"}


def test_a_quarter_that_goes_on_expects_nothing_of_months_to_come(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "04 05 06 07", "alpha": "04 05 06 07"})
    assert "none in" not in attention(root, "run", "2026-Q3")
    assert "none in" not in attention(root, "check")


def test_a_source_that_comes_now_and_then_is_not_expected(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "04 05 06 07 08", "alpha": "04 06 07"})
    assert "none in" not in attention(root, "run", "2026-08")


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("direct,2026-07,2,", "source direct, 2026-07: control_totals states 2 lines, but 1 count"),
        ("direkt,2026-07,1,", "control_totals names source direkt, which does not exist"),
    ],
)
def test_control_totals_are_told_by_run_and_check(tmp_path: Path, stated: str, said: str) -> None:
    root = workspace(tmp_path, {"direct": "06 07", "alpha": "06 07"})
    write(root, "control_totals", f"source,month,lines,amount\n{stated}\n")
    for command in (("run", "2026-07"), ("check",)):
        told = attention(root, *command)
        assert f"posting is blocked: {said}" in told
        assert f"--allow rejects:{stated.partition(',')[0]}" in told
    guards, text = refusing(root, "2026-07")
    assert guards == {"rejects"}
    assert said in text


def test_rules_that_changed_are_told_by_run_and_check(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "06 07", "alpha": "06 07"})
    post(root, "2026-07")
    (root / "programs/loyal.toml").write_text(program(rate="3%"))
    for command in (("run", "2026-08"), ("check",)):
        told = attention(root, *command)
        assert "program loyal: its rules have changed" in told
        assert "--allow changed-rules:loyal" in told


def test_payees_and_programs_that_are_gone_are_told_by_check(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "06 07", "alpha": "06 07"})
    (root / "programs/other.toml").write_text(program("other", "1%"))
    post(root, "2026-07")
    (root / "programs/other.toml").unlink()
    assert "program other has booked money but no file" in attention(root, "check")


def test_a_run_tells_surges_and_clawbacks(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "06 07", "alpha": "06 07"})
    post(root, "2026-07")
    (root / "sample_data/direct-08.csv").write_text(
        HEADER + "big,1,2026-08-05,P1,A,1000000,,\nR1,1,2026-08-06,P1,A,-1000,,direct-07\n"
    )
    told = attention(root, "run", "2026-08")
    assert "--allow surge:loyal" in told
    assert "--allow clawbacks:loyal" in told


def test_a_missing_export_is_told_before_the_money_that_it_takes_back(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "06 07 08", "alpha": "06 07 08"})
    post(root, "2026-07")
    (root / "sample_data/direct-07.csv").write_text(HEADER)
    told = attention(root, "run", "2026-08")
    refused = incentivectl("batch", "post", "2026-08", "-w", root)
    assert refused.exit_code == ExitCode.GUARD
    for said in (told, refused.stderr):
        assert said.index("--allow missing-lines:direct") < said.index("--allow clawbacks:loyal")


def test_a_month_that_can_no_longer_be_posted(tmp_path: Path) -> None:
    """A late line of July would be booked, but August is posted: the next batch takes it."""
    root = workspace(tmp_path, {"direct": "06 07 08", "alpha": "06 07 08"})
    post(root, "2026-07")
    post(root, "2026-08")
    assert "blocked" not in attention(root, "run", "2026-07")
    (root / "sample_data/direct-late.csv").write_text(HEADER + "late,1,2026-07-09,P2,A,500,,\n")
    told = attention(root, "run", "2026-07")
    assert "2026-07 ends before 2026-08-31, the date of batch 2026-08.1" in told


def test_nothing_needs_attention_where_all_is_well(tmp_path: Path) -> None:
    root = workspace(tmp_path, {"direct": "05 06 07", "alpha": "05 06 07"})
    assert "Needs attention\n  Nothing." in incentivectl("run", "2026-07", "-w", root).stdout
    assert "Needs attention\n  Nothing." in incentivectl("check", "-w", root).stdout


def test_a_file_that_is_there_twice_and_an_unknown_dealer(tmp_path: Path) -> None:
    """Twelve lines sent again are beyond a tolerance of 10 %; two of P9, one of P8."""
    config = STRICT.replace("100%", "10%")
    root = workspace(tmp_path, {"direct": "05 06 07", "alpha": "05 06 07"}, config)
    rows = [f"D{n},1,2026-07-09,P1,A,10,,\n" for n in range(12)]
    known = HEADER + "".join(rows)
    (root / "sample_data/direct-more.csv").write_text(known)
    assert "is a file there twice" not in attention(root, "run", "2026-07")
    (root / "sample_data/direct-more (1).csv").write_text(known)
    lost = "".join(f"X{n},1,2026-07-09,{who},A,1,,\n" for n, who in enumerate(("P8", "P9", "P9")))
    (root / "sample_data/direct-lost.csv").write_text(HEADER + lost)
    for command in (("run", "2026-07"), ("check",)):
        told = attention(root, *command)
        assert (
            "12 rows of direct repeated, 12 of them in sample_data/direct-more.csv; each counts once:"
            " is a file there twice?"
        ) in told
        assert "2 unknown partners on 3 lines (P9, P8)" in told
