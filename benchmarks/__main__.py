"""Times the engine beside what a user would write instead, on generated sales.

    python -m benchmarks --lines 10_000_000 --times 5             six programs, everybody
    python -m benchmarks --lines 10_000_000 --case no-line-id     the same, of an export without line_id
    python -m benchmarks --case programs                          204 programs beside six
    python -m benchmarks --case sample                            the sample, and 1,000 programs over it
    python -m benchmarks --case payees --payees 1_000_000         a million partners with 2 lines each
    python -m benchmarks --case contracts --contracts 100_000     so many contracts beside three tiers
    python -m benchmarks --case files --files 30                  30 files beside one, of the same lines
    python -m benchmarks --case spread --lines 10_000_000         spread over processes, and over Spark

Every contender is run as a whole process, in turn, so many times; all must arrive at the same money to
the cent. `--memory 900MB` adds cold runs within that limit, and may be given several times (not for
files); `--without csv` leaves out one of them. Tables are added to benchmarks/RESULTS.md between its
markers, charts lie beside it. Needs the extra `bench`: pip install -e '.[bench]'.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from benchmarks.cases import CASES, SPARK, Asked
from benchmarks.measuring import HERE
from benchmarks.results import chart, table, write_section
from benchmarks.running import SCRIPTS


def main() -> int:
    """Generates the input, measures, compares and writes the results."""
    name, asked, out = _asked()
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        measured = case.measure(asked, Path(folder))
    title = case.title(asked)
    runs = "One run each" if asked.times == 1 else f"{asked.times} runs each, in turn"
    section = f"{table(measured)}\n\n{' '.join([f'{runs}.', case.note]).strip()}"
    sizes = re.findall(r"\d+", title.replace(",", ""))
    picture = f"{'-'.join(['chart', *([] if name == 'six' else [name]), *sizes])}.svg"
    (out.parent / picture).write_text(chart(measured, title), encoding="utf-8")
    write_section(out, title, f"{section}\n\n![{title}]({picture})")
    sys.stdout.write(f"{title}\n\n{section}\n")
    return 0


def _asked() -> tuple[str, Asked, Path]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", choices=CASES, default="six")
    parser.add_argument("--lines", type=int, default=Asked.lines)
    parser.add_argument("--files", type=int)
    parser.add_argument("--payees", type=int, default=Asked.payees)
    parser.add_argument("--contracts", type=int, default=Asked.contracts)
    parser.add_argument("--times", type=int, default=Asked.times)
    parser.add_argument("--without", action="append", default=[], choices=[*SCRIPTS, *SPARK])
    parser.add_argument("--memory", action="append", default=[], metavar="SIZE")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    given = parser.parse_args()
    asked = Asked(
        given.lines,
        given.files,
        given.payees,
        given.contracts,
        given.times,
        tuple(given.without),
        tuple(given.memory),
    )
    return given.case, asked, given.out


if __name__ == "__main__":
    sys.exit(main())
