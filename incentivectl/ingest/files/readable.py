"""Files that turn out to be damaged while they are read."""

from collections.abc import Callable
from typing import TypeVar

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.input_frames import Damaged
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.files.pieces import Piece

Read = TypeVar("Read")


def readable(opened: Opened, read: Callable[[Opened], Read], problems: list[Problem]) -> Read:
    """What `read` makes of files; of none, with one of `problems`, where a file turns out to be damaged."""
    try:
        return read(opened)
    except Damaged as error:
        damaged = [piece for piece in opened.pieces if not _can_be_read(piece)]
        file = (damaged or opened.pieces)[0].first.file.path
        reason = str(error).splitlines()[0]
        hint = "is it complete, and did it change just now? Export it again"
        message = f"it cannot be read to its end: {reason}"
        problems.append(Problem("damaged-file", message, hint, file=file))
        return read(Opened())


def _can_be_read(piece: Piece) -> bool:
    try:
        piece.cells.select(pl.all().null_count()).collect(engine="streaming")
    except Damaged:
        return False
    return True
