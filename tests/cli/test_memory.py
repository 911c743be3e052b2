"""How much memory may be used: sizes, the option, and its variable (docs/operation.md 93)."""

from pathlib import Path

import pytest

from incentivectl.core import memory
from tests.small_workspace import incentivectl, write_workspace

OF_SALES = [
    ["attainment", "2026-09", "volume"],
    ["audit", "nothing.csv"],
    ["batch", "post", "2026-09"],
    ["check"],
    ["deals"],
    ["diff", "a", "b"],
    ["explain", "2026-09"],
    ["leaderboard", "2026-09"],
    ["mdf"],
    ["metrics", "2026-09"],
    ["run", "2026-09"],
    ["statement", "2026-09"],
    ["whatif", "2026-09"],
]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2_147_483_648),
        ("1.5 GB", 1_610_612_736),
        ("900mb", 943_718_400),
        (" 512MB ", 536_870_912),
        ("511MB", None),
        ("0.4GB", None),
        ("2", None),
        ("-2GB", None),
        ("1.55GB", None),
        ("2TB", None),
        ("", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert memory.bytes_in(text) == size


def test_rows_are_what_fits_into_a_share_but_some_in_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(memory.VARIABLE, "1GB")
    assert memory.rows_within(bytes_each=100, share=4) == 2_684_354
    assert memory.rows_within(bytes_each=10**6, share=4) == 10_000
    monkeypatch.setenv(memory.VARIABLE, "no size")
    assert memory.limit() == memory.DEFAULT == memory.bytes_in(memory.DEFAULT_SIZE)


@pytest.mark.parametrize("command", OF_SALES, ids=lambda command: command[0])
def test_every_command_that_reads_sales_refuses_an_invalid_size(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(memory.VARIABLE, "2GB")
    refused = incentivectl(*command, "--memory", "lots")
    assert refused.exit_code == 2
    assert "invalid size `lots`; use 512MB or more, such as 900MB or 2GB" in refused.stderr
    monkeypatch.setenv(memory.VARIABLE, "12")
    refused = incentivectl(*command)
    assert refused.exit_code == 2
    assert memory.VARIABLE in refused.stderr


def test_the_option_counts_before_the_variable_and_results_stay_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_workspace(tmp_path / "w")
    monkeypatch.setenv(memory.VARIABLE, "4GB")
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    assert memory.limit() == 4 << 30
    before = _files(root)
    assert incentivectl("run", "2026-09", "-w", root, "--memory", "600MB").exit_code == 0
    assert memory.limit() == 600 << 20
    assert _files(root) == before


def _files(root: Path) -> dict[Path, bytes]:
    folder = root / "reports/2026-09"
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
