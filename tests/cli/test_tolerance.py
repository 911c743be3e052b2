"""How many rejected rows stop a run (rule 3.29)."""

from pathlib import Path

from tests.small_workspace import PARTNERS, incentivectl, write_workspace

CONFIG = '[workspace]\ncurrency = "USD"\n'
HEADER = "sale_id,line_id,sold_on,partner_id,amount\n"


def _sales(good: int, bad: int) -> str:
    rows = [f"S{n},1,2026-07-03,P1,100.00" for n in range(good)]
    rows += [f"B{n},1,2026-07-03,P9,100.00" for n in range(bad)]
    return HEADER + "\n".join(rows) + "\n"


def _run(root: Path, config: str, good: int, bad: int) -> int:
    tables = {"partners": PARTNERS, "sales": _sales(good, bad)}
    return incentivectl(
        "run", "2026-09", "-w", write_workspace(root, config=config, tables=tables)
    ).exit_code


def test_five_rejected_rows_of_a_small_export_stop_nothing(tmp_path: Path) -> None:
    assert _run(tmp_path / "five", CONFIG, good=1, bad=5) == 0


def test_six_rows_above_the_rate_stop_the_run(tmp_path: Path) -> None:
    assert _run(tmp_path / "six", CONFIG, good=1, bad=6) == 4


def test_six_rows_of_six_hundred_are_no_more_than_one_percent(tmp_path: Path) -> None:
    assert _run(tmp_path / "rate", CONFIG, good=594, bad=6) == 0


def test_min_rejects_may_be_none(tmp_path: Path) -> None:
    strict = CONFIG + "[data]\nmin_rejects = 0\n"
    assert _run(tmp_path / "strict", strict, good=90, bad=1) == 4
