"""Spark with a master and two workers on the loopback, and Spark Connect (docs/cluster.md)."""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from incentivectl.cluster.shared import SharedFolder
from incentivectl.cluster.spark import _checking
from incentivectl.cluster.spark_errors import DIFFERS, REFUSED, UNSHARED, refusal
from incentivectl.cluster.versions import versions
from incentivectl.core.errors import ExitCode, Problem, Refused
from tests.cluster.channel import write_channel
from tests.cluster.spreading import contents
from tests.small_workspace import incentivectl

HAS_SPARK = bool(shutil.which("java") and importlib.util.find_spec("pyspark"))
needs_spark = pytest.mark.skipif(not HAS_SPARK, reason="needs Java and the extra `spark`")
AGES = 900  # seconds after which a command that should have ended hangs
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
BACKEND = "CoarseGrainedExecutorBackend"


def home() -> Path:
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "SPARK_HOME": str(home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def server(command: list[str], folder: Path, port: int | None) -> Iterator[int]:
    """A server of Spark, by its number, once its port is open."""
    with (folder / f"{time.time_ns()}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment(), cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        begun = time.monotonic()
        while port is not None and time.monotonic() - begun < AGES:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server ended"
            time.sleep(0.2)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_channel(tmp_path_factory.mktemp("spark") / "w")
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    return root


def spread(root: Path, master: str, shared: Path) -> None:
    """Runs the workspace again on a cluster: the same files, and nothing is left behind."""
    folder = root / "reports" / "2026-09"
    one = contents(folder)
    shared.mkdir()
    options = ["--engine", "spark", "--master", master, "--shared", str(shared)]
    done = subprocess.run(
        [sys.executable, "-m", "incentivectl", "run", "2026-09", "-w", str(root), *options],
        env=environment(), capture_output=True, text=True, timeout=AGES, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert contents(folder) == one
    assert not list(shared.iterdir())


@needs_spark
def test_a_master_and_two_workers_of_which_one_is_killed(root: Path, tmp_path: Path) -> None:
    """An executor goes as soon as the first bucket is there; Spark starts another and tries again."""
    port = free_port()
    spark_class, url = str(home() / "bin" / "spark-class"), f"spark://127.0.0.1:{port}"
    master = [spark_class, MASTER, "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = [spark_class, WORKER, url, "-c", "1", "-m", "1g", "--webui-port", "0"]
    shared = tmp_path / "shared"
    killed: list[int] = []

    def kill_one(workers: list[int]) -> None:
        while not list(shared.glob("*/bucket-*")):
            time.sleep(0.05)
        while not (found := [one for one in map(executor_of, workers) if one]):
            time.sleep(0.05)
        os.kill(found[0], signal.SIGKILL)
        killed.append(found[0])

    with (
        server(master, tmp_path, port),
        server([*worker, "-d", str(tmp_path / "1")], tmp_path, None) as first,
        server([*worker, "-d", str(tmp_path / "2")], tmp_path, None) as second,
    ):
        threading.Thread(target=kill_one, args=([first, second],), daemon=True).start()
        spread(root, url, shared)
    assert killed


def executor_of(worker: int) -> int | None:
    """The process of the executor that a worker has started, which is of its session."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().decode(errors="replace")
            session = int((path / "stat").read_text().rpartition(")")[2].split()[3])
        except OSError:
            continue
        if BACKEND in command and session == worker:
            return int(path.name)
    return None


@needs_spark
def test_spark_connect(root: Path, tmp_path: Path) -> None:
    port = free_port()
    submit = [
        str(home() / "bin" / "spark-submit"), "--class", CONNECT, "--master", "local[2]",
        "--conf", f"spark.connect.grpc.binding.port={port}", "--conf", "spark.ui.enabled=false",
        "spark-internal",
    ]  # fmt: skip
    with server(submit, tmp_path, port):
        spread(root, f"sc://127.0.0.1:{port}", tmp_path / "shared")


def test_a_machine_with_other_versions_is_refused(tmp_path: Path) -> None:
    wanted = versions() | {"Polars": "1.0"}
    looked = _checking(len, wanted, SharedFolder(tmp_path), (DIFFERS, UNSHARED, REFUSED))
    with pytest.raises(RuntimeError) as raised:
        looked(b"")
    found = refusal(raised.value)
    assert found.exit_code == ExitCode.USAGE
    assert re.search(r"differ from this one: .* has Polars 2\.", found.problems[0].message)


def test_a_machine_that_does_not_see_the_shared_folder_is_refused(tmp_path: Path) -> None:
    looked = _checking(
        len, versions(), SharedFolder(tmp_path / "not"), (DIFFERS, UNSHARED, REFUSED)
    )
    with pytest.raises(RuntimeError) as raised:
        looked(b"")
    found = refusal(raised.value)
    assert (found.exit_code, found.problems[0].code) == (ExitCode.USAGE, "not-shared")
    assert socket.gethostname() in found.problems[0].message


def refused(_: bytes) -> bytes:
    raise Refused([Problem("too-many-lines", "too many")], ExitCode.DATA)


def test_what_a_task_refuses_is_told_as_it_is(tmp_path: Path) -> None:
    looked = _checking(refused, versions(), SharedFolder(tmp_path), (DIFFERS, UNSHARED, REFUSED))
    with pytest.raises(RuntimeError) as raised:
        looked(b"")
    found = refusal(RuntimeError(f"PythonException: {raised.value}\n  at java"))
    assert (found.exit_code, found.problems[0].message) == (ExitCode.DATA, "too many")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("OSError: [Errno 28] No space left on device: '/mnt/x'", "disk-full"),
        ("java.lang.OutOfMemoryError: Java heap space", "too-little-memory"),
        ("ExecutorLostFailure (executor 1 exited caused by one of the running tasks)", "executor-lost"),
        ("All masters are unresponsive! Giving up.", "no-cluster"),
        ("[PYTHON_VERSION_MISMATCH] Python in worker has different version", "versions-differ"),
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited", "no-java"),
        ("Could not parse Master URL: 'sparkly'", "bad-master"),
        ("Something\nValueError: odd\n", "engine-failed"),
    ],
)  # fmt: skip
def test_what_goes_wrong_on_a_cluster_has_a_name(text: str, code: str) -> None:
    (problem,) = refusal(RuntimeError(text)).problems
    assert problem.code == code
    assert problem.hint
