"""The sample's contracts are those that its generator writes."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_the_generator_writes_the_contracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "sample_data")
    from workspace_files import write_lists  # type: ignore[import-not-found]

    assert write_lists(tmp_path) == {"contracts.csv": 200}
    committed = (ROOT / "lists" / "contracts.csv").read_bytes()
    assert (tmp_path / "contracts.csv").read_bytes() == committed
