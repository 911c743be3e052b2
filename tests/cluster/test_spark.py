"""Spark with a master and two workers on the loopback, and Spark Connect there (docs/cluster.md)."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from incentivectl.cluster.engine import Engine
from incentivectl.cluster.shared import SharedFolder
from incentivectl.cluster.spark import spark
from tests.cluster.channel import write_channel
from tests.cluster.large import PERIOD, ROOT, alike, large_one_alike, million_lines
from tests.cluster.spreading import contents, files_of
from tests.cluster.standalone import AGES, CONF, Cluster, connect, needs_spark, standalone
from tests.prepared import made_once
from tests.properties.features import switched_on
from tests.properties.workspaces import ALL_KINDS, Workspace, workspaces
from tests.small_workspace import incentivectl

EXAMPLES = int(os.environ.get("SPARK_EXAMPLES", "3"))


@needs_spark
def test_a_cluster_gives_the_files_of_one_machine(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """One test, since a session needs all cores of the cluster, and Java takes long to start."""
    root = write_channel(tmp_path / "channel")
    config = root / "incentivectl.toml"
    conf = "".join(f'"{name}" = "{value}"\n' for name, value in CONF.items())
    first = '[settlement]\nfirst_period = "2026-07"\n'
    config.write_text(f"{config.read_text()}{first}[engine]\nbuckets = 3\n[engine.conf]\n{conf}")
    assert incentivectl("run", PERIOD, "-w", root, "--engine", "none").exit_code == 0
    shared = tmp_path / "shared"
    shared.mkdir()
    (tmp_path / "cluster").mkdir()
    with standalone(tmp_path / "cluster") as cluster:
        with spark(cluster.url, SharedFolder(shared), CONF, print) as engine:
            with subtests.test("generated workspaces"):
                generated(engine)
            with subtests.test("the sample"):
                large_one_alike(ROOT, engine, 5, tmp_path)
            with subtests.test("a million lines, while an executor is killed"):
                while_one_is_killed(cluster, engine, shared, tmp_path)
        shutil.rmtree(shared)
        shared.mkdir()
        with subtests.test("Ctrl-C"):
            interrupted(root, cluster.url, shared)
        with subtests.test("a batch is posted"):
            posted(root, cluster.url, shared)
        with connect(cluster) as url:
            with subtests.test("Connect: a run"):
                ran(root, url, shared)
            with subtests.test("Connect: Ctrl-C"):
                interrupted(root, url, shared)
            with spark(url, SharedFolder(shared), {}, print) as engine:
                with subtests.test("Connect: generated workspaces"):
                    generated(engine)
                with subtests.test("Connect: the sample"):
                    large_one_alike(ROOT, engine, 2, tmp_path)
        with subtests.test("Connect: nothing is left in the environment"):
            assert "SPARK_CONNECT_MODE_ENABLED" not in os.environ


def generated(engine: Engine) -> None:
    """Workspaces with all kinds and features, in 1 to 40 buckets."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        workspace=workspaces(ALL_KINDS, features=switched_on()),
        buckets=st.integers(min_value=1, max_value=40),
    )
    def settle_alike(workspace: Workspace, buckets: int) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder, root = Path(name), Path(name) / "w"
            workspace.write(root)
            files_of(root, workspace.period, folder / "here", None)
            alike(folder / "here", root, workspace.period, engine, buckets, folder)

    settle_alike()


def while_one_is_killed(cluster: Cluster, engine: Engine, shared: Path, folder: Path) -> None:
    """An executor goes as soon as the first bucket is there; Spark starts another and tries again."""
    killed: list[int] = []
    over = threading.Event()

    def kill_one() -> None:
        before = set(shared.glob("bucket-*"))
        while not over.wait(0.02):
            if set(shared.glob("bucket-*")) - before:
                killed.append(cluster.kill_an_executor())
                return

    killing = threading.Thread(target=kill_one)
    killing.start()
    try:
        large_one_alike(made_once(million_lines), engine, 4, folder)
    finally:
        over.set()
        killing.join()
    assert killed


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "incentivectl", *map(str, arguments)]


def told(*arguments: str | Path) -> str:
    """What a command says on stderr; it must end well."""
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=AGES, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def spread(master: str, shared: Path) -> list[str]:
    return ["--engine", "spark", "--master", master, "--shared", str(shared)]


def posted(root: Path, master: str, shared: Path) -> None:
    """A batch that Spark computes is that of one machine: it is computed again from its archive."""
    allowed = ["--allow", "surge", "--allow", "rejects:sales"]
    said = told(
        "batch", "post", PERIOD, "-v", "-w", root, *spread(master, shared), *allowed
    ).splitlines()
    assert "starting spark" in said
    assert any(line.startswith("round 1: asking 3 buckets") for line in said)
    assert not [line for line in said if "WARN" in line or "log4j" in line]
    assert not list(shared.iterdir())
    again = incentivectl("run", "--batch", "2026-09.1", "-w", root)
    assert again.exit_code == 0, again.output


def ran(root: Path, master: str, shared: Path) -> None:
    """A run has the files of one machine, and no word of Spark on the terminal."""
    folder = root / "reports" / PERIOD
    assert incentivectl("run", PERIOD, "-w", root, "--engine", "none").exit_code == 0
    one = contents(folder)
    assert told("run", PERIOD, "-w", root, *spread(master, shared)) == ""
    assert contents(folder) == one
    assert not list(shared.iterdir())


def interrupted(root: Path, master: str, shared: Path) -> None:
    """Ctrl-C in the midst of a round: one sentence, and nothing is left."""
    begun = command("run", PERIOD, "-v", "-w", root, *spread(master, shared))
    with subprocess.Popen(
        begun, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("round 2: asking"):
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
                break
        said = process.communicate(timeout=AGES)[1]
    assert process.returncode == 130
    assert said == "interrupted: nothing is left half done\n"
    time.sleep(2)  # a task that was under way must not bring anything back
    assert not list(shared.iterdir())
    assert not list((root / "reports").glob("*/.incentivectl-*"))
