"""Each contender as a whole process: its time and peak memory, as the system counts them."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
_LOOK = 0.2  # seconds between two looks at processes
_PAGE = os.sysconf("SC_PAGE_SIZE")
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


def run_spread(arguments: Sequence[str | Path], environment: Mapping[str, str]) -> Once:
    """The same of a process with all that it starts, looked at several times a second.

    What a process did after the last look is missing; the peak adds up what all of them hold.
    """
    inherited = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    begun, peak = time.perf_counter(), 0
    seconds_of: dict[str, float] = {}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            env={**inherited, **environment},
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        while process.poll() is None:
            found = dict(_of_session(process.pid))
            seconds_of |= {name: seconds for name, (seconds, _) in found.items()}
            peak = max(peak, sum(size for _, size in found.values()))
            time.sleep(_LOOK)
        seconds = time.perf_counter() - begun
        if process.returncode:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            raise SystemExit(f"{arguments} ended with {process.returncode}")
    return Once(seconds, sum(seconds_of.values()), peak)


def _of_session(session: int) -> Iterator[tuple[str, tuple[float, int]]]:
    """The processes of a session: seconds of processor time, and bytes in memory."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            ticks = int(fields[11]) + int(fields[12])
            yield path.name, (ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * _PAGE)


def engine_run(
    workspace: Path, memory: str | None = None, spread: Sequence[str] = ()
) -> list[str | Path]:
    """The command that runs the engine on a workspace, within a limit, or `spread` by its options."""
    command = [sys.executable, "-m", "incentivectl", "run", "2026-09", "-q", "-w", workspace]
    return [*command, *spread, *([] if memory is None else ["--memory", memory])]


def what_if(workspace: Path, asked: Sequence[str]) -> list[str | Path]:
    """The command that asks what other rules would cost."""
    command = [sys.executable, "-m", "incentivectl", "whatif", "2026-09", *asked, "-q"]
    return [*command, "-w", workspace]


def script_run(name: str, workspace: Path, out: Path) -> list[str | Path]:
    """The command that runs one of the scripts on a workspace."""
    return [sys.executable, HERE / "contenders" / f"by_{name}.py", workspace, out]
