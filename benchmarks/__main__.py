"""Times the engine beside what a user would write instead, on generated sales.

    python -m benchmarks --lines 10_000_000 --files 1 --times 5

Every contender is run as a whole process, in turn, so many times; all must arrive at the same money to
the cent. `--memory 900MB` adds cold runs within that limit, and may be given several times. Tables are
added to benchmarks/RESULTS.md between its markers, charts lie beside it. Needs the extra `bench`:
pip install -e '.[bench]'.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.comparing import differences, earned
from benchmarks.measuring import HERE, Measured, Once, engine_run, run_once, script_run, what_if
from benchmarks.results import chart, table
from benchmarks.workspace import write_workspace

SETTLED = 3  # seconds after which a file's times are trusted by the cache
COLD, WARM, FLOOR = "incentivectl, cold", "incentivectl, warm", "Polars scan (floor)"
WHAT_IF, SWEEP = "whatif, one rate", "whatif, sweep of 7"
RATE = "retroactive.reward.tiers.1.rate"
QUESTIONS = {WHAT_IF: ["--set", f"{RATE}=4%"], SWEEP: ["--sweep", f"{RATE}=2%..8%/1%"]}
SCRIPTS = {"duckdb": "DuckDB script", "pandas": "pandas script", "csv": "Python's csv module"}


def main() -> int:
    """Generates the input, measures, compares and writes the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--without", action="append", default=[], choices=SCRIPTS)
    parser.add_argument("--memory", action="append", default=[], metavar="SIZE")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        workspace = Path(folder) / "workspace"
        write_workspace(workspace, options.lines, options.files)
        time.sleep(SETTLED)
        scripts = [name for name in SCRIPTS if name not in options.without]
        measured = measure(workspace, Path(folder), scripts, options.times, options.memory)
    files = "1 file" if options.files == 1 else f"{options.files} files"
    title = f"{options.lines:,} lines in {files}"
    section = f"{table(measured)}\n\n{options.times} runs each, in turn."
    name = f"chart-{options.lines}-{options.files}.svg"
    (options.out.parent / name).write_text(chart(measured, title), encoding="utf-8")
    write_section(options.out, title, f"{section}\n\n![{title}]({name})")
    sys.stdout.write(f"{title}\n\n{section}\n")
    return 0


def measure(
    workspace: Path, folder: Path, scripts: list[str], times: int, limits: Sequence[str] = ()
) -> list[Measured]:
    """Every contender `times` times, in turn; refuses results that differ."""
    runs: dict[str, list[Once]] = defaultdict(list)
    results = workspace / "reports" / "2026-09" / "earnings.csv"
    for _ in range(times):
        cache = folder / "cache"
        shutil.rmtree(cache, ignore_errors=True)
        environment = {"INCENTIVECTL_CACHE": str(cache)}
        runs[COLD].append(run_once(engine_run(workspace), environment))
        cold = results.read_bytes()
        runs[WARM].append(run_once(engine_run(workspace), environment))
        if results.read_bytes() != cold:
            raise SystemExit("the warm run gave other results than the cold one")
        for limit in limits:
            emptied = {"INCENTIVECTL_CACHE": ""}
            runs[f"{COLD}, {limit}"].append(run_once(engine_run(workspace, limit), emptied))
            if results.read_bytes() != cold:
                raise SystemExit(f"within {limit} the results are others")
        for name, asked in QUESTIONS.items():
            runs[name].append(run_once(what_if(workspace, asked), environment))
        for name in scripts:
            out = folder / f"{name}.csv"
            runs[SCRIPTS[name]].append(run_once(script_run(name, workspace, out), {}))
            wrong = differences(earned(results), earned(out))
            if wrong:
                raise SystemExit(f"{name} arrives at other money: {'; '.join(wrong[:5])}")
        runs[FLOOR].append(run_once(script_run("floor", workspace, folder / "floor.csv"), {}))
    return [Measured(name, tuple(found), name == FLOOR) for name, found in runs.items()]


def write_section(file: Path, title: str, text: str) -> None:
    """Puts `text` under the heading `title` of the results, in place of what stood there."""
    begin, end = f"<!-- {title} -->", f"<!-- end of {title} -->"
    block = f"{begin}\n### {title}\n\n{text}\n{end}\n"
    before = file.read_text(encoding="utf-8") if file.exists() else "# Results\n"
    if begin in before:
        head, rest = before.split(begin, 1)
        block = head + block + rest.split(f"{end}\n", 1)[1]
    else:
        block = f"{before.rstrip()}\n\n{block}"
    file.write_text(block, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
