"""Sales in object storage, read by tasks whose machines do not have the driver's copies (docs/cluster.md)."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from incentivectl.cluster.engine import Cut, Gather, Here, Told
from incentivectl.core.errors import ExitCode, Refused
from tests.cluster.spreading import contents, files_of
from tests.ingest.test_objects import Bucket, bucket, server  # noqa: F401  (fixtures)
from tests.small_workspace import CONFIG, SALES, write_workspace

OBJECTS = '[sources.sales]\npath = "s3://shop/sales/*.csv"\n'


class ElsewhereEngine(Here):
    """Tasks do not find what the driver copied; it finds it again afterwards."""

    def __init__(self, shared: Path, cache: Path, missing: Sequence[str] = ()) -> None:
        super().__init__(shared)
        self._cache = cache
        self._missing = missing

    def spread(
        self, cut: Cut, tasks: Sequence[bytes], gather: Gather, groups: int, told: Told
    ) -> list[bytes]:
        """See `Engine`."""
        import obstore

        hidden = self._cache.with_name("hidden")
        self._cache.rename(hidden)
        for key in self._missing:
            obstore.delete(Bucket().store, key)
        try:
            return super().spread(cut, tasks, gather, groups, told)
        finally:
            shutil.rmtree(self._cache, ignore_errors=True)
            hidden.rename(self._cache)


@pytest.fixture
def root(bucket: Bucket, tmp_path: Path) -> Path:  # noqa: F811
    root = write_workspace(tmp_path / "w", config=CONFIG + OBJECTS)
    (root / "sample_data" / "sales.csv").unlink()
    header, *rows = SALES.splitlines()
    bucket.put("sales/1.csv", "\n".join([header, *rows[:2], ""]))
    bucket.put("sales/2.csv", "\n".join([header, *rows[2:], "S9,1,no day,P1,SKU-1,,1,5", ""]))
    return root


def test_tasks_copy_objects_themselves(root: Path, tmp_path: Path) -> None:
    files_of(root, "2026-09", tmp_path / "one", None)
    (tmp_path / "shared").mkdir()
    scratch = tmp_path / "scratch"
    engine = ElsewhereEngine(tmp_path / "shared", scratch / "objects")
    files_of(root, "2026-09", tmp_path / "many", engine, 3, scratch)
    assert contents(tmp_path / "many") == contents(tmp_path / "one")


def test_an_object_that_is_gone_is_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    scratch = tmp_path / "scratch"
    engine = ElsewhereEngine(tmp_path / "shared", scratch / "objects", ["sales/2.csv"])
    with pytest.raises(Refused) as refused:
        files_of(root, "2026-09", tmp_path / "many", engine, 3, scratch)
    assert refused.value.exit_code == ExitCode.DATA
    assert "s3://shop/sales/2.csv" in refused.value.problems[0].message
