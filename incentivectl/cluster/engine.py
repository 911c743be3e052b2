"""What an engine does: functions on other processes or machines, and a shuffle between two of them.

Everything that schedules, retries and moves data is the engine's. What comes back is taken from tasks that
ended well alone, so that a task that was run twice leaves nothing but what nobody names.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from incentivectl.cluster.shared import Shared

Cut = Callable[[bytes], Iterator[tuple[int, bytes]]]  # a task → pieces, each for one of the groups
Gather = Callable[[int, Iterator[bytes]], bytes]  # a group and its pieces, in any order → a result
Told = Callable[[int, int], None]  # how many tasks of how many are done


class Engine(Protocol):
    """Runs functions of modules (or partials of them) elsewhere."""

    @property
    def shared(self) -> Shared:
        """A place that every process or machine sees."""
        ...

    @property
    def width(self) -> int:
        """How many tasks are worked on at once."""
        ...

    def spread(self, cut: Cut, tasks: Sequence[bytes], gather: Gather, groups: int) -> list[bytes]:
        """The result of `gather` for each group, in their order; every task gives pieces to each."""
        ...

    def each(
        self, work: Callable[[bytes], bytes], tasks: Sequence[bytes], told: Told
    ) -> list[bytes]:
        """The result of `work` for each task, in their order; while it works it is `told` how far it is."""
        ...


class Here:
    """One task after the other, in this process."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.width = 1

    def spread(self, cut: Cut, tasks: Sequence[bytes], gather: Gather, groups: int) -> list[bytes]:
        """See `Engine`."""
        pieces: list[list[bytes]] = [[] for _ in range(groups)]
        for task in tasks:
            for group, piece in cut(task):
                pieces[group].append(piece)
        return [gather(group, iter(some)) for group, some in enumerate(pieces)]

    def each(
        self, work: Callable[[bytes], bytes], tasks: Sequence[bytes], told: Told
    ) -> list[bytes]:
        """See `Engine`."""
        return [work(task) for task in tasks]
