"""The sample's tables and contracts are those that its generator writes."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def generator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "sample_data")


def test_the_generator_writes_the_contracts(tmp_path: Path) -> None:
    from workspace_files import write_lists  # type: ignore[import-not-found]

    assert write_lists(tmp_path) == {"contracts.csv": 200}
    committed = (ROOT / "lists" / "contracts.csv").read_bytes()
    assert (tmp_path / "contracts.csv").read_bytes() == committed


def test_the_generator_writes_every_table(tmp_path: Path) -> None:
    from workspace_files import write_sample

    write_sample(tmp_path)
    written = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*.csv")}
    committed = ROOT / "sample_data"
    assert set(written) == {path.relative_to(committed) for path in committed.rglob("*.csv")}
    for name, path in written.items():
        assert path.read_bytes() == (committed / name).read_bytes(), name
