"""`Inputs` as a folder of the cache, and back (docs/operation.md, "The cache")."""

import json
import os
import shutil
from pathlib import Path

import polars as pl

from incentivectl.core.errors import Problem, Severity
from incentivectl.core.frames import constants_once
from incentivectl.core.input_files import checksum, text
from incentivectl.core.input_frames import read_ipc
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.rows.columns import attributes_of
from incentivectl.ingest.sale_lines.resolving import finished_sales
from incentivectl.ingest.sale_lines.reversed_lines import scanned_reversing
from incentivectl.ingest.sale_lines.sale_rows import SaleRows
from incentivectl.ingest.sale_lines.snapshot import snapshot_schema
from incentivectl.ingest.sale_lines.typing import SNAPSHOT
from incentivectl.workspace.workspace import Workspace

SUMS = "sums.json"
_FRAMES = ("counts", "reasons", "unknown", "files", "tallies")
_DAYS = "known_days"
_SALES = ("decided", "numbers", "links")


def store(inputs: Inputs, snapshot: Path, folder: Path) -> None:
    """Writes everything that a run needs of `inputs` into `folder`; `snapshot` is linked or copied."""
    sales = inputs.rows["sales"]
    for kind, frames in {
        "tables": inputs.tables,
        "details": inputs.details,
        "frames": {name: getattr(inputs, name) for name in _FRAMES} | {_DAYS: inputs.days},
        "sales": {name: getattr(sales, name) for name in _SALES},
    }.items():
        (folder / kind).mkdir()
        for name, frame in frames.items():
            frame.write_ipc(folder / kind / f"{name}.arrow")
    if snapshot.exists():
        shutil.copytree(snapshot, folder / SNAPSHOT, copy_function=_link, dirs_exist_ok=True)
    inputs.write_rejects(folder / "rejects")
    about = {
        "present": sorted(inputs.present),
        "problems": [_as_json(problem) for problem in inputs.problems],
    }
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / SUMS).write_text(json.dumps(_sums(folder)), encoding="utf-8")


def _sums(folder: Path) -> dict[str, str]:
    """The checksums of all files of an entry, but for the list of them."""
    return {
        path.relative_to(folder).as_posix(): checksum(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / SUMS
    }


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


def restore(folder: Path, workspace: Workspace) -> Inputs:
    """The inputs that were stored in `folder`; their sales are scans of it.

    Raises ValueError or OSError where any bit of the folder is not as it was written.
    """
    if json.loads(text(folder / SUMS)) != _sums(folder):
        raise ValueError("a file is missing or damaged")
    about = json.loads(text(folder / "about.json"))
    tables = _frames(folder / "tables")
    attributes = attributes_of(workspace, "sales")
    rows = SaleRows.of_parts(
        Opened(), folder / SNAPSHOT, snapshot_schema(attributes), workspace.currency
    )
    of_sales = _frames(folder / "sales")
    rows.decided, rows.numbers, rows.links = (of_sales[name] for name in _SALES)
    rates = workspace.rates(tables["fx"])
    sales = finished_sales(rows, rates, workspace.currency, attributes)
    return Inputs(
        sales=sales,
        returns=scanned_reversing(sales, folder / SNAPSHOT),
        tables=tables,
        present=frozenset(about["present"]),
        problems=[_problem(one) for one in about["problems"]],
        rows={},
        details=_frames(folder / "details"),
        rejects=folder / "rejects",
        parts=None,
        **_frames(folder / "frames"),
    )


def _frames(folder: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: constants_once(read_ipc(path)) for path in sorted(folder.glob("*.arrow"))}


def _as_json(problem: Problem) -> dict[str, object]:
    named = {name: getattr(problem, name) for name in Problem.__slots__}
    return named | {"file": None if problem.file is None else str(problem.file)}


def _problem(stored: dict[str, object]) -> Problem:
    file, severity = stored.pop("file"), stored.pop("severity")
    kind: Severity = "error" if severity == "error" else "warning"
    return Problem(**stored, file=None if file is None else Path(str(file)), severity=kind)  # type: ignore[arg-type]
