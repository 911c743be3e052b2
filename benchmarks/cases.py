"""The cases of the benchmark: what each writes, and whom it times on it."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import copies, payees
from benchmarks.comparing import differences, earned
from benchmarks.measuring import Measured
from benchmarks.running import SCRIPTS, Bench, Contenders, in_turn, refuse
from benchmarks.standalone import MASTER
from benchmarks.workspace import in_one_file, without_line_ids, write_workspace

MANY = 1_000  # programs over the sample's lines
SPARK = {
    "local": "Spark, local[2]",
    "two-workers": "Spark, 2 workers",
    "one-worker": "Spark, 1 worker",
}
HAS_JAVA = bool(shutil.which("java"))
SETTLED = 3  # seconds after which a file's times are trusted by the cache


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; `files` of None leaves the number to the case."""

    lines: int = 1_000_000
    files: int | None = None
    payees: int = 1_000_000
    contracts: int = 100_000
    times: int = 5
    without: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()
    copies: int = 34  # of the six programs

    @property
    def scripts(self) -> list[str]:
        """The scripts that are not left out."""
        return [name for name in SCRIPTS if name not in self.without]

    @property
    def of_lines(self) -> str:
        """How many lines in how many files."""
        files = self.files or 1
        return f"{self.lines:,} lines in {'1 file' if files == 1 else f'{files} files'}"


@dataclass(frozen=True)
class Case:
    """A heading of the results, a sentence on what is special, and who is timed in a folder."""

    title: Callable[[Asked], str]
    note: str
    contenders: Callable[[Asked, Path], Contenders]

    def measure(self, asked: Asked, folder: Path) -> list[Measured]:
        """Writes the input and times every contender; the first one is what ratios are to."""
        contenders = self.contenders(asked, folder)
        time.sleep(SETTLED)
        return in_turn(contenders, asked.times)


def _six(asked: Asked, folder: Path) -> Contenders:
    write_workspace(folder / "workspace", asked.lines, asked.files or 1)
    return _everybody(asked, folder / "workspace")


def _no_line_id(asked: Asked, folder: Path) -> Contenders:
    write_workspace(folder / "workspace", asked.lines, asked.files or 1)
    without_line_ids(folder / "workspace")
    return _everybody(asked, folder / "workspace")


def _everybody(asked: Asked, workspace: Path) -> Contenders:
    bench = Bench(workspace)
    return {
        **bench.engine(asked.memory),
        **bench.questions(),
        **bench.scripts(asked.scripts),
        **bench.floor(),
    }


def _programs(asked: Asked, folder: Path) -> Contenders:
    write_workspace(folder / "six", asked.lines, asked.files or 1)
    count = copies.write_copies(folder / "six", folder / "many", asked.copies)
    few = Bench(folder / "six")

    def are_the_same(results: Path) -> None:
        six, many = earned(few.results), earned(results)
        names = {program for program, _ in six}
        of_six = {key: amount for key, amount in many.items() if key[0] in names}
        refuse("the six among many", differences(six, of_six))

    many = Bench(folder / "many", are_the_same)
    return {"6 programs, cold": few.cold, **many.engine(asked.memory, f"{count} programs")}


def _sample(_: Asked, folder: Path) -> Contenders:
    few = copies.write_sample(folder / "sample", 0)
    many = copies.write_sample(folder / "many", MANY)
    sample, thousand = Bench(folder / "sample"), Bench(folder / "many")
    sample.cold()
    thousand.cold()
    return {
        f"{few} programs, warm": sample.warm,
        f"{many:,} programs, warm": thousand.warm,
    }


def _payees(asked: Asked, folder: Path) -> Contenders:
    payees.write_workspace(folder / "workspace", asked.payees)
    bench = Bench(
        folder / "workspace",
        lambda results: refuse("the sum", payees.mistakes(folder / "workspace", results)),
    )
    return {**bench.engine(asked.memory), **bench.floor()}


