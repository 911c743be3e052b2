"""The cache folder: what was found out once about unchanged content. It may be deleted at any time.

Entries are folders or files named after everything that they depend on, so that none is ever stale.
They are written beside and put in place whole; what has not been used for longest goes first
(docs/operation.md, "The cache").
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from incentivectl import __version__
from incentivectl.core.scratch import unfinished

VARIABLE = "INCENTIVECTL_CACHE"
MOST_BYTES = 20 << 30
IN_USE_SECONDS = 3600  # an entry that was used so lately may still be read


def cache_folder() -> Path | None:
    """`INCENTIVECTL_CACHE`, else the user's cache folder; None if the variable is empty."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "incentivectl"


def digest(*parts: object) -> str:
    """A name for what depends on these parts (hex); each counts by its `repr`."""
    return sha256(repr(parts).encode()).hexdigest()


@cache
def program_version() -> str:
    """The version of the program, with its sources as they are installed."""
    package = Path(__file__).parents[1]
    sources = [
        (path.relative_to(package).as_posix(), stat.st_size, stat.st_mtime_ns)
        for path in sorted(package.rglob("*.py"))
        for stat in (path.stat(),)
    ]
    return digest(__version__, sources)


def used(entry: Path) -> bool:
    """Whether there is such an entry; if so, it now counts as used."""
    try:
        os.utime(entry)
    except OSError:
        return False
    return True


@contextmanager
def new_entry(entry: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `entry` unless another process was quicker."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=entry.parent))
    with unfinished(folder):
        yield folder
        if not entry.exists():
            folder.rename(entry)


def write_note(note: Path, text: str = "") -> None:
    """A small file in the cache, put in place whole."""
    note.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=note.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(note)


def due(note: Path) -> bool:
    """Whether the last such call that said so was an hour ago; `note` remembers it."""
    with suppress(OSError):
        if 0 <= time.time() - note.stat().st_mtime < IN_USE_SECONDS:
            return False
    write_note(note)
    return True


def keep_within(entries: list[Path], most_bytes: int = MOST_BYTES) -> None:
    """Deletes the folders that were not used for longest until the rest fits, and old leftovers."""
    found = []
    for entry in entries:
        try:
            size = sum(path.stat().st_size for path in entry.rglob("*") if path.is_file())
            found.append((entry.stat().st_mtime, size, entry))
        except OSError:  # another process has just deleted it
            continue
    total = sum(size for _, size, _ in found)
    for used_at, size, entry in sorted(found):
        if time.time() - used_at < IN_USE_SECONDS:
            return
        if total > most_bytes or entry.name.startswith(".new-"):
            shutil.rmtree(entry, ignore_errors=True)
            total -= size
