"""A session with Spark, from its begin to its end, without a word of Java on the terminal."""

import logging
import os
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from incentivectl.cluster.reachable import check_reachable
from incentivectl.cluster.spark_errors import refusal
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.memory import ALLOCATOR

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CONNECT = "sc://"
LOCAL = "local"
_OF_CONNECT = ("SPARK_", "PYSPARK_")  # variables
_PATIENCE = 10  # seconds for the JVM to end
_TAIL = 64 << 10  # bytes of what Java said last
_THREADS = "POLARS_MAX_THREADS"  # a task has one core
# The machines of Java only move bytes. What they compile for long loops would take a third of a small run.
_JAVA = "-XX:TieredStopAtLevel=1"
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
    f"spark.executorEnv.{ALLOCATOR[0]}": ALLOCATOR[1],
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.extraJavaOptions": _JAVA,
}


@contextmanager
def session_with(master: str, conf: Mapping[str, str]) -> Iterator["SparkSession"]:
    """A session; whatever is still computed when the block ends with an error is cancelled."""
    _check_packages()
    check_reachable(master)
    with _silence():
        if master.startswith(CONNECT):
            with _own_environment():
                yield from _ending(_connected(master, conf))
            return
        with tempfile.TemporaryFile() as said:
            try:
                yield from _ending(_classic(master, conf, said))
            finally:
                _end_java()


@contextmanager
def _own_environment() -> Iterator[None]:
    """Connect leaves variables behind by which what is started later would be Connect, too."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith(_OF_CONNECT)]:
            if name not in before:
                del os.environ[name]


@contextmanager
def _silence() -> Iterator[None]:
    """What Spark's packages log here is told as a problem, or is none."""
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="pyspark")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _ending(session: "SparkSession") -> Iterator["SparkSession"]:
    try:
        yield session
    except BaseException:
        with suppress(Exception):
            _cancel(session)
        raise
    finally:
        with suppress(Exception):
            session.stop()


def _cancel(session: "SparkSession") -> None:
    if is_connect(session):
        session.interruptAll()
    else:
        session.sparkContext.cancelAllJobs()


def is_connect(session: "SparkSession") -> bool:
    """Whether the session is one of Spark Connect, which has no JVM here."""
    return type(session).__module__.startswith("pyspark.sql.connect")


def _check_packages() -> None:
    try:
        import pandas as _
        import pyarrow as _  # noqa: F811
        import pyspark as _  # noqa: F401, F811
    except ImportError as missing:
        message = f"--engine spark needs packages that are not installed: {missing}"
        problem = Problem("no-spark", message, "pip install 'incentivectl[spark]'")
        raise Refused([problem], ExitCode.USAGE) from None


def _connected(master: str, conf: Mapping[str, str]) -> "SparkSession":
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.remote(master)
    for name, value in (_CONF | dict(conf)).items():
        builder = builder.config(name, value)
    try:
        with _own_interrupts():
            return builder.getOrCreate()
    except Exception as error:  # whatever Spark and its transports raise
        raise refusal(error) from error


def _classic(master: str, conf: Mapping[str, str], said: IO[bytes]) -> "SparkSession":
    """A session in a JVM of its own, which says everything into the file `said`."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    if master.startswith(LOCAL):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault(_THREADS, "1")  # of what is started from now on
    stated = SparkConf(loadDefaults=False).setMaster(master).setAppName("incentivectl")
    stated.setAll(list((_CONF | _CLASSIC_CONF | dict(conf)).items()))
    try:
        with _own_interrupts():
            gateway = launch_gateway(stated, {"stdout": said, "stderr": said})
            SparkContext._gateway, SparkContext._jvm = gateway, gateway.jvm
            return SparkSession(SparkContext(conf=stated))
    except Exception as error:  # whatever Spark and its transports raise
        raise refusal(error, _tail(said)) from error


def _tail(said: IO[bytes]) -> str:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(size - _TAIL, 0))
    return said.read().decode(errors="replace")


def _end_java() -> None:
    """Ends the JVM, which otherwise stays for another session of this process."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway is not None:
        with suppress(Exception):
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(_PATIENCE)


@contextmanager
def _own_interrupts() -> Iterator[None]:
    """Ctrl-C stays as it was: Spark would take it over, and tell of it with a traceback."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)
