"""What reading gave, kept as files: read again, it is the same without the exports.

The folder has `sales.parquet`, `tables/<table>.parquet`, `details/<name>.parquet`, the accounts of rows
(`counts`, `reasons`, `tallies`, `unknown`, `files`), `problems.json` and `rejects/`.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import polars as pl

from incentivectl.core import memory
from incentivectl.core.errors import Problem
from incentivectl.core.frames import ROW, ROW_GROUP
from incentivectl.core.input_files import text
from incentivectl.core.input_frames import read_parquet, scan_parquet
from incentivectl.ingest.account.details import no_details
from incentivectl.ingest.inputs import Inputs

SORTED_BYTES = 400  # of a line while lines are sorted
_ACCOUNTS = ("counts", "reasons", "tallies", "unknown", "files")


def store(inputs: Inputs, folder: Path, root: Path) -> None:
    """Writes `inputs` into `folder`; files that problems name become relative to `root`."""
    (folder / "tables").mkdir(parents=True)
    _write_sales(inputs.counting.scanned(), folder)
    for name, table in inputs.tables.items():
        table.write_parquet(folder / "tables" / f"{name}.parquet")
    (folder / "details").mkdir()
    for name, frame in inputs.details.items():
        frame.write_parquet(folder / "details" / f"{name}.parquet")
    for name in _ACCOUNTS:
        getattr(inputs, name).write_parquet(folder / f"{name}.parquet")
    kept = {
        "present": sorted(inputs.present),
        "problems": [_told(problem, root) for problem in inputs.problems],
    }
    told = json.dumps(kept, ensure_ascii=False, indent=1)
    (folder / "problems.json").write_text(told, encoding="utf-8")
    inputs.write_rejects(folder / "rejects")


def _write_sales(sales: pl.LazyFrame, folder: Path) -> None:
    """`sales.parquet` in reading order: the same lines give the same bytes, however they were read.

    What does not fit into memory is sorted in parts, which lie beside the file meanwhile.
    """
    parts = folder / "parts"
    parts.mkdir()
    last = sales.select(pl.col("row").max()).collect(engine="streaming").item() or 0
    at_once = memory.rows_within(SORTED_BYTES, share=4)
    files = []
    for first in range(0, last + 1, at_once):
        files.append(parts / f"{first:010}.parquet")
        mine = sales.filter(pl.col("row").is_between(first, first + at_once, closed="left"))
        mine.sort("row").sink_parquet(files[-1], compression="lz4")
    scan_parquet(files).sink_parquet(
        folder / "sales.parquet", compression="zstd", row_group_size=ROW_GROUP
    )
    shutil.rmtree(parts)


def load(folder: Path, root: Path) -> Inputs:
    """What `store` wrote; problems name files in `root` again."""
    kept = json.loads(text(folder / "problems.json"))
    accounts = {name: read_parquet(folder / f"{name}.parquet") for name in _ACCOUNTS}
    rows = pl.col("row", "original").cast(ROW)  # early archives have them in 32 bits
    return Inputs(
        sales=scan_parquet(folder / "sales.parquet").with_columns(rows),
        returns=None,
        tables=_frames(folder / "tables"),
        details=no_details() | _frames(folder / "details"),
        present=frozenset(kept["present"]),
        problems=[_problem(told, root) for told in kept["problems"]],
        rows={},
        rejects=folder / "rejects",
        parts=None,
        **accounts,
    )


def _frames(folder: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def _told(problem: Problem, root: Path) -> dict[str, object]:
    file = problem.file
    if file is not None and file.is_relative_to(root):
        file = file.relative_to(root)
    return asdict(problem) | {"file": None if file is None else file.as_posix()}


def _problem(told: dict[str, object], root: Path) -> Problem:
    file = told.pop("file")
    return Problem(**told, file=None if file is None else root / str(file))  # type: ignore[arg-type]
