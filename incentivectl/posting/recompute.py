"""`run --batch ID`: computes a batch again from its archive; byte-identical, or says what is not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import sha256
from incentivectl.core.periods import Period
from incentivectl.ingest.calendar import TABLE, calendar_in
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.store import archived
from incentivectl.ledger import archive, books, records
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import Batch
from incentivectl.posting.archiving import INPUTS, PROGRAMS, RESULTS
from incentivectl.reports.run_files import write_run
from incentivectl.run.known import Known, channel_of
from incentivectl.run.loading import Loaded, Progress, load_config, period_of, with_programs
from incentivectl.run.run import Reopened, Run, calculate, reopened_in
from incentivectl.settlement import Past
from incentivectl.workspace.folders import Places, places_of
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True)
class Recomputed:
    """A batch as it is computed now: its run, its folder, and the result files that differ."""

    batch: Batch
    run: Run
    folder: Path
    files: int
    differing: tuple[str, ...]


def recompute(root: Path, batch_id: str, progress: Progress) -> Recomputed:
    """Writes `reports/<batch>/` from the batch's archive and compares it with what was booked."""
    workspace = load_config(root)
    places = places_of(workspace)
    with reading(places.ledger) as connection:
        batch = records.batch(connection, batch_id)
        past = books.past(connection, batch.dated, batch.record)
    run = computed_again(workspace, batch, past, progress)
    folder = archive.folder_of(places.archive, batch_id)
    progress("writing")
    placed = write_run(run, lines=False, name=batch_id)
    before = _hashes(folder / RESULTS)
    now = {name: sha256(placed.folder / name) for name in placed.files}
    differing = sorted(
        name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
    )
    return Recomputed(batch, run, placed.folder, len(now), tuple(differing))


def computed_again(workspace: Workspace, batch: Batch, past: Past, progress: Progress) -> Run:
    """A batch as this version computes it, from its archive and what was booked before it."""
    places = places_of(workspace)
    _refuse_without_archive(places, batch)
    loaded, period, inputs = _archived(places, workspace, batch)
    reopened = reopened_by(batch, loaded)
    return calculate(loaded, period, inputs, progress, past=past, reopened=reopened)


def state_of(root: Path, batch_id: str) -> Known:
    """What a batch was computed from, out of its archive."""
    workspace = load_config(root)
    places = places_of(workspace)
    with reading(places.ledger) as connection:
        batch = records.batch(connection, batch_id)
    _refuse_without_archive(places, batch)
    loaded, period, inputs = _archived(places, workspace, batch)
    return Known(loaded, period, inputs, channel_of(loaded.workspace, inputs, period))


def batch_before(root: Path, last_day: date) -> str | None:
    """The newest batch that stands and is dated before a day; None without one."""
    with reading(load_config(root).ledger) as connection:
        every = [one for one in records.batches(connection) if one.dated < last_day]
    newest = newest_standing(every, books.ALWAYS)
    return None if newest is None else newest.id


def newest_standing(batches: Sequence[Batch], before: int) -> Batch | None:
    """The newest of some batches as it stood just before a record; None without one."""
    known = [one for one in batches if one.record < before]
    reversed_by_then = {one.reverses for one in known}
    standing = [one for one in known if one.reverses is None and one.id not in reversed_by_then]
    return max(standing, key=lambda one: (one.dated, one.record), default=None)


def reopened_by(batch: Batch, loaded: Loaded) -> frozenset[Reopened]:
    """The closed measurement periods that were booked in a batch all the same."""
    named = batch.details.get("reopened")
    return reopened_in(loaded, [str(one) for one in named] if isinstance(named, list) else [])


def _archived(places: Places, workspace: Workspace, batch: Batch) -> tuple[Loaded, Period, Inputs]:
    folder = archive.folder_of(places.archive, batch.id)
    inputs = archived.load(folder / INPUTS, folder)
    loaded = _loaded(folder, workspace, batch, inputs)
    period = period_of(batch.period, loaded.workspace, batch.dated)
    return loaded, period, inputs


def _loaded(folder: Path, live: Workspace, batch: Batch, inputs: Inputs) -> Loaded:
    """The config and programs of the archive; only where files are written is the workspace's own."""
    config, problems = load_workspace(folder)
    if config is None:
        raise Refused(problems, ExitCode.CONFIG)
    name = str(batch.details.get("workspace", config.name))
    programs_dir = folder / PROGRAMS
    calendar = calendar_in(inputs.tables.get(TABLE), config.calendar)
    loaded = with_programs(
        replace(
            config,
            name=name,
            reports=live.reports,
            programs_dir=programs_dir,
            calendar=calendar,
        )
    )
    return replace(loaded, warnings=(*problems, *loaded.warnings))


def _refuse_without_archive(places: Places, batch: Batch) -> None:
    if batch.reverses is not None:
        message = f"batch {batch.id} reverses {batch.reverses}: there is nothing to compute"
        raise Refused([Problem("void-batch", message)], ExitCode.USAGE)
    faults = archive.problems_of(places.archive, batch.id, batch.archive_hash)
    if faults:
        hint = "restore the archive from a backup"
        raise Refused([Problem("bad-archive", text, hint) for text in faults], ExitCode.BROKEN)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in folder.rglob("*")
        if path.is_file()
    }
