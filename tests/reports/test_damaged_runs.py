"""Files of a run that are damaged: the file is named, and that the period is to be run again; exit 4."""

import shutil
from pathlib import Path

import pytest

from tests.small_workspace import incentivectl, settle, write_workspace

MANIFESTS = [
    b"x",
    b"",
    b"\xff\xfe",
    b'period = "2026-09"\n',
    b'period = 9\nlast_day = 2026-09-30\nprograms = 3\nfiles = "x"\n',
]
EARNINGS = [
    b"",
    b"program_id,currency\nvolume,USD\n",
    b"\xff\xff\n\xff",
    b"program_id\n",
]
PAID = "payee_id,amount\nP1,832\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """September, run twice: as `before` and in its place."""
    root = write_workspace(tmp_path_factory.mktemp("run") / "w")
    settle(root)
    shutil.copytree(root / "reports" / "2026-09", root / "before")
    (root / "paid.csv").write_text(PAID, encoding="utf-8")
    return root


@pytest.fixture
def root(run: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(run, tmp_path / "w"))


def commands(root: Path) -> dict[str, tuple[str | Path, ...]]:
    """What reads the files of a run."""
    return {
        "report": ("report", "2026-09"),
        "program list": ("program", "list"),
        "diff": ("diff", root / "before", root / "reports" / "2026-09"),
        "audit": ("audit", root / "paid.csv"),
        "diff of programs": ("diff", root / "programs", root / "programs"),
    }


@pytest.mark.parametrize("content", MANIFESTS)
def test_a_damaged_manifest_is_named(root: Path, content: bytes) -> None:
    (root / "reports" / "2026-09" / "manifest.toml").write_bytes(content)
    for name, command in commands(root).items():
        result = incentivectl(*command, *(() if name == "diff" else ("-w", root)))
        assert result.exit_code == 4, (name, result.output)
        assert "2026-09/manifest.toml" in result.stderr, name
        assert "run again: incentivectl run" in result.stderr, name
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0  # and that does it


def test_a_run_again_does_it(root: Path) -> None:
    """What was damaged is replaced, and every command reads it."""
    (root / "reports" / "2026-09" / "manifest.toml").write_bytes(MANIFESTS[0])
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    for name, command in commands(root).items():
        result = incentivectl(*command, *(() if name == "diff" else ("-w", root)))
        assert result.exit_code == 0, (name, result.output)


@pytest.mark.parametrize("content", EARNINGS)
@pytest.mark.parametrize("name", ["report", "program list", "diff"])
def test_damaged_earnings_are_named(root: Path, content: bytes, name: str) -> None:
    (root / "reports" / "2026-09" / "earnings.csv").write_bytes(content)
    result = incentivectl(*commands(root)[name], *(() if name == "diff" else ("-w", root)))
    assert result.exit_code == 4, result.output
    assert "2026-09/earnings.csv" in result.stderr
    assert "run again: incentivectl run 2026-09" in result.stderr


@pytest.mark.parametrize("file", ["payouts.csv", "ineligible.csv", "leaderboard.csv"])
@pytest.mark.parametrize("content", EARNINGS)
def test_other_damaged_files_are_named(root: Path, file: str, content: bytes) -> None:
    (root / "reports" / "2026-09" / file).write_bytes(content)
    result = incentivectl("report", "2026-09", "-w", root)
    assert result.exit_code == 4, result.output
    assert f"2026-09/{file}" in result.stderr


def test_payees_are_not_completed_from_damaged_files(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from incentivectl.cli.completion import payee_ids

    monkeypatch.setenv("INCENTIVECTL_WORKSPACE", str(root))
    assert payee_ids("P1") == ["P1"]
    for content in EARNINGS:
        (root / "reports" / "2026-09" / "earnings.csv").write_bytes(content)
        assert payee_ids("P1") == []


def test_a_run_that_stopped_is_no_run(root: Path) -> None:
    manifest = root / "reports" / "2026-09" / "manifest.toml"
    manifest.write_text('incentivectl = "1"\nperiod = "2026-09"\nstopped = true\n[files]\n')
    result = incentivectl("report", "2026-09", "-w", root)
    assert result.exit_code == 4
    assert "stopped at its data" in result.stderr
    assert incentivectl("program", "list", "-w", root).exit_code == 0
