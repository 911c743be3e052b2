"""`ledger verify`: the ledger, what stands of it outside, and the archive."""

from dataclasses import replace
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.ledger import archive, records
from incentivectl.ledger.connection import reading
from incentivectl.ledger.verify import Fault, Verdict, verify
from incentivectl.posting.lost_batches import lost_heads
from incentivectl.workspace.folders import Places, places_of
from incentivectl.workspace.workspace import Workspace


def verify_workspace(workspace: Workspace, head: str | None) -> Verdict:
    """Everything that is wrong with a ledger; `head` is a hash that it must contain."""
    places = places_of(workspace)
    with reading(places.ledger) as connection:
        if connection is None:
            return _without_ledger(places)
        verdict = verify(connection)
        if verdict.faults and not verdict.records:
            return verdict
        faults = [*verdict.faults]
        faults += [
            Fault("the ledger", f"lacks the newest batches: {name} refers to a missing one")
            for name in lost_heads(connection, places)
        ]
        if head is not None and not records.knows(connection, head.strip().lower()):
            faults.append(
                Fault("the ledger", f"does not contain {head}: it was cut short or replaced")
            )
        faults += [
            Fault(f"batch {batch_id}", what)
            for batch_id, archive_hash in records.archives(connection)
            for what in archive.problems_of(places.archive, batch_id, archive_hash)
        ]
    return replace(verdict, faults=tuple(faults))


def _without_ledger(places: Places) -> Verdict:
    lost = lost_heads(None, places)
    if not lost:
        hint = "`batch post PERIOD` books the first batch"
        raise Refused(
            [Problem("no-ledger", "there is no ledger yet", hint, file=_file(places))],
            ExitCode.USAGE,
        )
    faults = (Fault("the ledger", f"is missing, and {', '.join(lost)} refers to a batch of it"),)
    return Verdict(faults, 0, 0, 0, "")


def _file(places: Places) -> Path:
    return places.ledger
