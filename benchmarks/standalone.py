"""Runs a command with a Spark of its own: a master and workers of one core on the loopback.

    python -m benchmarks.standalone WORKERS COMMAND…     `{master}` in it stands for the URL of the master

All are processes of one session, so that whoever measures it measures the whole cluster.
"""

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

MASTER = "{master}"  # in a command, instead of the URL
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_HOST = "127.0.0.1"
_PATIENCE = 60  # seconds for a master to begin


def with_spark(workers: int, command: Sequence[str | Path]) -> list[str | Path]:
    """The command that runs another one so."""
    return [sys.executable, "-m", "benchmarks.standalone", str(workers), *command]


def main(workers: int, command: Sequence[str]) -> int:
    """The command's exit code."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        sys.stderr.write("pip install -e '.[spark]'\n")
        return 1
    home = Path(spec.origin).parent
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running, socket.socket() as free:
        free.bind((_HOST, 0))
        port = free.getsockname()[1]
        free.close()
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": _HOST,
            "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1",
            "PYSPARK_PYTHON": sys.executable,
        }
        url, start = f"spark://{_HOST}:{port}", [str(home / "bin" / "spark-class")]
        master = [*start, _MASTER, "--host", _HOST, "--port", str(port), "--webui-port", "0"]
        running.enter_context(_running(master, environment))
        _wait_for(port)
        for number in range(workers):
            own = [*start, _WORKER, url, "-c", "1", "-m", "2g", "--webui-port", "0"]
            running.enter_context(_running([*own, "-d", f"{folder}/{number}"], environment))
        filled = [word.replace(MASTER, url) for word in command]
        return subprocess.run(filled, env=environment, check=False).returncode


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < _PATIENCE:
        with socket.socket() as one:
            if one.connect_ex((_HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the master of Spark did not begin")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
