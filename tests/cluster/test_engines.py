"""`--engine` on the command line: the same files, what is refused, and nothing is left (docs/cluster.md)."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cluster.channel import write_channel
from tests.cluster.spreading import contents
from tests.small_workspace import CONFIG, incentivectl, write_workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_workspace(tmp_path / "w")


def test_processes_give_the_same_files_and_are_posted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the batch is computed again from its archive."""
    root = write_channel(tmp_path / "w")
    config = root / "incentivectl.toml"
    config.write_text(
        config.read_text() + '[settlement]\nfirst_period = "2026-07"\n[engine]\nbuckets = 3\n'
    )
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    folder = root / "reports" / "2026-09"
    one = contents(folder)
    shared, temporary = tmp_path / "shared", tmp_path / "temporary"
    shared.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    spread = ("--engine", "processes", "--master", "2", "--shared", shared.as_uri())
    result = incentivectl("run", "2026-09", "-w", root, *spread)
    assert result.exit_code == 0, result.output
    assert contents(folder) == one
    assert not list(shared.iterdir())
    assert not list(temporary.iterdir())
    allowed = ("--allow", "surge", "--allow", "rejects:sales")
    posted = incentivectl("batch", "post", "2026-09", "-w", root, *spread, *allowed)
    assert posted.exit_code == 0, posted.output
    again = incentivectl("run", "--batch", "2026-09.1", "-w", root)
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--engine", "dask"], "unknown engine `dask`"),
        (["--master", "4"], "--master and --shared belong to an engine"),
        (["--engine", "processes", "--master", "many"], "--master many is not a number"),
        (["--engine", "spark"], "--engine spark needs a cluster"),
        (["--engine", "spark", "--master", "spark://h:7077"], "needs a shared place"),
        (
            ["--engine", "processes", "--shared", "ftp://b/x"],
            "is not in a storage that can be used",
        ),
        (["--engine", "processes", "--shared", "hdfs://h/x"], "copy it to object storage"),
        (["--engine", "processes", "--shared", "file://h/x"], "write file:/// and the path"),
        (["--engine", "processes", "--shared", "/not/there"], "is not there"),
        (["--engine", "processes", "--lines"], "--lines looks at lines one by one"),
        (["--engine", "processes", "--as-known-on", "2026-09-01"], "--as-known-on looks at lines"),
    ],
)
def test_what_does_not_go_together_is_refused(root: Path, options: list[str], told: str) -> None:
    result = incentivectl("run", "2026-09", "-w", root, *options)
    assert result.exit_code == 2, result.output
    assert told in " ".join(result.output.split())
    assert not (root / "reports").exists()


def test_a_batch_is_computed_again_on_one_machine(root: Path) -> None:
    result = incentivectl("run", "--batch", "2026-09.1", "-w", root, "--engine", "processes")
    assert result.exit_code == 2
    assert "leave out --engine" in " ".join(result.output.split())


@pytest.mark.parametrize("command", [("metrics", "2026-09"), ("check",), ("todo", "2026-09")])
def test_what_is_for_one_machine_says_so(tmp_path: Path, command: tuple[str, ...]) -> None:
    """It works, and its result on stdout is not disturbed."""
    root = write_workspace(tmp_path / "w", config=CONFIG + '[engine]\nname = "processes"\n')
    said = incentivectl(*command, "-w", root, "--format", "json")
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)
    assert "note: this machine reads everything by itself: [engine]" in said.stderr
    assert "[engine]" not in incentivectl(*command, "-w", root, "-q").stderr
    root = write_workspace(tmp_path / "without")
    assert "[engine]" not in incentivectl(*command, "-w", root).stderr


def test_options_win_over_the_config(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", config=CONFIG + '[engine]\nname = "spark"\n')
    assert "needs a cluster" in incentivectl("run", "2026-09", "-w", root).output
    assert incentivectl("run", "2026-09", "-w", root, "--engine", "none").exit_code == 0


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('name = "dask"', "an engine"),
        ("buckets = 0", "expected 1 to 10,000 buckets, not 0"),
        ("conf = 1", "expected a table of texts"),
        ("executors = 4", "unknown key"),
    ],
)
def test_what_is_wrong_in_the_config(tmp_path: Path, key: str, told: str) -> None:
    root = write_workspace(tmp_path / "w", config=f"{CONFIG}[engine]\n{key}\n")
    result = incentivectl("run", "2026-09", "-w", root)
    assert result.exit_code == 3
    assert told in " ".join(result.output.split())


def test_a_damaged_file_is_told_as_on_one_machine(root: Path) -> None:
    (root / "sample_data" / "sales.csv").rename(root / "sample_data" / "sales-1.csv")
    config = root / "incentivectl.toml"
    config.write_text(config.read_text() + '[sources.sales]\npath = "sample_data/sales-*"\n')
    (root / "sample_data" / "sales-2.csv.gz").write_bytes(b"\x1f\x8b broken")
    one = incentivectl("run", "2026-09", "-w", root, "--no-cache")
    many = incentivectl("run", "2026-09", "-w", root, "--engine", "processes", "--master", "1")
    assert (one.exit_code, one.stderr) == (many.exit_code, many.stderr)
    assert one.exit_code == 4


def test_corrected_rejects_are_read_here(tmp_path: Path) -> None:
    """They stand in for rows of other files, so that all files are read together."""
    config = CONFIG + '[sources.sales]\npath = "sample_data/sales*.csv"\n'
    root = write_workspace(tmp_path / "w", config=config)
    sales = root / "sample_data" / "sales.csv"
    sales.write_text(sales.read_text().replace("P2,SKU-1", "NOBODY,SKU-1"))
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    folder = root / "reports" / "2026-09"
    corrected = (folder / "rejects" / "sales.csv").read_text().replace("NOBODY", "P2")
    (root / "sample_data" / "sales-corrected.csv").write_text(corrected)
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    one = contents(folder)
    assert incentivectl("run", "2026-09", "-w", root, "--engine", "processes").exit_code == 0
    assert contents(folder) == one
    assert b"superseded = 1" in one["manifest.toml"]


@pytest.mark.parametrize("stage", ["starting processes", "round 1: asking 3 buckets"])
def test_ctrl_c_leaves_no_process_and_no_file(tmp_path: Path, stage: str) -> None:
    root = write_channel(tmp_path / "w")
    folders = [tmp_path / "temporary", tmp_path / "shared"]
    for folder in folders:
        folder.mkdir()
    config = root / "incentivectl.toml"
    config.write_text(f'{config.read_text()}[engine]\nbuckets = 3\nshared = "{folders[1]}"\n')
    options = ["--engine", "processes", "--master", "2", "--shared", str(folders[1])]
    with subprocess.Popen(
        [sys.executable, "-m", "incentivectl", "run", "2026-09", "-v", "-w", str(root), *options],
        env={**os.environ, "TMPDIR": str(folders[0])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(stage):
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
                break
        said = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert said.endswith("interrupted: nothing is left half done\n")
    ended = time.monotonic()
    while _of_session(process.pid):
        assert time.monotonic() - ended < 60
        time.sleep(0.1)
    assert [list(folder.iterdir()) for folder in folders] == [[], []]
    assert not (root / "reports").exists()


def _of_session(session: int) -> list[str]:
    """The processes of a session that are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, own = (path / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(own) == session and state != "Z":
            found.append(path.name)
    return found
