"""Money that is replaced is told: lines and amount before and after, months, and what to do (42.3)."""

from pathlib import Path

from tests.posting.booked import post
from tests.small_workspace import as_json, incentivectl, read_csv, write_workspace

CONFIG = """\
[workspace]
currency = "USD"

[settlement]
first_period = "2025-07"

[payout]
clawback_guard = "100%"

[sources.sales]
path = "sales/*.csv"
"""
PROGRAM = """\
id = "loyal"
name = "Loyal"
kind = "rebate"
starts = 2025-01-01
ends = 2026-12-31
period = "month"

[reward]
rate = "10%"
"""
HEADER = "sale_id,line_id,sold_on,partner_id,amount\n"


def _workspace(tmp_path: Path, **files: str) -> Path:
    root = write_workspace(tmp_path / "w", config=CONFIG, programs={"loyal": PROGRAM})
    (root / "sales").mkdir()
    for name, rows in files.items():
        _add(root, name, rows)
    return root


def _add(root: Path, name: str, rows: str) -> None:
    (root / f"sales/{name}.csv").write_text(HEADER + rows)


def _said(root: Path, period: str) -> str:
    (section,) = (
        one for one in as_json("run", period, "-w", root).items() if one[0] == "attention"
    )
    return " ".join(str(section).split())


def test_numbers_that_start_again_each_year_are_told(tmp_path: Path) -> None:
    """10 % of 100 is booked in July 2025; a year later the same number takes these 10.00 back."""
    root = _workspace(tmp_path, a2025="19,1,2025-07-19,P1,100\n")
    post(root, "2025-07")
    _add(root, "b2026", "19,1,2026-07-19,P1,300\n")
    said = _said(root, "2026-07")
    assert (
        "source sales: 1 line replaced by a line of another month: 100.00 USD of 2025-07 became"
        " 300.00 USD of 2026-07 (sales/a2025.csv:2); do the numbers restart? Combine the id"
    ) in said
    assert (
        "source sales: 1 line of booked periods replaced: 100.00 USD of 2025-07 became 300.00 USD"
        " of 2026-07 (sales/a2025.csv:2)"
    ) in said
    checked = " ".join(incentivectl("check", "-w", root).stderr.split())
    assert "do the numbers restart? Combine the id with the date" in checked
    assert _said(root, "2026-07") == said, "the cache says the same"


def test_rows_of_one_file_that_bear_the_same_id_are_told(tmp_path: Path) -> None:
    """Five rows worth 150 count as the last one: 100 in four lines became 50."""
    rows = "".join(f"X7,1,2026-07-0{n},P1,{n}0\n" for n in range(1, 6))
    said = _said(_workspace(tmp_path, all=rows), "2026-07")
    assert (
        "source sales: 4 lines replaced by another line of the same file: 100.00 USD of 2026-07"
        " became 50.00 USD of 2026-07 (sales/all.csv:2, sales/all.csv:3, sales/all.csv:4, …)"
    ) in said


def test_a_correction_of_a_booked_line_is_told_until_it_is_booked(tmp_path: Path) -> None:
    root = _workspace(tmp_path, a="1,1,2026-07-19,P1,100\n")
    post(root, "2026-07")
    _add(root, "b", "1,1,2026-07-19,P1,120\n")
    told = (
        "source sales: 1 line of booked periods replaced: 100.00 USD of 2026-07 became 120.00 USD"
        " of 2026-07 (sales/a.csv:2)"
    )
    assert told in _said(root, "2026-08")
    post(root, "2026-08")
    assert "replaced" not in _said(root, "2026-09")


def test_a_correction_within_an_open_month_is_nothing_to_tell(tmp_path: Path) -> None:
    root = _workspace(tmp_path, a="1,1,2026-07-19,P1,100\n", b="1,1,2026-07-20,P1,120\n")
    assert "replaced" not in _said(root, "2026-07")
    (row,) = read_csv(root / "reports/2026-07/earnings.csv")
    assert row["entitlement"] == "12"


def test_what_replaces_several_lines_counts_once(tmp_path: Path) -> None:
    """100 of May and 20 of June became 300 of July, not 600."""
    root = _workspace(
        tmp_path,
        a="1,1,2026-05-19,P1,100\n",
        b="1,1,2026-06-19,P1,20\n",
        c="1,1,2026-07-19,P1,300\n",
    )
    said = _said(root, "2026-07")
    assert "2 lines replaced by a line of another month: 120.00 USD" in said
    assert "of 2026-05 and 2026-06 became 300.00 USD of 2026-07" in said


def test_numbers_that_start_again_within_one_file_are_told_as_such(tmp_path: Path) -> None:
    root = _workspace(tmp_path, s="19,1,2025-07-19,P1,100\n19,1,2026-07-19,P1,300\n")
    said = _said(root, "2026-07")
    assert "1 line replaced by another line of the same file: 100.00 USD of 2025-07" in said
    assert "do the numbers restart? Combine the id with the date" in said


def test_who_replaces_booked_lines_is_named(tmp_path: Path) -> None:
    config = CONFIG.replace("[sources.sales]", '[[sources.sales]]\nname = "direct"')
    more = '\n[[sources.sales]]\nname = "fixes"\npath = "fixes/*.csv"\norder = 1\n'
    root = _workspace(tmp_path, a="19,1,2025-07-19,P1,100\n")
    (root / "incentivectl.toml").write_text(config + more)
    (root / "fixes").mkdir()
    (root / "fixes/a.csv").write_text(HEADER)
    post(root, "2025-07")
    (root / "fixes/a.csv").write_text(HEADER + "19,1,2025-07-19,P1,90\n")
    assert "1 line of booked periods replaced by source fixes: 100.00 USD" in _said(root, "2025-08")
