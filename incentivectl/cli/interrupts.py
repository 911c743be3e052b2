"""Ctrl-C and the system's wish to end: a command stops within a second, and leaves nothing half done.

The first signal raises KeyboardInterrupt, after which everything cleans up after itself. A long
calculation of Polars does not see it, though: after a moment a second thread, which the signal wakes,
removes what is unfinished and ends the process.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from incentivectl.cli.streams import err
from incentivectl.core.errors import ExitCode
from incentivectl.core.scratch import remove_unfinished
from incentivectl.ledger.committed import has_committed

_Handler = Callable[[int, FrameType | None], object] | int | None
SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE_SECONDS = 0.3
INTERRUPTED = "interrupted: nothing is left half done"
AFTER_COMMIT = "interrupted: what it booked stays booked"
DISARM = b"\0"  # signals are numbered from 1
_said = threading.Event()
CLEAN_LINE = "\r\x1b[K\x1b[?25h"  # a terminal's line of progress goes, its cursor comes back


@contextmanager
def interruptible() -> Iterator[None]:
    """While it lasts, either signal raises KeyboardInterrupt once, and soon ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = {one: signal.signal(one, _once) for one in SIGNALS}
    woken = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watch = threading.Thread(target=_leave_when_told, args=(reader,), daemon=True)
    watch.start()
    try:
        yield
    finally:
        # After a signal it is still watched: threads that go on must not hold the process up.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            _disarm(before, woken, writer, watch)


def _once(_number: int, _frame: FrameType | None) -> None:
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def _disarm(
    before: Mapping[signal.Signals, _Handler], woken: int, writer: int, watch: threading.Thread
) -> None:
    signal.set_wakeup_fd(woken)
    for one, handler in before.items():
        signal.signal(one, handler)
    os.write(writer, DISARM)
    watch.join()
    os.close(writer)


def _leave_when_told(reader: int) -> None:
    told = os.read(reader, 1)
    if told == DISARM:
        os.close(reader)
        return
    threading.Event().wait(PATIENCE_SECONDS)
    remove_unfinished()
    if sys.stderr.isatty():
        os.write(2, CLEAN_LINE.encode())
    if not _said.is_set():
        os.write(2, f"{_sentence()}\n".encode())
    os._exit(ExitCode.INTERRUPTED)


def say_interrupted() -> None:
    """The one sentence on stderr."""
    _said.set()
    err(_sentence())


def _sentence() -> str:
    return AFTER_COMMIT if has_committed() else INTERRUPTED
