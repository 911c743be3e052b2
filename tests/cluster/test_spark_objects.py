"""Spark with sales and `shared` in object storage (docs/cluster.md)."""

import subprocess
import sys
from pathlib import Path

import pytest

from incentivectl.cluster.shared import SharedObjects
from incentivectl.cluster.spark import _checking
from incentivectl.cluster.spark_errors import DIFFERS, REFUSED, UNSHARED, refusal
from incentivectl.cluster.versions import versions
from incentivectl.core.errors import ExitCode
from tests.cluster.spreading import contents
from tests.cluster.test_spark import AGES, environment, needs_spark
from tests.object_server import Bucket
from tests.small_workspace import CONFIG, SALES, incentivectl, write_workspace

PLACE = "s3://shop/runs"


@needs_spark
def test_workers_of_spark_open_object_storage_themselves(bucket: Bucket, tmp_path: Path) -> None:
    objects = '[sources.sales]\npath = "s3a://shop/sales/*.csv"\n[engine]\nbuckets = 2\n'
    root = write_workspace(tmp_path / "w", config=CONFIG + objects)
    (root / "sample_data" / "sales.csv").unlink()
    header, *rows = SALES.splitlines()
    bucket.put("sales/1.csv", "\n".join([header, *rows[:2], ""]))
    bucket.put("sales/2.csv", "\n".join([header, *rows[2:], "S9,1,no day,P1,SKU-1,,1,5", ""]))
    kept = bucket.names()
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    one = contents(root / "reports" / "2026-09")
    options = ["--engine", "spark", "--master", "local[2]", "--shared", PLACE]
    done = subprocess.run(
        [sys.executable, "-m", "incentivectl", "run", "2026-09", "-w", str(root), *options],
        env=environment(), capture_output=True, text=True, timeout=AGES, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert contents(root / "reports" / "2026-09") == one
    assert bucket.names() == kept


@pytest.mark.parametrize(
    ("key", "told"),
    [("somebody", "it is not there"), ("nobody", "the credentials of the environment may not")],
)
def test_a_machine_that_does_not_see_the_place_is_refused(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, key: str, told: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    place = SharedObjects(f"{PLACE}/incentivectl-0")
    looked = _checking(len, versions(), place, (DIFFERS, UNSHARED, REFUSED))
    with pytest.raises(RuntimeError) as raised:
        looked(b"")
    found = refusal(raised.value)
    assert (found.exit_code, found.problems[0].code) == (ExitCode.USAGE, "not-shared")
    assert f"does not see {PLACE}/incentivectl-0: " in found.problems[0].message
    assert told in found.problems[0].message
