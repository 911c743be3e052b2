"""How far a spread run has come: by what tasks have kept in the shared place, and by what the engine tells.

What a task keeps has its number and what it did in its name, so that a task which is done twice counts once.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from incentivectl.cluster.shared import Shared
from incentivectl.core.nouns import counted

Show = Callable[[str], None]
_SECONDS = 2.0  # between two looks into the shared place
_READ = re.compile(r"read-(\d+)-(\d+)-[0-9a-f]+")
_RESOLVED = re.compile(r"bucket-(\d+)-[0-9a-f]+")
_LARGE = 10**9  # bytes from which on they are told in GB


def name_read(number: int, lines: int) -> str:
    """The name for what the `number`-th task keeps once it has read its files."""
    return f"read-{number:06}-{lines}"


def name_resolved(bucket: int) -> str:
    """The name for a bucket whose lines are resolved."""
    return f"bucket-{bucket:06}"


@dataclass(frozen=True)
class HowFar:
    """What is to be done: tasks that read so many bytes each, and so many buckets."""

    sizes: Sequence[int]
    buckets: int

    def text(self, names: Sequence[str], seconds: float) -> str:
        """Such as `reading sales: 12 of 20 tasks, 0.4 of 0.7 GB, 260,000 lines a second`.

        `names` is what is kept after so many seconds. What is not known is left out.
        """
        read = {int(one[1]): int(one[2]) for one in map(_READ.fullmatch, names) if one}
        if len(read) < len(self.sizes):
            parts = [f"reading sales: {len(read):,} of {counted(len(self.sizes), 'task')}"]
            parts += _bytes(sum(self.sizes[number] for number in read), sum(self.sizes))
            if seconds >= 1 and (lines := sum(read.values())):
                parts.append(f"{counted(round(lines / seconds), 'line')} a second")
            return ", ".join(parts)
        resolved = {one[1] for one in map(_RESOLVED.fullmatch, names) if one}
        return f"resolving lines: {len(resolved):,} of {counted(self.buckets, 'bucket')}"

    @contextmanager
    def shown(self, shared: Shared, show: Show | None) -> Iterator[None]:
        """Shows it while the block lasts; nothing where there is nobody to show it to."""
        if show is None:
            yield
            return
        begun, done = time.monotonic(), threading.Event()

        def watch(show: Show) -> None:
            while not done.wait(_SECONDS):
                with suppress(Exception):  # what is wrong with the place, those who need it tell
                    text = self.text(shared.names(), time.monotonic() - begun)
                    if not done.is_set():
                        show(text)

        watching = threading.Thread(target=watch, args=(show,), daemon=True)
        watching.start()
        try:
            yield
        finally:
            done.set()


def _bytes(done: int, of: int) -> list[str]:
    if of < 10**6:
        return []
    if of >= _LARGE:
        return [f"{done / _LARGE:,.1f} of {of / _LARGE:,.1f} GB"]
    return [f"{done / 10**6:,.0f} of {of / 10**6:,.0f} MB"]
