"""What goes wrong on a cluster, in plain words with what to do (docs/cluster.md, 111.6)."""

import re
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from incentivectl.cluster import spark as spark_engine
from incentivectl.cluster.engine import Told
from incentivectl.cluster.reachable import check_reachable
from incentivectl.cluster.shared import SharedFolder
from incentivectl.cluster.spark import Spark
from incentivectl.cluster.spark_errors import DIFFERS, REFUSED, UNSHARED, refusal
from incentivectl.cluster.spark_tasks import looking_first
from incentivectl.cluster.versions import versions
from incentivectl.core.errors import ExitCode, Problem, Refused


def test_a_machine_with_other_versions_is_refused(tmp_path: Path) -> None:
    wanted = versions() | {"Polars": "1.0"}
    looked = looking_first(len, wanted, SharedFolder(tmp_path), (DIFFERS, UNSHARED, REFUSED))
    with pytest.raises(RuntimeError) as raised:
        looked(b"")
    found = refusal(raised.value)
    assert found.exit_code == ExitCode.USAGE
    assert re.search(r"differ from this one: .* has Polars 2\.", found.problems[0].message)


def test_a_machine_that_does_not_see_the_shared_folder_is_refused(tmp_path: Path) -> None:
    looked = looking_first(
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
    looked = looking_first(
        refused, versions(), SharedFolder(tmp_path), (DIFFERS, UNSHARED, REFUSED)
    )
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
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited\nJAVA_HOME is not set", "no-java"),
        ("spark-class: line 71: /nope/bin/java: No such file or directory", "no-java"),
        ("[JAVA_GATEWAY_EXITED] …\nInvalid maximum heap size: -Xmxlots", "bad-conf"),
        (
            ": org.apache.spark.SparkIllegalArgumentException: [INVALID_DRIVER_MEMORY.SYSTEM_MEMORY]"
            " Insufficient driver memory: System memory 104857600 must be at least 471859200.\n\tat x.y",
            "bad-conf",
        ),
        ("Could not parse Master URL: 'sparkly'", "bad-master"),
        ("Something\nValueError: odd\n", "engine-failed"),
    ],
)  # fmt: skip
def test_what_goes_wrong_on_a_cluster_has_a_name(text: str, code: str) -> None:
    (problem,) = refusal(RuntimeError(text)).problems
    assert problem.code == code
    assert problem.hint


def test_what_is_thrown_is_told_without_the_place_in_the_code() -> None:
    java = "An error occurred.\n: org.apache.spark.SparkException: no luck\n\tat a.B(C.java:1)"
    (problem,) = refusal(RuntimeError(java)).problems
    assert problem.message == "Spark gave up: SparkException: no luck"
    (problem,) = refusal(RuntimeError("[JAVA_GATEWAY_EXITED] …"), "first\nthe last word\n").problems
    assert problem.message == "Spark gave up: the last word"


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_a_cluster_that_does_not_answer_is_refused_at_once(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Java, which would try for a minute."""
    for name in ("grpc_proxy", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))  # nobody listens
        port = one.getsockname()[1]
        with pytest.raises(Refused) as raised:
            check_reachable(f"{scheme}://127.0.0.1:{port}")
    (problem,) = raised.value.problems
    assert (raised.value.exit_code, problem.code) == (ExitCode.CONFIG, "no-cluster")
    assert "connection refused" in problem.message


def test_one_master_of_several_is_enough() -> None:
    with socket.socket() as silent, socket.create_server(("127.0.0.1", 0)) as there:
        silent.bind(("127.0.0.1", 0))
        ports = silent.getsockname()[1], there.getsockname()[1]
        check_reachable(f"spark://127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}")
    check_reachable("yarn")
    check_reachable("k8s://https://127.0.0.1:1")


class Waiting(Spark):
    """Spark that ends its first tasks only when it was told that it waits."""

    def __init__(self) -> None:
        self.width = 1
        self.told: list[Problem] = []
        self._is_told = threading.Event()

    def tell(self, problem: Problem) -> None:
        self.told.append(problem)
        self._is_told.set()

    def each(
        self, work: Callable[[bytes], bytes], tasks: Sequence[bytes], told: Told
    ) -> list[bytes]:
        """See `Engine`."""
        assert self._is_told.wait(600)
        return list(tasks)


def test_a_cluster_that_has_nobody_for_the_first_tasks_is_told() -> None:
    engine = Waiting()
    with patch.object(spark_engine, "_SLOW", 0.01):
        engine.look(engine.tell)
    (problem,) = engine.told
    assert (problem.code, problem.severity) == ("spark-waits", "warning")
    assert "Ctrl-C" in problem.hint
