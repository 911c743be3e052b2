"""Shell completion of ids: programs by their files, payees by the newest run."""

from pathlib import Path

import pytest

from incentivectl.cli.options import payee_ids, program_ids
from tests.small_workspace import REBATE, settle, write_workspace


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


def test_without_a_workspace_there_is_nothing_to_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INCENTIVECTL_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert program_ids("") == payee_ids("") == []
