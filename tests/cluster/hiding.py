"""An engine whose buckets are there only while a task runs: a driver that reads lines finds none."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from incentivectl.cluster.engine import Cut, Gather, Here, Told
from incentivectl.cluster.shared import SharedFolder

# What a driver reads of buckets by itself, and why; nothing else may.
EXCEPTIONS = {
    "LinesInParts.scanned": "the archive of a batch is a copy of the lines, which the driver streams",
}


class Hiding(Here):
    """Tasks run in this process (`engine.Here`); between them the buckets lie where nobody looks."""

    def __init__(self, place: Path) -> None:
        self._shared, self._hidden = place / "shared", place / "hidden"
        for folder in (self._shared, self._hidden):
            folder.mkdir(parents=True)
        super().__init__(SharedFolder(self._shared))

    def spread(self, cut: Cut, tasks: Sequence[bytes], gather: Gather, groups: int) -> list[bytes]:
        """See `Engine`."""
        with self.revealed():
            return super().spread(cut, tasks, gather, groups)

    def each(
        self, work: Callable[[bytes], bytes], tasks: Sequence[bytes], told: Told
    ) -> list[bytes]:
        """See `Engine`."""
        with self.revealed():
            return super().each(work, tasks, told)

    @contextmanager
    def revealed(self) -> Iterator[None]:
        """The buckets are there as long as the block lasts."""
        _move(self._hidden, self._shared)
        try:
            yield
        finally:
            _move(self._shared, self._hidden)


def _move(above: Path, into: Path) -> None:
    for bucket in above.glob("bucket-*"):
        bucket.rename(into / bucket.name)
