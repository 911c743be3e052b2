"""Spark with sales and `shared` in object storage (docs/cluster.md)."""

import os
import subprocess
import sys
from pathlib import Path

from tests.cluster.spreading import contents
from tests.cluster.test_spark import AGES, needs_spark
from tests.object_server import Bucket
from tests.small_workspace import CONFIG, SALES, incentivectl, write_workspace

OBJECTS = '[sources.sales]\npath = "s3a://shop/sales/*.csv"\n[engine]\nbuckets = 2\n'


@needs_spark
def test_workers_of_spark_open_object_storage_themselves(bucket: Bucket, tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", config=CONFIG + OBJECTS)
    (root / "sample_data" / "sales.csv").unlink()
    header, *rows = SALES.splitlines()
    bucket.put("sales/1.csv", "\n".join([header, *rows[:2], ""]))
    bucket.put("sales/2.csv", "\n".join([header, *rows[2:], "S9,1,no day,P1,SKU-1,,1,5", ""]))
    kept = bucket.names()
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    one = contents(root / "reports" / "2026-09")
    options = ["--engine", "spark", "--master", "local[2]", "--shared", "s3://shop/runs"]
    done = subprocess.run(
        [sys.executable, "-m", "incentivectl", "run", "2026-09", "-w", str(root), *options],
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=AGES,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert contents(root / "reports" / "2026-09") == one
    assert bucket.names() == kept
