"""Patterns of sources: what they find, and where they end."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.ingest.files import patterns
from incentivectl.ingest.files.patterns import TooManyFilesError, matching
from tests.ingest.conftest import Shop, counted, errors, lines

TREE = (
    "a.csv",
    "b.csv",
    "b.txt",
    ".c.csv",
    "in/a.csv",
    "in/deep/er/a.csv",
    ".git/a.csv",
    "x[1].csv",
)
FOUND = {
    "*.csv": ["a.csv", "b.csv", "x[1].csv"],
    "[ab].csv": ["a.csv", "b.csv"],
    "[!a].csv": ["b.csv"],
    "?.csv": ["a.csv", "b.csv"],
    "**/a.csv": ["a.csv", "in/a.csv", "in/deep/er/a.csv"],
    "in/**": ["in/a.csv", "in/deep", "in/deep/er", "in/deep/er/a.csv"],
    "in/*/*/a.csv": ["in/deep/er/a.csv"],
    "in/**/er/*.csv": ["in/deep/er/a.csv"],
    ".*.csv": [".c.csv"],
    "x[[]1].csv": ["x[1].csv"],
    "*/../a.csv": ["in/../a.csv"],
    "nowhere/*.csv": [],
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize("pattern", FOUND)
def test_what_a_pattern_names(tree: Path, pattern: str) -> None:
    found = [path.relative_to(tree).as_posix() for path in matching(tree, pattern)]
    assert found == sorted(FOUND[pattern])
    absolute = [
        path.relative_to(tree).as_posix() for path in matching(Path("/"), f"{tree}/{pattern}")
    ]
    assert absolute == found


def test_a_pattern_over_too_much(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "ENTRIES_OF_A_PATTERN", 10)
    with pytest.raises(TooManyFilesError, match="more than 10 files and folders"):
        matching(tree, "**/nothing.csv")
    monkeypatch.setattr(patterns, "FILES_OF_A_PATTERN", 2)
    with pytest.raises(TooManyFilesError, match="more than 2 files"):
        matching(tree, "*.csv")


def test_folders_in_a_circle(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "in/again").symlink_to(tree)
    monkeypatch.setattr(patterns, "ENTRIES_OF_A_PATTERN", 100)
    with pytest.raises(TooManyFilesError):
        matching(tree, "**/nothing.csv")


def test_the_whole_disk(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "ENTRIES_OF_A_PATTERN", 1000)
    shop.config = '[sources.sales]\npath = "/**"\n'
    (problem,) = errors(shop.read())
    assert (problem.code, problem.hint) == ("too-many-files", "narrow it, such as sales/*.csv")
    assert 'the pattern "/**" (source sales) leads to more than 1,000 files' in problem.message


def test_a_parquet_file_is_no_pattern(shop: Shop) -> None:
    import polars as pl

    def export(name: str, amount: int) -> None:
        row = {"sale_id": "s1", "sold_on": "2026-08-01", "partner_id": "P1", "amount": amount}
        with (shop.root / name).open("wb") as out:
            pl.DataFrame([row]).write_parquet(out)

    export("a?.parquet", 100)
    export("ab.parquet", 100)
    export("a9.parquet", 900)
    shop.config = '[sources.sales]\npath = ["a?.parquet", "ab.parquet"]\n'
    inputs = shop.read()
    assert not errors(inputs)
    assert counted(inputs)["accepted"] == 1
    assert lines(inputs, "amount_ws") == [(Decimal(100),)]


def test_a_pipe_in_place_of_a_file(shop: Shop) -> None:
    for table in ("sales", "products"):
        path = shop.root / "sample_data" / f"{table}.csv"
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)
    problems = errors(shop.read())
    assert {problem.code for problem in problems} == {"not-a-file"}
    assert [problem.message for problem in problems] == ["expected a file, found a named pipe"] * 2
