"""Dates far from the rest of their file are told: day and month swapped, or another year (42.6)."""

from pathlib import Path

from tests.small_workspace import incentivectl, write_workspace

CONFIG = """\
[workspace]
currency = "USD"

[data]
max_reject_rate = "20%"

[sources.sales]
path = "sales/*.csv"
date_format = "%d/%m/%Y"
"""
HEADER = "sale_id,line_id,sold_on,partner_id,amount\n"


def _told(tmp_path: Path, **files: list[str]) -> str:
    """What `check` says of files with sales on these days."""
    root = write_workspace(tmp_path / "w", config=CONFIG)
    (root / "sales").mkdir()
    for name, days in files.items():
        rows = [f"{name}-{n},1,{day},P1,10" for n, day in enumerate(days)]
        (root / f"sales/{name}.csv").write_text(HEADER + "\n".join(rows) + "\n")
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 0, result.output
    return " ".join(result.stderr.split())


def _month(number: int, *, days: int = 28) -> list[str]:
    return [f"{day:02}/{number:02}/2026" for day in range(1, days + 1)]


def test_days_and_months_swapped_in_some_lines_are_told(tmp_path: Path) -> None:
    """Three lines of September written month first: they stand in January, February and March."""
    told = _told(tmp_path, s=[*_month(9), "09/01/2026", "09/02/2026", "09/03/2026"])
    assert (
        "sales/s.csv: warning: 3 lines dated far from the rest of the file (2026-09):"
        " `2026-01-09` (line 30), `2026-02-09` (line 31), `2026-03-09` (line 32)"
    ) in told
    assert 'are day and month swapped? They are read with date_format = "%d/%m/%Y"' in told


def test_a_file_whose_dates_all_are_swapped_is_told(tmp_path: Path) -> None:
    """Fifteen lines of 1 to 5 September, month first, beside others that cannot be read at all."""
    swapped = [f"09/{day:02}/2026" for day in (1, 2, 3, 4, 5) for _ in range(3)]
    told = _told(tmp_path, a=[*_month(7), *_month(7)], b=[*swapped, "09/13/2026", "09/14/2026"])
    assert "sales/b.csv: warning: 15 lines dated far from the rest of the file" in told
    assert "sales/a.csv" not in told


def test_swapped_days_that_fall_near_the_files_month_count_for_it(tmp_path: Path) -> None:
    """1 to 30 September, month first: the 7th to 11th stand in July to November, not far from September."""
    told = _told(tmp_path, s=[f"09/{day:02}/2026" for day in range(1, 15)])
    assert "8 lines dated far from the rest of the file" in told
    assert "`2026-01-09` (line 2)" in told
    assert "are day and month swapped?" in told


def test_another_year_is_told(tmp_path: Path) -> None:
    told = _told(tmp_path, s=[*_month(9), "15/09/2062"])
    assert "1 line dated far from the rest of the file" in told
    assert "is the year right?" in told


def test_late_lines_and_a_year_in_one_file_are_not_told(tmp_path: Path) -> None:
    year = [day for month in range(1, 13) for day in _month(month)]
    late = [*_month(9), "15/05/2026", "16/05/2026"]
    monthly = [f"01/{month:02}/2026" for month in range(1, 13)]
    assert "far from" not in _told(tmp_path, y=year, l=late, m=monthly)
