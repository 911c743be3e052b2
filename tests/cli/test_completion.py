"""Shell completion of ids: programs by their files, payees by the newest run."""

from pathlib import Path

import pytest

from incentivectl.cli.completion import batch_ids, payee_ids, program_ids
from tests.posting.booked import REVERSE
from tests.small_workspace import CONFIG, REBATE, incentivectl, settle, write_workspace


def test_ids_of_programs_and_payees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = {"one": REBATE, "two": REBATE.replace('"volume"', '"other"'), "bad": "id = "}
    root = write_workspace(tmp_path / "w", programs=programs)
    monkeypatch.setenv("INCENTIVECTL_WORKSPACE", str(root))
    assert program_ids("") == ["other", "volume"]
    assert program_ids("v") == ["volume"]
    assert payee_ids("") == []
    (root / "programs/bad.toml").unlink()
    settle(root)
    assert payee_ids("P") == ["P1", "P2", "P3"]
    assert payee_ids("R") == []


def test_ids_of_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = CONFIG + '[settlement]\nfirst_period = "2026-07"\n'
    root = write_workspace(tmp_path / "w", config=config)
    monkeypatch.setenv("INCENTIVECTL_WORKSPACE", str(root))
    assert batch_ids("") == []
    settle(root)
    assert incentivectl("batch", "post", "2026-09", "-w", root).exit_code == 0
    assert incentivectl("batch", "void", "2026-09.1", *REVERSE, "-w", root).exit_code == 0
    assert batch_ids("2026") == ["2026-09.2", "2026-09.1"]
    (root / "ledger.db").write_text("no ledger at all", encoding="utf-8")
    assert batch_ids("") == []


def test_without_a_workspace_there_is_nothing_to_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INCENTIVECTL_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert program_ids("") == payee_ids("") == batch_ids("") == []
