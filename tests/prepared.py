"""Workspaces that are made once and copied: what many tests begin with is not booked for each of them."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path


def prepared(folder: Path, make: Callable[..., Path], *given: str, **named: str) -> Path:
    """A copy in `folder` of the workspace that `make` gives: made once in a process for equal arguments.

    `make` takes a folder to make it in, then the arguments.
    """
    made = _made(make, given, tuple(sorted(named.items())))
    return Path(shutil.copytree(made, folder / "w"))


@cache
def _made(
    make: Callable[..., Path], given: tuple[str, ...], named: tuple[tuple[str, str], ...]
) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make(folder, *given, **dict(named))
