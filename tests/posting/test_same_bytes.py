"""The same inputs give the same archive, the same batch hash and the same payment ids, every time."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.small_workspace import CONFIG, write_workspace

LEDGER = """
[settlement]
first_period = "2026-09"

[[sources.sales]]
name = "north"
path = "sample_data/north*.csv"

[[sources.sales]]
name = "east"
path = "sample_data/east.csv"
"""
HEAD = "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,currency,return_of\n"
FX = "on,currency,rate\n2026-01-01,EUR,1.10\n"


def sales(prefix: str) -> str:
    """Lines at home and abroad, a return, a line without an id, a rejected one and unknown partners."""
    usual = [
        f"{prefix}{n},1,2026-0{7 + n % 3}-{1 + n % 28:02},P{1 + n % 2},SKU-{n % 9},{n},{n}.10,"
        f"{'EUR' if n % 5 == 0 else 'USD'},\n"
        for n in range(400)
    ]
    odd = [
        f"{prefix}R,1,2026-09-20,P1,SKU-1,-1,-5.00,USD,{prefix}7\n",
        f"{prefix}N,,2026-09-20,P1,SKU-1,1,5.00,USD,\n",
        f"{prefix}X,1,2026-09-20,P1,SKU-1,1,x,USD,\n",
        f"{prefix}Y,1,2026-09-21,P8,SKU-1,1,8.00,USD,\n",
        f"{prefix}Z,1,2026-09-99,P9,SKU-1,1,9.00,USD,\n",
    ]
    return HEAD + "".join(usual + odd)


def test_the_same_inputs_are_posted_with_the_same_bytes(tmp_path: Path) -> None:
    tables = {"north1": sales("a"), "north2": sales("b"), "east": sales("c"), "fx": FX}
    first = write_workspace(tmp_path / "first", config=CONFIG + LEDGER, tables=tables)
    (first / "sample_data/sales.csv").unlink()
    found = []
    for number, threads in enumerate(("1", "2", "7")):
        root = tmp_path / "shop"  # a folder of the same name: the workspace is the same
        shutil.copytree(first, root)
        found.append(posted(root, threads, tmp_path / f"cache-{number // 2}"))
        shutil.rmtree(root)
    assert found[0] == found[1] == found[2]
    assert len(found[0][1]) == 2


def posted(root: Path, threads: str, cache: Path) -> tuple[str, list[str], bytes]:
    """Batch hash, payment ids and the archive's list of hashes, in a process of its own."""
    environment = os.environ | {"POLARS_MAX_THREADS": threads, "INCENTIVECTL_CACHE": str(cache)}
    for command in (["run", "2026-09"], ["batch", "post", "2026-09"]):
        subprocess.run(
            [sys.executable, "-m", "incentivectl", *command, "-w", str(root), "-q"],
            env=environment, check=True, capture_output=True,
        )  # fmt: skip
    ledger = sqlite3.connect(root / "ledger.db")
    ((digest,),) = ledger.execute("SELECT hash FROM batches").fetchall()
    ids = [one for (one,) in ledger.execute("SELECT payment_id FROM payments ORDER BY payment_id")]
    ledger.close()
    return digest, ids, (root / "archive/2026-09.1/SHA256SUMS").read_bytes()
