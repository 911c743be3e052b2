"""Processes of this machine as an engine."""

import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain, groupby
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

from incentivectl.cluster.engine import Cut, Gather, Told
from incentivectl.cluster.shared import Shared, SharedFolder
from incentivectl.core import memory
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import opened
from incentivectl.core.output_files import output_file
from incentivectl.core.scratch import ended

_THREADS = "POLARS_MAX_THREADS"
# Where a command must leave at once, Python's own helper removes what is left, and need not say so.
_TIDIED = "ignore::UserWarning:multiprocessing.resource_tracker"
Result = TypeVar("Result")


class _Place(NamedTuple):
    """Where a piece for a group lies."""

    group: int
    path: Path
    start: int
    size: int


class Processes:
    """Runs tasks in processes (see `engine.Engine`); pieces lie in files between two steps."""

    def __init__(
        self, pool: ProcessPoolExecutor, width: int, shared: Shared, between: Path
    ) -> None:
        self._pool = pool
        self._between = between
        self.width = width
        self.shared = shared

    def spread(self, cut: Cut, tasks: Sequence[bytes], gather: Gather, groups: int) -> list[bytes]:
        """See `Engine`."""
        between = self._between / f"pieces-{secrets.token_hex(4)}"
        between.mkdir()
        cut_up = self._run([partial(_cut, cut, task, between, n) for n, task in enumerate(tasks)])
        of_group: list[list[_Place]] = [[] for _ in range(groups)]
        for place in chain.from_iterable(cut_up):
            of_group[place.group].append(place)
        found = self._run([partial(_gather, gather, some, n) for n, some in enumerate(of_group)])
        shutil.rmtree(between)
        return found

    def each(
        self, work: Callable[[bytes], bytes], tasks: Sequence[bytes], told: Told
    ) -> list[bytes]:
        """See `Engine`."""
        return self._run([partial(work, task) for task in tasks], told)

    def _run(self, calls: Sequence[Callable[[], Result]], told: Told | None = None) -> list[Result]:
        waiting: list[Future[Result]] = [self._pool.submit(call) for call in calls]
        try:
            for done, _ in enumerate(as_completed(waiting)):
                if told is not None:
                    told(done + 1, len(calls))
            return [one.result() for one in waiting]
        except BrokenProcessPool:
            message = "a process of --engine processes ended unexpectedly"
            hint = "was it killed, for want of memory? Use fewer (--master 2), or --memory"
            raise Refused([Problem("process-ended", message, hint)], ExitCode.DATA) from None


@contextmanager
def processes(width: int, shared: Shared, scratch: Path) -> Iterator[Processes]:
    """So many processes, while they are needed; each has its part of the memory and of the cores.

    What they write for themselves lies in `scratch`, and goes with it if one is killed.
    """
    cores = len(os.sched_getaffinity(0))
    part = max(memory.limit() // width, memory.LEAST) >> 20
    own = {
        _THREADS: str(max(cores // width, 1)),
        memory.VARIABLE: f"{part}MB",
        "TMPDIR": str(scratch),
        "PYTHONWARNINGS": _TIDIED,
    }
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)  # what is started from now on has it; this process has read it already
    with ExitStack() as ends:
        try:
            with _undisturbed():
                pool = ProcessPoolExecutor(width, get_context("spawn"), initializer=_begin)
                ends.enter_context(ended(partial(_end, pool)))
                starting = [pool.submit(os.getpid) for _ in range(width)]
            for one in starting:
                one.result()
            between = shared.path if isinstance(shared, SharedFolder) else scratch
            yield Processes(pool, width, shared, between)
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def _end(pool: ProcessPoolExecutor) -> None:
    started = list((pool._processes or {}).values())
    for process in started:
        process.terminate()
    for process in started:
        process.join()
    pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits meanwhile: Python leaves half-made objects where processes are being started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting:
            signal.raise_signal(signal.SIGINT)


def _begin() -> None:
    """A process of the pool: Ctrl-C is the driver's, and it ends with the driver."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(driver: int) -> None:
    while os.getppid() == driver:
        time.sleep(0.5)
    os._exit(ExitCode.INTERRUPTED)


def _cut(cut: Cut, task: bytes, between: Path, number: int) -> list[_Place]:
    """Writes the pieces of a task into one file, and says where they lie in it."""
    path, places = between / f"{number:08}", list[_Place]()
    with output_file(path, sync=False) as file:
        for group, piece in cut(task):
            places.append(_Place(group, path, file.tell(), len(piece)))
            file.write(piece)
    return places


def _gather(gather: Gather, places: Sequence[_Place], group: int) -> bytes:
    return gather(group, _pieces(places))


def _pieces(places: Sequence[_Place]) -> Iterator[bytes]:
    for path, some in groupby(places, key=lambda place: place.path):
        with opened(path) as file:
            for place in some:
                file.seek(place.start)
                yield file.read(place.size)
