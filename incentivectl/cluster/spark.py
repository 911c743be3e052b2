"""Apache Spark as an engine: standalone, YARN, Kubernetes, local, or Spark Connect.

Spark schedules, retries and shuffles; rows are bytes to it: a task, a piece with the number of its group, a
result. Each task first looks whether its machine has the driver's versions and sees the shared folder.
"""

import logging
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from incentivectl.cluster.engine import Cut, Gather, Told
from incentivectl.cluster.shared import Shared
from incentivectl.cluster.spark_errors import DIFFERS, REFUSED, UNSHARED, refusal
from incentivectl.cluster.versions import versions
from incentivectl.core.errors import ExitCode, Problem, Refused

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

Rows = Iterator["pa.RecordBatch"]
_CONNECT = "sc://"
_PATIENCE = 10  # seconds for the JVM to end
_SECONDS = 1.0  # between two looks at how far it is
_LOCAL = "local"
_GROUPED = "number int, content binary"
_THREADS = "POLARS_MAX_THREADS"  # a task has one core
# What a run needs of Spark, unless `conf` says otherwise: partitions stay as they are cut, a batch has few
# rows, since each is many lines, and nothing is shown.
_CONF = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "8",
    "spark.ui.showConsoleProgress": "false",
}
_CLASSIC_CONF = {
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.driver.maxResultSize": "0",
    "spark.rpc.message.maxSize": "512",
    f"spark.executorEnv.{_THREADS}": "1",
}


