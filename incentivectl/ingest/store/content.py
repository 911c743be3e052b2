"""What the files of a workspace hold: a hash of every one, without reading again what did not change.

A file whose size, times and number are those that were noted with its hash is not read again. A file
that changed less than two seconds before its hash was taken is never noted, since a later change could
leave its times as they were.
"""

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from incentivectl.core.cache import digest, write_note
from incentivectl.core.input_files import Seen, seen, sha256, text

YOUNG_SECONDS = 2


def all_seen(paths: Iterable[Path]) -> dict[Path, Seen] | None:
    """`seen` of every file; None if one is not there."""
    try:
        return {path: seen(path) for path in paths}
    except OSError:
        return None


def hashes(folder: Path, files: Mapping[Path, Seen]) -> dict[Path, str]:
    """The sha256 of each file, as noted in `folder`, else of what it holds now."""
    found = {}
    for path, as_seen in files.items():
        known = _noted(folder, path, as_seen)
        if known is None:
            began = time.time_ns()
            known = sha256(path)
            note(folder, path, as_seen, known, began)
        found[path] = known
    return found


def note(folder: Path, path: Path, as_seen: Seen, known: str, began: int) -> None:
    """Notes a hash that was taken from `began` (nanoseconds) on, unless the file may have changed."""
    settled = max(as_seen[3:]) < began - YOUNG_SECONDS * 10**9
    if settled and seen(path) == as_seen:
        write_note(_place(folder, path), json.dumps([*as_seen, known]))


def _noted(folder: Path, path: Path, as_seen: Seen) -> str | None:
    try:
        *before, known = json.loads(text(_place(folder, path)))
    except (OSError, ValueError, TypeError):
        return None
    return str(known) if tuple(before) == as_seen else None


def _place(folder: Path, path: Path) -> Path:
    return folder / digest(os.path.realpath(path))
