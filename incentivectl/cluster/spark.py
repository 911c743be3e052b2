"""Apache Spark as an engine: standalone, YARN, Kubernetes, local, or Spark Connect.

Spark schedules, retries and shuffles; rows are bytes to it: a piece with the number of its group, a result.
Each task first looks whether its machine has the driver's versions and sees the shared place.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from incentivectl.cluster.engine import Cut, Gather, Told
from incentivectl.cluster.shared import Shared
from incentivectl.cluster.spark_errors import refusal
from incentivectl.cluster.spark_progress import watched
from incentivectl.cluster.spark_session import is_connect, session_with
from incentivectl.cluster.spark_tasks import GROUPED, checking, of_group, of_pieces, of_tasks
from incentivectl.core.errors import Problem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SLOW = 60  # seconds after which the first tasks should be done


class Spark:
    """Runs tasks with Spark (see `engine.Engine`)."""

    def __init__(self, session: "SparkSession", shared: Shared) -> None:
        self._session = session
        self.shared = shared
        self.width = _width(session)

    def spread(self, cut: Cut, tasks: Sequence[bytes], gather: Gather, groups: int) -> list[bytes]:
        """See `Engine`."""
        cutting = of_pieces(checking(cut, self.shared), tasks)
        pieces = self._numbers(len(tasks)).mapInArrow(cutting, GROUPED)
        gathering = of_group(checking(gather, self.shared))
        together = pieces.repartitionById(groups, "number").mapInArrow(gathering, GROUPED)
        return _collected(together)

    def each(
        self, work: Callable[[bytes], bytes], tasks: Sequence[bytes], told: Told
    ) -> list[bytes]:
        """See `Engine`."""
        working = of_tasks(checking(work, self.shared), tasks)
        with watched(self._session, told):
            return _collected(self._numbers(len(tasks)).mapInArrow(working, GROUPED))

    def look(self, tell: Callable[[Problem], None]) -> None:
        """Refuses where a machine has other versions than the driver, or does not see the shared place.

        If Spark has nobody for these tasks, it waits for ever, which it will `tell`.
        """
        slow = threading.Timer(_SLOW, tell, [_waiting()])
        slow.daemon = True
        slow.start()
        try:
            self.each(_nothing, [b""] * (2 * self.width), lambda _done, _of: None)
        finally:
            slow.cancel()

    def _numbers(self, count: int) -> "DataFrame":
        """The numbers of so many tasks, a partition for each."""
        return self._session.range(0, count, 1, count)


def _waiting() -> Problem:
    message = f"Spark has not finished its first tasks within {_SLOW} seconds, and waits"
    hint = "is it busy, or has no worker the cores and memory that `conf` asks for? Ctrl-C ends it"
    return Problem("spark-waits", message, hint, severity="warning")


def _nothing(_: bytes) -> bytes:
    return b""


def _collected(frame: "DataFrame") -> list[bytes]:
    try:
        rows = frame.collect()
    except Exception as error:  # whatever Spark and its transports raise
        raise refusal(error) from error
    return [bytes(row.content) for row in sorted(rows, key=lambda row: row.number)]


@contextmanager
def spark(
    master: str, shared: Shared, conf: Mapping[str, str], tell: Callable[[Problem], None]
) -> Iterator[Spark]:
    """A session with the cluster at `master`, whose machines have been looked at (see `Spark.look`)."""
    with session_with(master, conf) as session:
        engine = Spark(session, shared)
        engine.look(tell)
        yield engine


def _width(session: "SparkSession") -> int:
    """How many tasks the cluster works on at once; Connect does not tell."""
    if is_connect(session):
        return int(session.conf.get("spark.default.parallelism", "2") or 2)
    return int(session.sparkContext.defaultParallelism)
