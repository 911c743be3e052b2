"""What is being written and not whole yet: temporary folders, and files that wait for their place.

Each is removed when its work ends, however it ends, and also where the process must leave at once
because it cannot be interrupted otherwise. What a killed process left is removed by a later one: a
living process holds a lock on each (docs/operation.md, "Progress and interruption").
"""

import fcntl
import os
import re
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PATHS: set[Path] = set()
_ENDS: list[Callable[[], None]] = []
_END_SECONDS = 10  # that what cannot be removed at once may take
ATTEMPTS = 5  # somebody may still be writing into a folder while it is removed
OLD_SECONDS = 3600  # what is younger may not be locked yet
UNFINISHED = re.compile(r"\.incentivectl-[0-9a-f]{16}\.new")
_SCRATCH = re.compile(r"incentivectl-[a-z0-9_]{8}")


def unfinished_name() -> str:
    """A name that nobody can foresee, for a file or folder that waits for its place (`UNFINISHED`)."""
    return f".incentivectl-{secrets.token_hex(8)}.new"


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A file or folder, which is gone in the end unless it has been renamed."""
    _PATHS.add(path)
    try:
        yield path
    finally:
        _remove(path)
        _PATHS.discard(path)


@contextmanager
def ended(end: Callable[[], None]) -> Iterator[None]:
    """Calls `end` in the end; twice, perhaps, where the process must leave at once."""
    _ENDS.append(end)
    try:
        yield
    finally:
        end()
        _ENDS.remove(end)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds the lock of a file or folder, so that no other process takes it for a leftover."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        hold(handle)
        yield
    finally:
        os.close(handle)


def hold(handle: int) -> None:
    """The same for a file that is open already, until it is closed."""
    _lock(handle)


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A new temporary folder."""
    import tempfile

    sweep(Path(tempfile.gettempdir()), _SCRATCH)
    folder = Path(tempfile.mkdtemp(prefix="incentivectl-"))
    with unfinished(folder), held(folder):
        yield str(folder)


def sweep(folder: Path, names: re.Pattern[str], *, older_than: int = OLD_SECONDS) -> None:
    """Removes what killed processes of this user left in a folder under such names.

    `older_than` seconds; 0 only where nobody else can be about to lock something there.
    """
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if names.fullmatch(path.name) and _is_leftover(path, older_than):
                _remove(path)


def remove_unfinished() -> None:
    """Removes all of them at once; nothing may be written any more."""
    for end in reversed(_ENDS):
        ending = threading.Thread(target=_quietly, args=(end,), daemon=True)
        ending.start()
        ending.join(_END_SECONDS)
    for path in tuple(_PATHS):
        for _ in range(ATTEMPTS):
            _remove(path)


def _quietly(end: Callable[[], None]) -> None:
    with suppress(Exception):
        end()


def _is_leftover(path: Path, older_than: int) -> bool:
    """Whether it is this user's, old, and of no living process."""
    try:
        found = path.lstat()
        kept = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if not kept or found.st_uid != os.getuid() or time.time() - found.st_mtime < older_than:
            return False
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Takes the lock of an open file, unless somebody has it; False also where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