def _contracts(asked: Asked, folder: Path) -> Contenders:
    payees.write_workspace(folder / "tiers", asked.payees)
    payees.sign_contracts(folder / "tiers", folder / "contracts", asked.contracts)

    def checked(name: str, contracts: int) -> Bench:
        workspace = folder / name
        return Bench(
            workspace,
            lambda results: refuse(
                "the sum", payees.mistakes(workspace, results, contracts=contracts)
            ),
        )

    tiers, contracts = checked("tiers", 0), checked("contracts", asked.contracts)
    return {
        "3 tiers, cold": tiers.cold,
        "contracts, cold": contracts.cold,
        "3 tiers, warm": tiers.warm,
        "contracts, warm": contracts.warm,
    }


def _files(asked: Asked, folder: Path) -> Contenders:
    count = _many(asked)
    write_workspace(folder / "many", asked.lines, count)
    in_one_file(folder / "many", folder / "one")
    one = Bench(folder / "one")

    def are_the_same(results: Path) -> None:
        refuse("many files", differences(earned(one.results), earned(results)))

    many = Bench(folder / "many", are_the_same)
    return {"1 file, cold": one.cold, f"{count} files, cold": many.cold}


def _spread(asked: Asked, folder: Path) -> Contenders:
    write_workspace(folder / "workspace", asked.lines, _many(asked))
    bench = Bench(folder / "workspace")
    shared = folder / "shared"
    shared.mkdir()
    options = ["--engine", "spark", "--shared", str(shared), "--master"]
    on_spark = {
        "local": bench.spread([*options, "local[2]"]),
        "two-workers": bench.spread([*options, MASTER], workers=2),
        "one-worker": bench.spread([*options, MASTER], workers=1),
    }
    return {
        "incentivectl, cold": bench.cold,
        "2 processes": bench.spread(["--engine", "processes", "--master", "2"]),
        **{
            SPARK[name]: run
            for name, run in on_spark.items()
            if HAS_JAVA and name not in asked.without
        },
    }


def _many(asked: Asked) -> int:
    return asked.files if asked.files and asked.files > 1 else 30


CASES = {
    "six": Case(lambda asked: asked.of_lines, "", _six),
    "no-line-id": Case(
        lambda asked: f"{asked.of_lines}, without line_id",
        "The export has no `line_id`: lines of a sale are told apart by product and by their place among"
        " the rows of that product in their file. What was sent twice are whole sales, in one more"
        " file of their own (a line in a thousand on top); within one file, equal rows would be two lines"
        " (rule 3.19).",
        _no_line_id,
    ),
    "programs": Case(
        lambda asked: f"{6 * asked.copies} programs, {asked.of_lines}",
        "The six programs again and again, each time with other ids and thresholds.",
        _programs,
    ),
    "sample": Case(
        lambda _: f"The sample, and {MANY:,} programs over its lines",
        "The sample workspace with a filled cache, and its programs again and again under other ids.",
        _sample,
    ),
    "payees": Case(
        lambda asked: f"{asked.payees:,} payees, {2 * asked.payees:,} lines",
        "One rebate with tiers; the money is checked against sums by Polars.",
        _payees,
    ),
    "contracts": Case(
        lambda asked: f"{asked.contracts:,} contracts, {2 * asked.payees:,} lines",
        "A contract for each of the first partners, three tiers for the others: rows of one table. Beside it"
        " the same rebate with its three tiers for everybody.",
        _contracts,
    ),
    "spread": Case(
        lambda asked: (
            f"Spread over processes and Spark, {asked.lines:,} lines in {_many(asked)} files"
        ),
        "The earnings are the same bytes. Processor time and memory of spread runs are those of all their"
        " processes together: of Spark also the JVMs of its master and its workers, which have a core each.",
        _spread,
    ),
    "files": Case(
        lambda asked: f"1 and {_many(asked)} files, {asked.lines:,} lines",
        "The same lines, in the same order.",
        _files,
    ),
}
