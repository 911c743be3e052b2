"""Exports that are written while they are read: never a mixture, always a word."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.ingest import reading, table_reading
from incentivectl.ingest.inputs import Inputs
from incentivectl.workspace.load import load_workspace
from tests.ingest.conftest import PARTNERS, Shop, errors
from tests.small_workspace import SALES, incentivectl, write_workspace

BEFORE = "sale_id,sold_on,partner_id,amount\nS1,2026-08-01,P1,1\nS2,2026-08-01,P2,x\n"


def replaced(path: Path) -> None:
    """Another file of the same content takes the place of the first."""
    path.with_name("new").write_text(BEFORE)
    path.with_name("new").rename(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "another amount": lambda path: path.write_text(BEFORE.replace("P1,1", "P1,9")),
    "more lines": lambda path: path.write_text(BEFORE + "S3,2026-08-01,P1,1\n" * 50),
    "fewer lines": lambda path: path.write_text(BEFORE[:60]),
    "nothing": lambda path: path.write_text(""),
    "no text": lambda path: path.write_bytes(b"\0" * 1000),
    "gone": Path.unlink,
    "another file": replaced,
}  # fmt: skip
MOMENTS = ("open_files", "read_table", "read_sales", "resolve_sales", "unknown_ids")


def at_moment(monkeypatch: pytest.MonkeyPatch, moment: str, change: Callable[[], object]) -> None:
    """Before the reading takes its step `moment`, something happens; only the first time."""
    module = next(one for one in (table_reading, reading) if hasattr(one, moment))
    step = getattr(module, moment)
    left = [change]

    def stepped(*arguments: object) -> object:
        found = step(*arguments) if moment == "open_files" else None
        if left and (moment != "open_files" or "sales" in str(arguments[1])):
            left.pop()()
        return found if moment == "open_files" else step(*arguments)

    monkeypatch.setattr(module, moment, stepped)


def problems_of(shop: Shop) -> list[Problem]:
    try:
        return errors(shop.read())
    except Refused as refused:
        return list(refused.problems)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_file_that_changes_while_it_is_read(
    shop: Shop, moment: str, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shop.write("sample_data/sales.csv", BEFORE)
    shop.write("sample_data/partners.csv", PARTNERS)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    if moment == "read_table":  # before the sales are opened there is nothing to mix
        path = shop.root / "sample_data/partners.csv"
        os.utime(path, (1_700_000_000, 1_700_000_000))
    at_moment(monkeypatch, moment, lambda: change(path))
    found = problems_of(shop)
    (changed,) = [problem for problem in found if problem.code == "file-changed"]
    assert changed.file == path
    assert "run again" in changed.hint


def test_rejects_of_a_file_that_changed(shop: Shop, tmp_path: Path) -> None:
    path = shop.write("sample_data/sales.csv", BEFORE)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    inputs: Inputs = shop.read()
    path.write_text(BEFORE.replace("P2,x", "P2,y"))
    with pytest.raises(Refused) as refused:
        inputs.write_rejects(tmp_path / "rejects")
    assert [problem.code for problem in refused.value.problems] == ["file-changed"]


def test_an_unchanged_file_is_read_as_ever(shop: Shop) -> None:
    shop.write("sample_data/sales.csv", BEFORE)
    assert not errors(shop.read())
    assert load_workspace(shop.root)[0]


@pytest.mark.parametrize("quiet", [True, False])
def test_the_run_says_so(tmp_path: Path, quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_workspace(tmp_path / "shop")
    path = root / "sample_data/sales.csv"
    os.utime(path, (1_700_000_000, 1_700_000_000))
    at_moment(monkeypatch, "resolve_sales", lambda: path.write_text(SALES.replace("6000", "9000")))
    result = incentivectl("run", "2026-09", "-w", root, *(["-q"] if quiet else []))
    assert result.exit_code == ExitCode.DATA
    assert "the file changed while it was read" in result.stderr
    assert "run again" in result.stderr
    assert not (root / "reports/2026-09").exists()
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
