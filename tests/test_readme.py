"""The README is true: its example program loads, its output is what the sample prints."""

import re
import shutil
from pathlib import Path

import pytest

from tests.small_workspace import CONFIG, incentivectl, write_workspace

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("init") / "channel"
    assert incentivectl("init", root).exit_code == 0
    return root


def test_the_first_command_is_the_one_that_runs_the_sample() -> None:
    first, second = blocks("sh")
    assert first.strip().endswith(".venv/bin/incentivectl run 2026-09")
    assert second.strip().endswith(".venv/bin/pytest")
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert second.strip() in ci


def test_init_makes_a_workspace_that_is_sound_and_prints_what_the_readme_shows(
    sample: Path,
) -> None:
    assert incentivectl("check", "-w", sample, "-q").exit_code == 0
    printed = incentivectl("run", "2026-09", "-w", sample)
    assert printed.exit_code == 0
    lines = {" ".join(line.split()) for line in printed.stdout.splitlines()}
    (shown,) = blocks("text")
    for line in shown.splitlines():
        assert " ".join(line.split()) in lines


def test_a_run_in_the_repository_equals_one_of_init(sample: Path, tmp_path: Path) -> None:
    """The repository is a workspace; `init` gives the same one, byte for byte in its results."""
    copy = tmp_path / "repository"
    copy.mkdir()
    for part in ("incentivectl.toml", "programs", "lists", "sample_data"):
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / part)
    for root in (sample, copy):
        assert incentivectl("run", "2026-09", "-w", root, "-q").exit_code == 0
    for name in ("earnings.csv", "payouts.csv", "ineligible.csv", "unknown.csv"):
        results = [(root / "reports/2026-09" / name).read_bytes() for root in (sample, copy)]
        assert results[0] == results[1]


def test_the_program_of_the_readme_loads_and_its_example_holds(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    root = write_workspace(tmp_path / "w", config=CONFIG, programs={"q3-growth": text})
    assert incentivectl("check", "-w", root).exit_code == 0


def test_init_does_not_touch_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    result = incentivectl("init", tmp_path)
    assert result.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
