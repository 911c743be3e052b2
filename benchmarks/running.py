"""What is measured of a workspace: the engine, the scripts beside it, the bare scan; each checked."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.comparing import differences, earned
from benchmarks.measuring import (
    Measured,
    Once,
    engine_run,
    run_once,
    run_spread,
    script_run,
    what_if,
)
from benchmarks.standalone import with_spark

Contenders = Mapping[str, Callable[[], Once]]
COLD, WARM, FLOOR = "incentivectl, cold", "incentivectl, warm", "Polars scan (floor)"
SCRIPTS = {"duckdb": "DuckDB script", "pandas": "pandas script", "csv": "Python's csv module"}
RATE = "retroactive.reward.tiers.1.rate"
QUESTIONS = {
    "whatif, one rate": ["--set", f"{RATE}=4%"],
    "whatif, sweep of 7": ["--sweep", f"{RATE}=2%..8%/1%"],
}


def in_turn(contenders: Contenders, times: int) -> list[Measured]:
    """All contenders one after the other, so many times."""
    runs: dict[str, list[Once]] = defaultdict(list)
    for _ in range(times):
        for name, run in contenders.items():
            runs[name].append(run())
    is_script = set(SCRIPTS.values())
    return [
        Measured(name, tuple(found), is_floor=name == FLOOR, is_script=name in is_script)
        for name, found in runs.items()
    ]


class Bench:
    """Contenders of one workspace; runs of the engine must all write the same earnings."""

    def __init__(self, workspace: Path, is_right: Callable[[Path], None] | None = None) -> None:
        """`is_right` judges the first earnings, and ends the benchmark where they are wrong."""
        self.workspace = workspace
        self.results = workspace / "reports" / "2026-09" / "earnings.csv"
        self._cache = workspace.parent / f"{workspace.name}-cache"
        self._is_right = is_right
        self._first: bytes | None = None

    def engine(self, limits: Sequence[str], label: str = "incentivectl") -> Contenders:
        """A cold run, a warm run, and a cold one within each limit of memory."""
        within = {f"{label}, cold, {limit}": self._within(limit) for limit in limits}
        return {f"{label}, cold": self.cold, f"{label}, warm": self.warm, **within}

    def questions(self) -> Contenders:
        """What other rules would cost, asked of a warm cache."""
        return {name: self._question(asked) for name, asked in QUESTIONS.items()}

    def scripts(self, names: Sequence[str]) -> Contenders:
        """The scripts, whose money must be the engine's."""
        return {SCRIPTS[name]: self._script(name) for name in names}

    def floor(self) -> Contenders:
        """The bare scan."""
        out = self.workspace.parent / "floor.csv"
        return {FLOOR: lambda: run_once(script_run("floor", self.workspace, out), {})}

    def cold(self) -> Once:
        """A run with an empty cache, which it fills."""
        shutil.rmtree(self._cache, ignore_errors=True)
        return self._run(str(self._cache))

    def warm(self) -> Once:
        """A run with the cache that a cold one filled."""
        return self._run(str(self._cache))

    def spread(self, options: Sequence[str], workers: int = 0) -> Callable[[], Once]:
        """A run that the options spread over processes or a cluster, of so many workers if it has its own."""
        return lambda: self._spread(options, workers)

    def _spread(self, options: Sequence[str], workers: int) -> Once:
        command = engine_run(self.workspace, None, options)
        return self._checked(run_spread(with_spark(workers, command) if workers else command, {}))

    def _within(self, limit: str) -> Callable[[], Once]:
        return lambda: self._run("", limit)

    def _run(self, cache: str, limit: str | None = None) -> Once:
        command = engine_run(self.workspace, limit)
        return self._checked(run_once(command, {"INCENTIVECTL_CACHE": cache}))

    def _checked(self, once: Once) -> Once:
        """What was measured, once the results are those of the run before."""
        found = self.results.read_bytes()
        if self._first is None:
            self._first = found
            if self._is_right:
                self._is_right(self.results)
        if found != self._first:
            raise SystemExit("results differ between runs")
        return once

    def _question(self, asked: Sequence[str]) -> Callable[[], Once]:
        environment = {"INCENTIVECTL_CACHE": str(self._cache)}
        return lambda: run_once(what_if(self.workspace, asked), environment)

    def _script(self, name: str) -> Callable[[], Once]:
        out = self.workspace.parent / f"{name}.csv"

        def run() -> Once:
            once = run_once(script_run(name, self.workspace, out), {})
            refuse(name, differences(earned(self.results), earned(out)))
            return once

        return run


def refuse(name: str, wrong: Sequence[str]) -> None:
    """Ends the benchmark where money differs."""
    if wrong:
        raise SystemExit(f"{name} arrives at other money: {'; '.join(wrong[:5])}")
