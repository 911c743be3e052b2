"""`run --batch ID`: computes a batch again from its archive; byte-identical, or says what is not."""

from dataclasses import dataclass, replace
from pathlib import Path

from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.ingest import archived
from incentivectl.ledger import archive, books, records
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import Batch
from incentivectl.posting.archiving import INPUTS, PROGRAMS, RESULTS
from incentivectl.posting.places import Places, places_of
from incentivectl.run import (
    Loaded,
    Progress,
    Run,
    calculate,
    load_config,
    period_of,
    reopened_in,
    with_programs,
)
from incentivectl.run_files import write_run
from incentivectl.workspace import Workspace


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
    _refuse_without_archive(places, batch)
    folder = archive.folder_of(places.archive, batch_id)
    loaded = _loaded(folder, workspace, batch)
    period = period_of(batch.period, loaded.workspace, batch.dated)
    reopened = batch.details.get("reopened")
    named = [str(one) for one in reopened] if isinstance(reopened, list) else []
    run = calculate(
        loaded,
        period,
        archived.load(folder / INPUTS, folder),
        progress,
        past=past,
        reopened=reopened_in(loaded, named),
    )
    progress("writing")
    written = write_run(run, lines=False, name=batch_id)
    before, now = _hashes(folder / RESULTS), _hashes(written)
    differing = sorted(
        name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
    )
    return Recomputed(batch, run, written, len(now), tuple(differing))


def _loaded(folder: Path, live: Workspace, batch: Batch) -> Loaded:
    """The config and programs of the archive; only where files are written is the workspace's own."""
    archived = load_config(folder)
    name = str(batch.details.get("workspace", archived.name))
    programs_dir = folder / PROGRAMS
    return with_programs(
        replace(archived, name=name, reports=live.reports, programs_dir=programs_dir)
    )


def _refuse_without_archive(places: Places, batch: Batch) -> None:
    if batch.reverses is not None:
        message = f"batch {batch.id} takes {batch.reverses} back: there is nothing to compute"
        raise Refused([Problem("void-batch", message)], ExitCode.USAGE)
    faults = archive.problems_of(places.archive, batch.id, batch.archive_hash)
    if faults:
        hint = "put the archive back from a backup"
        raise Refused([Problem("bad-archive", text, hint) for text in faults], ExitCode.BROKEN)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): archive.file_hash(path)
        for path in folder.rglob("*")
        if path.is_file()
    }
