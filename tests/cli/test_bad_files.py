"""Bad input: a clear message and the right exit code, never a traceback."""

import os
from pathlib import Path

import pytest

from tests.small_workspace import REBATE, incentivectl, settle, write_workspace

HEADER = "sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount\n"


def run(root: Path) -> tuple[int, str]:
    result = incentivectl("run", "2026-09", "-w", root)
    assert "Traceback" not in result.output
    assert "internal error" not in result.output
    return result.exit_code, result.stderr


@pytest.mark.parametrize("text", ["", HEADER], ids=["empty", "header only"])
def test_an_export_without_rows_settles_nothing(tmp_path: Path, text: str) -> None:
    root = write_workspace(tmp_path / "w", tables={"sales": text})
    assert settle(root) == []


def test_no_sales_file(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "sample_data/sales.csv").unlink()
    code, text = run(root)
    assert code in (3, 4)
    assert "sales" in text


def test_a_declared_file_that_is_not_there(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    with (root / "incentivectl.toml").open("a") as config:
        config.write('[sources.sales]\npath = "exports/*.csv"\n')
    code, text = run(root)
    assert code in (3, 4)
    assert "exports/*.csv" in text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "sample_data/sales.csv").chmod(0)
    code, text = run(root)
    assert code == 4
    assert "sales.csv" in text


@pytest.mark.parametrize("table", ["sales", "adjustments", "payees"])
def test_a_link_to_nowhere_is_not_a_table_that_is_left_out(tmp_path: Path, table: str) -> None:
    root = write_workspace(tmp_path / "w")
    file = root / f"sample_data/{table}.csv"
    file.unlink(missing_ok=True)
    file.symlink_to("share/export.csv")
    code, text = run(root)
    assert code == 4
    assert f"{table}.csv: error: it cannot be read: No such file" in text


def test_a_directory_in_place_of_a_file(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "sample_data/sales.csv").unlink()
    (root / "sample_data/sales.csv").mkdir()
    code, text = run(root)
    assert code in (3, 4)
    assert "sales.csv" in text


@pytest.mark.parametrize("content", [b"\x00\x01\x02PNG\r\n\x1a\n" * 50, bytes(range(256)) * 40])
def test_a_binary_file(tmp_path: Path, content: bytes) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "sample_data/sales.csv").write_bytes(content)
    code, text = run(root)
    assert code == 4
    assert "sales.csv" in text


def _long_line(root: Path, signs: int) -> None:
    with (root / "sample_data/sales.csv").open("a") as sales:
        sales.write("S8,1,2026-07-05,P1,SKU-1," + "x" * signs + ",1,1.00\n")
        sales.write("S9,1,2026-07-05,P1,SKU-1,C1,1,99.00\n")


def test_a_line_within_the_limit_of_16_mb(tmp_path: Path) -> None:
    """A giant cell between good rows: that row is judged like any other, the rest counts."""
    root = write_workspace(tmp_path / "w")
    _long_line(root, 15_999_900)
    rows = {row["payee_id"]: row for row in settle(root)}
    assert rows["P1"]["metric_value"] == "10500"


def test_a_line_of_100_mb_stops_the_run_and_is_named(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    _long_line(root, 100_000_000)
    code, text = run(root)
    assert code == 4
    assert "sales.csv:6: error: the line is longer than 16 MB" in text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("id = \n", ("bad.toml:1",)),
        ('id = "a"\nname = "A\nkind = "rebate"\n', ("bad.toml:2",)),
        (REBATE.replace('id = "volume"\n', ""), ("bad.toml", "id")),
        ("", ("bad.toml", "id", "kind")),
    ],
    ids=["no value", "open quote", "no id", "empty"],
)
def test_a_program_file_that_is_none(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    root = write_workspace(tmp_path / "w", programs={"bad": text})
    code, message = run(root)
    assert code == 3
    assert all(part in message for part in parts)


def test_a_binary_program_file(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "programs/bad.toml").write_bytes(b"\xff\xfe\x00\x01" * 9)
    code, message = run(root)
    assert code == 3
    assert "bad.toml" in message


def test_a_config_that_is_a_directory(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "incentivectl.toml").unlink()
    (root / "incentivectl.toml").mkdir()
    code, message = run(root)
    assert code in (2, 3)
    assert "incentivectl.toml" in message


def test_reports_that_cannot_be_written(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "reports").write_text("in the way")
    code, message = run(root)
    assert code == 3
    assert "reports" in message
