"""`batch approve` and `batch release`: signatures, and accounts that somebody has looked at.

Nobody approves what he posted; an approval signs the batch's hash (docs/rules.md, "Approvals").
"""

import sqlite3

from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.ledger import records, writing
from incentivectl.ledger.records import Batch
from incentivectl.ledger.writing import Stamp


def sign(connection: sqlite3.Connection, batch: Batch, name: str, stamp: Stamp) -> None:
    """Appends an approval of a batch's hash by `name`; refuses the poster's and a second one."""
    if name.strip().casefold() == batch.recorded_by.casefold():
        message = f"{batch.recorded_by} posted batch {batch.id} and cannot approve it"
        raise Refused(
            [Problem("own-approval", message, "somebody else has to: --by NAME")], ExitCode.GUARD
        )
    if batch.is_void:
        message = f"batch {batch.id} is void"
        raise Refused([Problem("void-batch", message, "approve the one after it")], ExitCode.GUARD)
    details = {"name": name.strip(), "batch_hash": batch.hash}
    writing.note(connection, "approve", batch.id, batch.dated, stamp, details)


def approvers(connection: sqlite3.Connection, batch: Batch) -> list[str]:
    """The distinct names that signed a batch."""
    names = {name.casefold(): name for name, *_ in records.approvals(connection, batch.id)}
    return sorted(names.values())
