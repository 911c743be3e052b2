"""Each contender as a whole process: its time and peak memory, as the system counts them."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True)
class Once:
    """One run of a process: seconds on the clock, seconds of both cores, peak memory in bytes."""

    seconds: float
    cpu_seconds: float
    peak: int


@dataclass(frozen=True)
class Measured:
    """All runs of one contender; `is_floor` where it does only a part of the work."""

    name: str
    runs: tuple[Once, ...]
    is_floor: bool = False
    is_script: bool = False

    @property
    def seconds(self) -> float:
        """The median on the clock."""
        return median(run.seconds for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        """The median over both cores."""
        return median(run.cpu_seconds for run in self.runs)

    @property
    def peak(self) -> int:
        """The highest peak."""
        return max(run.peak for run in self.runs)


def run_once(arguments: Sequence[str | Path], environment: Mapping[str, str]) -> Once:
    """Runs a process to its end; a failure ends the benchmark with what it said.

    Modules are compiled once, as where the package is installed, whatever the shell says.
    """
    inherited = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(argument) for argument in arguments],
        env={**inherited, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        sys.stderr.write(said.decode(errors="replace"))
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return Once(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def engine_run(workspace: Path, memory: str | None = None) -> list[str | Path]:
    """The command that runs the engine on a workspace, within a limit where one is named."""
    command = [sys.executable, "-m", "incentivectl", "run", "2026-09", "-q", "-w", workspace]
    return command if memory is None else [*command, "--memory", memory]


def what_if(workspace: Path, asked: Sequence[str]) -> list[str | Path]:
    """The command that asks what other rules would cost."""
    command = [sys.executable, "-m", "incentivectl", "whatif", "2026-09", *asked, "-q"]
    return [*command, "-w", workspace]


def script_run(name: str, workspace: Path, out: Path) -> list[str | Path]:
    """The command that runs one of the scripts on a workspace."""
    return [sys.executable, HERE / "contenders" / f"by_{name}.py", workspace, out]
