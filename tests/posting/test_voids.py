"""`batch void` shows what it would reverse, wants an answer and a reason."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from incentivectl.cli.app import app
from tests.posting.booked import BOOKS, assert_whole, batch_ids, payments
from tests.posting.test_guards import july_booked, workspace
from tests.prepared import prepared
from tests.small_workspace import incentivectl

REASON = ("--reason", "wrong month")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """July: 100 to P1 and 100 to P2."""
    return prepared(tmp_path, july_booked, config=BOOKS)


def assert_nothing_reversed(root: Path) -> None:
    """The batch stands."""
    assert batch_ids(root) == ["2026-07.1"]
    assert payments(root, "2026-07.1") == ["P1 100 USD reserved", "P2 100 USD reserved"]


def test_a_dry_run_shows_what_would_be_reversed(root: Path) -> None:
    command = ("batch", "void", "2026-07.1", "--dry-run", "-w", root)
    told = json.loads(incentivectl(*command, "--format", "json").stdout)
    assert told["reversed"] == [{"currency": "USD", "entries": 2, "amount": "-200"}]
    assert [one["payee"] for one in told["cancelled"]] == ["P1", "P2"]
    assert told["voided_by"] is None
    assert_nothing_reversed(root)


def test_without_a_terminal_it_shows_and_refuses(root: Path) -> None:
    result = incentivectl("batch", "void", "2026-07.1", *REASON, "-w", root)
    assert result.exit_code == 2
    assert "entries reversed" in result.stderr
    assert "-200.00" in result.stderr
    assert "--yes" in result.stderr
    assert_nothing_reversed(root)


@pytest.mark.parametrize("reason", [(), ("--reason", " ")])
def test_it_wants_a_reason(root: Path, reason: tuple[str, ...]) -> None:
    result = incentivectl("batch", "void", "2026-07.1", "--yes", *reason, "-w", root)
    assert result.exit_code == 2
    assert "--reason" in result.stderr
    assert_nothing_reversed(root)


@pytest.mark.parametrize(("answer", "batches"), [("y", 2), ("n", 1), ("", 1)])
def test_on_a_terminal_it_asks(
    root: Path, monkeypatch: pytest.MonkeyPatch, answer: str, batches: int
) -> None:
    monkeypatch.setattr("incentivectl.cli.batch._is_terminal", lambda: True)
    command = ["batch", "void", "2026-07.1", *REASON, "-w", str(root)]
    result = CliRunner().invoke(app, command, input=f"{answer}\n")
    assert "Reverse this batch?" in result.stderr
    assert len(batch_ids(root)) == batches
    assert result.exit_code == (0 if batches == 2 else 2)
    if batches == 1:
        assert "nothing was reversed" in result.stderr


def test_the_reason_is_recorded(root: Path) -> None:
    result = incentivectl("batch", "void", "2026-07.1", *REASON, "--yes", "-w", root)
    assert result.exit_code == 0
    assert "batch 2026-07.1 is void: 2026-07.2 reverses it" in result.stdout
    shown = incentivectl("batch", "show", "2026-07.2", "-w", root, "--format", "json").stdout
    assert json.loads(shown)["reason"] == "wrong month"
    assert payments(root, "2026-07.1") == ["P1 100 USD cancelled", "P2 100 USD cancelled"]
    assert_whole(root)


def test_what_went_out_is_told_before_anything_is_asked(root: Path) -> None:
    assert incentivectl("batch", "export", "2026-07.1", "-w", root).exit_code == 0
    result = incentivectl("batch", "void", "2026-07.1", *REASON, "-w", root)
    assert result.exit_code == 5
    assert "2 payments have gone out (P1, P2)" in result.stderr
    keep = ("--keep-payments", "--dry-run")
    told = incentivectl("batch", "void", "2026-07.1", *keep, "-w", root, "--format", "json").stdout
    assert [one["payee"] for one in json.loads(told)["kept"]] == ["P1", "P2"]


def test_without_a_ledger(tmp_path: Path) -> None:
    root = workspace(tmp_path, config=BOOKS)
    result = incentivectl("batch", "void", "2026-07.1", "--dry-run", "-w", root)
    assert result.exit_code == 3
    assert "no ledger yet" in result.stderr
