"""Folders that are made once in a test run, for all of its processes: what many tests begin with."""

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path()  # where this test run keeps what it has made: conftest.py says so


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder of this test run, which all of its workers share; it goes as `tmp_path` does."""
    base = factory.getbasetemp()
    worker = base.name.startswith("popen-")  # xdist gives each worker a folder in that of the run
    folder = (base.parent if worker else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def prepared(folder: Path, make: Callable[..., Path], *given: str, **named: str) -> Path:
    """A copy in `folder` of what `made_once` gives."""
    return Path(shutil.copytree(made_once(make, *given, **named), folder / "w"))


def made_once(make: Callable[..., Path], *given: str, **named: str) -> Path:
    """What `make` gives, made once in a test run for equal arguments. No test may change it.

    `make` takes a folder to make it in, then the arguments.
    """
    return _made(make, given, tuple(sorted(named.items())))


@cache
def _made(
    make: Callable[..., Path], given: tuple[str, ...], named: tuple[tuple[str, str], ...]
) -> Path:
    asked = repr((make.__module__, make.__qualname__, given, named))
    place = FOLDER / hashlib.sha256(asked.encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    answer = place / "made"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be making it
        if not answer.exists():
            made = make(Path(tempfile.mkdtemp(dir=place)), *given, **dict(named))
            answer.write_text(str(made), encoding="utf-8")
    return Path(answer.read_text(encoding="utf-8"))
