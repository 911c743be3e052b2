"""Spark on the loopback: a standalone master with two workers of one core each, and a server of Connect."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HAS_SPARK = bool(shutil.which("java") and importlib.util.find_spec("pyspark"))
needs_spark = pytest.mark.skipif(not HAS_SPARK, reason="needs Java and the extra `spark`")
AGES = 900  # seconds after which what should have ended hangs
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
EXECUTOR = "CoarseGrainedExecutorBackend"
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # a JVM that does not live long
CONF = {"spark.driver.extraJavaOptions": QUICK, "spark.executor.extraJavaOptions": QUICK}


@dataclass(frozen=True)
class Cluster:
    """A running cluster: its master, the sessions of its workers, and a folder for what belongs to it."""

    url: str
    workers: tuple[int, ...]
    folder: Path

    def kill_an_executor(self) -> int:
        """Kills a process that works for an application, by its number, once there is one."""
        begun = time.monotonic()
        while time.monotonic() - begun < AGES:
            for number in self._processes(EXECUTOR):
                os.kill(number, signal.SIGKILL)
                return number
            time.sleep(0.05)
        raise TimeoutError

    def _processes(self, part: str) -> Iterator[int]:
        """The processes that workers have started, and with this in their command."""
        for path in Path("/proc").glob("[0-9]*"):
            try:
                command = (path / "cmdline").read_bytes().decode(errors="replace")
                session = int((path / "stat").read_text().rpartition(")")[2].split()[3])
            except OSError:
                continue
            if part in command and session in self.workers:
                yield int(path.name)


@contextmanager
def standalone(folder: Path) -> Iterator[Cluster]:
    """A cluster, and an environment in which this process and those that it starts use it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(folder).items():
            patch.setenv(name, value)
        patch.delenv("PYTHONPYCACHEPREFIX", raising=False)  # packages are compiled where they are
        port = free_port()
        url = f"spark://127.0.0.1:{port}"
        of_spark = str(folder / "spark" / "bin" / "spark-class")
        master = [of_spark, MASTER, "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
        worker = [of_spark, WORKER, url, "-c", "1", "-m", "1g", "--webui-port", "0", "-d"]
        with (
            server(master, folder, port),
            server([*worker, str(folder / "1")], folder) as first,
            server([*worker, str(folder / "2")], folder) as second,
        ):
            yield Cluster(url, (first, second), folder)


@contextmanager
def connect(cluster: Cluster) -> Iterator[str]:
    """A server of Connect that works on the cluster, by its URL."""
    port = free_port()
    conf = {
        **CONF, "spark.connect.grpc.binding.port": str(port), "spark.ui.enabled": "false",
        "spark.executorEnv.POLARS_MAX_THREADS": "1",
    }  # fmt: skip
    submit = [str(cluster.folder / "spark" / "bin" / "spark-submit"), "--class", CONNECT]
    stated = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    command = [*submit, "--master", cluster.url, *stated, "spark-internal"]
    with server(command, cluster.folder, port):
        yield f"sc://127.0.0.1:{port}"


def _environment(folder: Path) -> dict[str, str]:
    return {
        "SPARK_HOME": str(_home(folder / "spark")),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def _home(folder: Path) -> Path:
    """Spark without its archive of pyspark, which Python would compile anew in each process."""
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    folder.mkdir()
    for part in ("bin", "jars"):
        (folder / part).symlink_to(Path(spec.origin).parent / part)
    return folder


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def server(command: Sequence[str], folder: Path, port: int | None = None) -> Iterator[int]:
    """A server of Spark, by its number, once its port is open."""
    with (folder / f"{time.time_ns()}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        begun = time.monotonic()
        while port is not None:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server ended"
            assert time.monotonic() - begun < AGES
            time.sleep(0.2)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(AGES)
