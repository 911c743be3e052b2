"""The newest hash, kept outside the ledger: it gives away a ledger restored from an old copy.

It stands in `archive/HEAD`, in the manifests of runs and in payment files. Where one of them names what
the ledger does not have, batches are missing, and posting or exporting again would pay twice
(docs/ledger.md, "Heads").
"""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import content, toml_head
from incentivectl.core.output_files import locked, make_folder, write_file
from incentivectl.ledger.records import knows, newest_hash
from incentivectl.ledger.verify import verify
from incentivectl.run.run_results import MANIFEST
from incentivectl.workspace.folders import Places

# In full in a CSV, its first 16 digits in a bank's message.
_HASH = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])|(?<=ledger )[0-9a-f]{16}(?![0-9a-f])")


def keep_head(connection: sqlite3.Connection, archive: Path) -> None:
    """Writes the ledger's newest hash to `archive/HEAD`, whole or not at all.

    To be called after a commit: under the archive's lock the ledger is asked for its newest record, so
    that of two commands at once neither puts an older hash in the place of a newer one.
    """
    make_folder(archive)
    with locked(archive):
        write_file(archive / "HEAD", f"{newest_hash(connection)}\n")


def refuse_damage(
    connection: sqlite3.Connection | None, places: Places, *, lost_batches: bool = False
) -> None:
    """Refuses a ledger with a changed row, and, unless `lost_batches`, one that lacks batches.

    Nothing may be booked, approved or paid from rows that nobody booked.
    """
    if connection is not None:
        _refuse_changes(connection, places)
    lost = None if lost_batches else lost_batches_problem(connection, places)
    if lost is not None:
        raise Refused([lost], ExitCode.GUARD)


def _refuse_changes(connection: sqlite3.Connection, places: Places) -> None:
    hint = "restore the newest backup and check it with `ledger verify`"
    problems = [
        Problem("damaged-ledger", f"{fault.where} {fault.what}", hint, file=places.ledger)
        for fault in verify(connection).faults
    ]
    if problems:
        raise Refused(problems, ExitCode.CONFIG)


def lost_batches_problem(connection: sqlite3.Connection | None, places: Places) -> Problem | None:
    """The problem if a file names a hash that this ledger does not have; else None."""
    lost = lost_heads(connection, places)
    if not lost:
        return None
    message = (
        "the newest batches are missing from the ledger: an old copy was restored, or it was cut"
        f" short ({', '.join(lost)} refers to a missing batch)"
    )
    hint = (
        "restore the newest ledger: posting now could pay again what the missing batches paid."
        " To post anyway: --allow lost-batches"
    )
    return Problem("guard-lost-batches", message, hint, file=places.ledger)


def lost_heads(connection: sqlite3.Connection | None, places: Places) -> list[str]:
    """The files, relative to the workspace, that name a hash which the ledger does not have."""
    return [
        path.relative_to(places.root).as_posix() if path.is_relative_to(places.root) else str(path)
        for path, digest in _named(places)
        if not knows(connection, digest)
    ]


def _named(places: Places) -> Iterator[tuple[Path, str]]:
    """Every file that names a hash of the ledger, and the hash."""
    head = places.archive / "HEAD"
    if head.is_file():
        yield head, content(head).decode("ascii", "replace").strip()
    for manifest in sorted(places.reports.glob(f"*/{MANIFEST}")):
        digest = _in_manifest(manifest)
        if digest is not None:
            yield manifest, digest
    for file in sorted(places.payments.glob("*")):
        if file.suffix in (".csv", ".xml") and not file.name.startswith("."):
            for digest in sorted({match.decode() for match in _HASH.findall(content(file))}):
                yield file, digest


def _in_manifest(path: Path) -> str | None:
    try:
        found = toml_head(path).get("ledger_head")
    except ValueError:
        return None
    return found if isinstance(found, str) else None
