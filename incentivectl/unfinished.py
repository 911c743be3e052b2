"""What is being written and not whole yet: temporary folders, and folders that wait for their place.

Each is removed when its work ends, however it ends, and also where the process must leave at once
because it cannot be interrupted otherwise (docs/rules.md, "Long work").
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDERS: set[Path] = set()
ATTEMPTS = 5  # somebody may still be writing into a folder while it is removed


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """`folder`, which is gone in the end unless it has been renamed."""
    _FOLDERS.add(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _FOLDERS.discard(folder)


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A new temporary folder."""
    import tempfile

    with unfinished(Path(tempfile.mkdtemp(prefix="incentivectl-"))) as folder:
        yield str(folder)


def remove_unfinished() -> None:
    """Removes all of them at once; nothing may be written any more."""
    for folder in tuple(_FOLDERS):
        for _ in range(ATTEMPTS):
            if folder.exists():
                shutil.rmtree(folder, ignore_errors=True)
