"""The files that a pattern such as `sales/**/*.csv` names, without walking over a whole disk."""

import os
import re
from collections.abc import Iterator
from fnmatch import translate
from glob import has_magic
from pathlib import Path

from incentivectl.core.limits import ENTRIES_OF_A_PATTERN, FILES_OF_A_PATTERN


class TooManyFilesError(Exception):
    """The pattern leads to more files and folders than a limit allows; the message says which."""


def matching(root: Path, pattern: str) -> list[Path]:
    """What `pattern` names, seen from `root`, sorted; `**` stands for any number of folders.

    Names that begin with a dot are only found where the pattern has the dot. Raises
    `TooManyFilesError` beyond `FILES_OF_A_PATTERN` and `ENTRIES_OF_A_PATTERN`.
    """
    found: set[Path] = set()
    parts = Path(pattern).parts
    for path in _Walk().below(root, parts):
        found.add(path)
        if len(found) > FILES_OF_A_PATTERN:
            raise TooManyFilesError(f"matches more than {FILES_OF_A_PATTERN:,} files")
    return sorted(found)


class _Walk:
    """One walk over folders, which counts what it looks at."""

    def __init__(self) -> None:
        self._looked_at = 0

    def below(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
        """Everything in `folder` that the parts of a pattern name."""
        part, *rest = parts
        following = tuple(rest)
        if part == "**":
            yield from self._below_any(folder, following)
        elif not has_magic(part):
            yield from self._further(folder / part, following)
        else:
            fits = re.compile(translate(part)).match
            for name in self._names(folder):
                if fits(name) and (part.startswith(".") or not name.startswith(".")):
                    yield from self._further(folder / name, following)

    def _below_any(self, folder: Path, following: tuple[str, ...]) -> Iterator[Path]:
        if following:
            yield from self.below(folder, following)
        for name in self._names(folder):
            inner = folder / name
            if name.startswith("."):
                continue
            if not following:
                yield inner
            if inner.is_dir():
                yield from self._below_any(inner, following)

    def _further(self, path: Path, following: tuple[str, ...]) -> Iterator[Path]:
        if following:
            yield from self.below(path, following)
        elif path.exists():
            yield path

    def _names(self, folder: Path) -> Iterator[str]:
        try:
            names = sorted(os.listdir(folder))
        except OSError:  # no folder, or one that may not be read
            return
        self._looked_at += len(names)
        if self._looked_at > ENTRIES_OF_A_PATTERN:
            raise TooManyFilesError(
                f"leads to more than {ENTRIES_OF_A_PATTERN:,} files and folders"
            )
        yield from names