class Spark:
    """Runs tasks with Spark (see `engine.Engine`)."""

    def __init__(
        self, session: "SparkSession", shared: Shared, width: int, *, is_classic: bool
    ) -> None:
        self._session = session
        self._is_classic = is_classic
        self.shared = shared
        self.width = width

    def spread(
        self, cut: Cut, tasks: Sequence[bytes], gather: Gather, groups: int, told: Told
    ) -> list[bytes]:
        """See `Engine`."""
        pieces = self._tasks(tasks).mapInArrow(_of_batches(self._checked(cut)), _GROUPED)
        cut_up = pieces.repartitionById(groups, "number")
        with self._watched(told):
            return self._collected(cut_up.mapInArrow(_of_group(self._checked(gather)), _GROUPED))

    def each(self, work: Callable[[bytes], bytes], tasks: Sequence[bytes]) -> list[bytes]:
        """See `Engine`."""
        checked = self._checked(work)
        return self._collected(self._tasks(tasks).mapInArrow(_of_tasks(checked), _GROUPED))

    def look(self) -> None:
        """Refuses where a machine has other versions than the driver, or does not see the shared folder."""
        self.each(_nothing, [b""] * (2 * self.width))

    @contextmanager
    def _watched(self, told: Told) -> Iterator[None]:
        """Tells how many tasks are done while they are worked on; Connect does not say."""
        if not self._is_classic:
            yield
            return
        tracker, done = self._session.sparkContext.statusTracker(), threading.Event()

        def watch() -> None:
            while not done.wait(_SECONDS):
                stages = [tracker.getStageInfo(one) for one in tracker.getActiveStageIds()]
                known = [one for one in stages if one is not None]
                if known:
                    told(
                        sum(one.numCompletedTasks for one in known),
                        sum(one.numTasks for one in known),
                    )

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield
        finally:
            done.set()
            watching.join()

    def _tasks(self, tasks: Sequence[bytes]) -> "DataFrame":
        """A partition for each task."""
        numbered = self._session.createDataFrame(
            [(number, bytearray(task)) for number, task in enumerate(tasks)], _GROUPED
        )
        return numbered.repartitionById(len(tasks), "number")

    def _collected(self, frame: "DataFrame") -> list[bytes]:
        try:
            rows = frame.collect()
        except Exception as error:  # whatever Spark and its transports raise
            raise refusal(error) from error
        return [bytes(row.content) for row in sorted(rows, key=lambda row: row.number)]

    def _checked(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, which looks around first; it travels as a value, its parts by their names."""
        return _checking(function, versions(), self.shared, (DIFFERS, UNSHARED, REFUSED))


def _nothing(_: bytes) -> bytes:
    return b""


def _checking(
    function: Callable[..., Any],
    wanted: Mapping[str, str],
    shared: Shared,
    words: tuple[str, str, str],
) -> Callable[..., Any]:
    packed, place = (
        pickle.dumps(function),
        pickle.dumps(shared),
    )  # as the machine may lack what they name
    differs, unshared, refused = words

    def call(*given: Any) -> Any:  # noqa: ANN401
        import base64
        import pickle
        import platform

        try:
            from incentivectl.cluster.versions import versions
        except ImportError as missing:
            raise RuntimeError(f"{differs}{platform.node()}: {missing}") from None
        found = versions()
        if found != wanted:
            told = ", ".join(f"{k} {found.get(k)}" for k in wanted if found.get(k) != wanted[k])
            raise RuntimeError(f"{differs}{platform.node()} has {told}")
        from incentivectl.core.errors import Refused
        from incentivectl.core.object_store import ObjectError

        seen = pickle.loads(place)
        try:
            why = "" if seen.is_seen() else "it is not there"
        except ObjectError as error:
            why = error.message
        if why:
            raise RuntimeError(f"{unshared}{platform.node()} does not see {seen}: {why}")

        try:
            return pickle.loads(packed)(*given)
        except Refused as no:
            raise RuntimeError(refused + base64.b64encode(pickle.dumps(no)).decode()) from None

    return call


def _of_batches(cut: Callable[[bytes], Iterator[tuple[int, bytes]]]) -> Callable[[Rows], Rows]:
    def rows(batches: Rows) -> Rows:
        import pyarrow as pa

        names = ["number", "content"]
        for batch in batches:
            for task in batch.column(1).to_pylist():
                for group, piece in cut(task):
                    columns = [pa.array([group], pa.int32()), pa.array([piece], pa.binary())]
                    yield pa.RecordBatch.from_arrays(columns, names)

    return rows


def _of_group(gather: Gather) -> Callable[[Rows], Rows]:
    def rows(batches: Rows) -> Rows:
        import itertools

        import pyarrow as pa

        first = next(batches, None)
        if first is None:
            return
        while not first.num_rows:
            first = next(batches)
        group = first.column(0)[0].as_py()
        pieces = (
            piece
            for batch in itertools.chain([first], batches)
            for piece in batch.column(1).to_pylist()
        )
        columns = [pa.array([group], pa.int32()), pa.array([gather(group, pieces)], pa.binary())]
        yield pa.RecordBatch.from_arrays(columns, ["number", "content"])

    return rows


def _of_tasks(work: Callable[[bytes], bytes]) -> Callable[[Rows], Rows]:
    def rows(batches: Rows) -> Rows:
        import pyarrow as pa

        for batch in batches:
            results = [work(task) for task in batch.column(1).to_pylist()]
            columns = [batch.column(0).cast(pa.int32()), pa.array(results, pa.binary())]
            yield pa.RecordBatch.from_arrays(columns, ["number", "content"])

    return rows


@contextmanager
def spark(master: str, shared: Shared, conf: Mapping[str, str]) -> Iterator[Spark]:
    """A session with the cluster at `master`, whose machines have been looked at."""
    session = _session(master, conf)
    is_classic = not master.startswith(_CONNECT)
    try:
        engine = Spark(session, shared, _width(session, master), is_classic=is_classic)
        engine.look()
        yield engine
    except BaseException:
        with suppress(Exception):
            session.sparkContext.cancelAllJobs() if is_classic else session.interruptAll()
        raise
    finally:
        with suppress(Exception):
            session.stop()
        if is_classic:
            _end_java()


def _end_java() -> None:
    """Ends the JVM, which otherwise stays for another session of this process."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway is not None:
        with suppress(Exception):
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(_PATIENCE)


def _session(master: str, conf: Mapping[str, str]) -> "SparkSession":
    try:
        import pandas as _
        import pyarrow as _  # noqa: F401, F811
        from pyspark.sql import SparkSession
    except ImportError as missing:
        message = f"--engine spark needs packages that are not installed: {missing}"
        problem = Problem("no-spark", message, "pip install 'incentivectl[spark]'")
        raise Refused([problem], ExitCode.USAGE) from None
    warnings.filterwarnings("ignore", module="pyspark")
    if master.startswith(_LOCAL):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault(_THREADS, "1")  # of what is started from now on
    logging.getLogger("py4j").setLevel(logging.CRITICAL)  # what it has to say is told as a problem
    builder = SparkSession.builder.appName("incentivectl")
    stated = _CONF | ({} if master.startswith(_CONNECT) else _CLASSIC_CONF) | dict(conf)
    for name, value in stated.items():
        builder = builder.config(name, value)
    try:
        with _own_interrupts():
            if master.startswith(_CONNECT):
                return builder.remote(master).getOrCreate()
            return builder.master(master).getOrCreate()
    except Exception as error:  # whatever Spark and its transports raise
        raise refusal(error) from error


@contextmanager
def _own_interrupts() -> Iterator[None]:
    """Ctrl-C stays as it was: Spark would take it over, and tell of it with a traceback."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _width(session: "SparkSession", master: str) -> int:
    """How many tasks the cluster works on at once; Connect does not tell."""
    if master.startswith(_CONNECT):
        return int(session.conf.get("spark.default.parallelism", "2") or 2)
    return int(session.sparkContext.defaultParallelism)
