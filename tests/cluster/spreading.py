"""A run spread over buckets, set beside the same run on one machine."""

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

from incentivectl.cluster import cutting
from incentivectl.cluster.engine import Engine
from incentivectl.cluster.reading import SpreadReading
from incentivectl.core.errors import Problem
from incentivectl.ledger.booked import booked_by
from incentivectl.posting.preview import objections
from incentivectl.reports.run_files import write_files
from incentivectl.run.attention import warnings_of
from incentivectl.run.loading import load, period_of, read_inputs
from incentivectl.run.run import calculate


def files_of(
    root: Path,
    period: str,
    into: Path,
    engine: Engine | None,
    buckets: int = 1,
    scratch: Path | None = None,
) -> None:
    """Writes the files of a run into the folder `into`, and beside them what is told."""
    into.mkdir(parents=True)
    with patch.object(cutting, "TASK_BYTES", 0):  # a task for each file, however small it is
        _write_files(root, period, into, engine, buckets, scratch)


def _write_files(
    root: Path,
    period: str,
    into: Path,
    engine: Engine | None,
    buckets: int,
    scratch: Path | None,
) -> None:
    loaded = load(root)
    named = period_of(period, loaded.workspace, date(2026, 11, 24))
    with tempfile.TemporaryDirectory() as temporary:
        place = scratch or Path(temporary)
        place.mkdir(exist_ok=True)
        elsewhere = SpreadReading(engine, place, buckets) if engine else None
        inputs = read_inputs(loaded, place, lambda _: None, cached=False, elsewhere=elsewhere)
        past = booked_by(loaded.workspace.ledger, named.last)
        run = calculate(loaded, named, inputs, lambda _: None, past=past)
        run = replace(run, objections=objections(run))
        write_files(run, into)
        told = [*warnings_of(loaded, inputs), *run.objections, *run.broken]
        words = [replace(one, file=None) if isinstance(one, Problem) else one for one in told]
        details = [(name, frame.rows()) for name, frame in inputs.details.items()]
        sums = [inputs.days.rows(), inputs.totals.rows()]
        lines = map(repr, [*words, *details, *sums])
        (into / "told.txt").write_text("\n".join(lines), encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
