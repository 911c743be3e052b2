"""Ctrl-C and SIGTERM end a command soon, with one sentence, and leave nothing half done (rule 61.2)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.workspace import write_workspace

SENTENCE = "interrupted: nothing is left half done\n"
AGES = 60  # seconds after which a command that should have ended hangs
DEAF = """
import os, signal, threading
import polars as pl
from incentivectl.cli.interrupts import interruptible
from incentivectl.core.scratch import scratch_folder

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

numbers = pl.int_range(3_000_000, eager=True).shuffle(1).cast(pl.String)
with interruptible(), scratch_folder() as folder:
    open(folder + "/half", "w").close()
    threading.Timer(0.1, interrupt).start()
    while True:
        try:
            while True:
                numbers.sort()
        except KeyboardInterrupt:
            pass
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("interrupted") / "w"
    write_workspace(root, 150_000, 2)
    return root


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
@pytest.mark.parametrize("stage", ["reading exports", "retroactive", "writing"])
def test_nothing_is_left_half_done(
    workspace: Path, tmp_path: Path, stage: str, number: signal.Signals
) -> None:
    before = workspace / "reports" / "2026-09"
    before.mkdir(parents=True, exist_ok=True)
    for path in before.rglob("*.csv"):
        path.unlink()
    (before / "manifest.toml").write_text("before", encoding="utf-8")
    temporary, cache = tmp_path / "temporary", tmp_path / "cache"
    temporary.mkdir()
    code, said = _interrupted(workspace, stage, number, temporary, cache)
    assert not list(temporary.iterdir())
    assert not list(cache.rglob(".new-*"))
    assert [path.name for path in before.parent.iterdir()] == ["2026-09"]
    if code == 0:  # it was quicker than the signal, which only the last stage can be
        assert stage == "writing"
        assert "totals" in (before / "manifest.toml").read_text(encoding="utf-8")
        return
    assert code == 130
    assert said.endswith(SENTENCE)
    assert said.count("interrupted") == 1
    assert (before / "manifest.toml").read_text(encoding="utf-8") == "before"


def _interrupted(
    workspace: Path, stage: str, number: signal.Signals, temporary: Path, cache: Path
) -> tuple[int, str]:
    """The exit code, and what stderr said, of a run that gets a signal once it is at `stage`."""
    command = [sys.executable, "-m", "incentivectl", "run", "2026-09", "-v", "-w", str(workspace)]
    environment = {"TMPDIR": str(temporary), "INCENTIVECTL_CACHE": str(cache)}
    with subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if line.strip() == stage:
                process.send_signal(number)
                break
        said += process.communicate(timeout=AGES)[1]
    return process.returncode, said


def test_what_does_not_hear_the_signal_is_ended_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DEAF],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=AGES,
    )
    assert done.returncode == 130
    assert done.stderr == SENTENCE
    assert not list(tmp_path.iterdir())
