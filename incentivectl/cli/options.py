"""The options that commands share, and how every command ends."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from incentivectl import memory
from incentivectl.errors import ExitCode, Problem, Refused

if TYPE_CHECKING:
    from incentivectl.reports.report import Report

P = ParamSpec("P")

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        envvar="INCENTIVECTL_WORKSPACE",
        help="The workspace; by default the one that the current folder lies in.",
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="table|json|csv|md", help="How to print the result."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write there; its ending picks the format."
    ),
]
ReopenOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reopen", metavar="ID:START", help="Book a closed measurement period all the same."
    ),
]


def _limit_memory(size: str | None) -> str | None:
    """Sets the limit before anything large is imported; refuses what is no size."""
    if memory.limit_to(size or memory.DEFAULT_SIZE) is None:
        raise typer.BadParameter(
            f"`{size}` is no size such as 2GB or 900MB, of {memory.LEAST_SIZE} or more"
        )
    return size


MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        envvar=memory.VARIABLE,
        callback=_limit_memory,
        is_eager=True,
        help=f"How much may be used at once, about; {memory.DEFAULT_SIZE} by default.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only problems.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say on stderr what is being done.")
]


@dataclass(frozen=True)
class Voice:
    """How a command speaks: the result on stdout, everything else on stderr."""

    form: str | None = None
    output: Path | None = None
    quiet: bool = False
    verbose: bool = False

    def result(self, report: "Report") -> None:
        """Prints the report or writes it to `--output`."""
        from incentivectl.reports.output import rendered

        self._put([report], lambda form: rendered(report, form))

    def results(self, reports: Sequence["Report"]) -> None:
        """Prints several reports of one kind, or writes them to `--output`; JSON gets a list."""
        from incentivectl.reports.output import rendered_all

        self._put(reports, lambda form: rendered_all(reports, form))

    def _put(self, reports: Sequence["Report"], text: Callable[[str], str]) -> None:
        from incentivectl.output_files import write_named_file
        from incentivectl.reports.output import format_for
        from incentivectl.reports.terminal import print_report

        form = format_for(self.form, self.output)
        if self.output is not None:
            write_named_file(self.output, text(form))
            self.say(f"wrote {self.output}")
        elif self.quiet:
            return
        elif form == "table" and sys.stdout.isatty():
            for number, report in enumerate(reports):
                print_report(report, gap=number > 0)
        else:
            sys.stdout.write(text(form))

    def check_format(self) -> None:
        """Refuses a format or file ending that is none, before any work is done."""
        from incentivectl.reports.output import format_for

        format_for(self.form, self.output)

    def say(self, text: str) -> None:
        """A line on stderr, unless quiet."""
        if not self.quiet:
            typer.echo(text, err=True)

    def _is_live(self) -> bool:
        """Whether there is a line on a terminal that may change while something is done."""
        return sys.stderr.isatty() and not self.quiet and not self.verbose

    def pace(self, progress: Callable[[str], None]) -> Callable[[str, int, int], None] | None:
        """What tells on that line how far the reading has come; none where there is no such line."""
        if not self._is_live():
            return None
        from incentivectl.cli.pace import Pace

        return Pace(progress)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """A line of progress on a terminal's stderr; with --verbose a line a step anywhere."""
        if self.verbose:
            yield lambda step: typer.echo(step, err=True)
        elif not self._is_live():
            yield lambda _: None
        else:
            from rich.console import Console

            with Console(stderr=True).status("starting", spinner="line") as status:
                yield status.update


def command(function: Callable[P, None]) -> Callable[P, None]:
    """Ends a command cleanly: problems on stderr with their exit code, never a traceback."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        from incentivectl.cli.interrupts import interruptible, say_interrupted

        try:
            with interruptible():
                function(*args, **kwargs)
        except Refused as refused:
            print_problems(refused.problems)
            raise typer.Exit(refused.exit_code) from None
        except KeyboardInterrupt:
            say_interrupted()
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of our output went away; nothing more can be said.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.DONE) from None
        except (typer.Exit, typer.BadParameter):
            raise
        except OSError as error:
            print_problems([problem_of(error)])
            raise typer.Exit(ExitCode.CONFIG) from None
        except Exception as error:  # a defect of ours: say so, and how to report it
            if os.environ.get("INCENTIVECTL_TRACEBACK"):
                raise
            typer.echo(
                f"internal error: {type(error).__name__}: {error}\n\n"
                "hint: this is a defect of incentivectl, not of your data; nothing was booked."
                " INCENTIVECTL_TRACEBACK=1 shows where it happened.",
                err=True,
            )
            raise typer.Exit(ExitCode.BROKEN) from None

    return wrapped


def problem_of(error: OSError) -> Problem:
    """A file that the system refuses, in plain words."""
    file = Path(error.filename) if isinstance(error.filename, str) else None
    reason = (error.strerror or str(error)).lower()
    return Problem("cannot-use-file", reason, hint="check the path and its permissions", file=file)


def print_problems(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """All problems on stderr, by file and line."""
    from incentivectl.reports.problems import render

    typer.echo(render(problems, Path.cwd()), err=True)


def day_of(text: str, option: str) -> date:
    """A date such as 2026-09-30; refuses what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem("bad-date", f"{option}: `{text}` is no date", "such as 2026-09-30")
        raise Refused([problem], ExitCode.USAGE) from None


def program_ids(incomplete: str) -> list[str]:
    """Shell completion: the ids of the workspace's programs, as their files spell them."""
    from incentivectl.input_files import toml
    from incentivectl.workspace import load_workspace

    root = _completion_root()
    workspace = None if root is None else load_workspace(root)[0]
    if workspace is None:
        return []
    found = set()
    for file in workspace.programs_dir.glob("*.toml"):
        try:
            told = toml(file).get("id")
        except (OSError, ValueError):  # what is wrong with it, `check` says
            continue
        if isinstance(told, str) and told.startswith(incomplete):
            found.add(told)
    return sorted(found)


def payee_ids(incomplete: str) -> list[str]:
    """Shell completion: the payees of the newest run, or nothing before the first."""
    import csv

    from incentivectl.input_files import opened_text
    from incentivectl.workspace import load_workspace

    root = _completion_root()
    workspace = None if root is None else load_workspace(root)[0]
    runs = [] if workspace is None else list(workspace.reports.glob("*/earnings.csv"))
    if not runs:
        return []
    with opened_text(max(runs, key=lambda path: path.stat().st_mtime), "utf-8") as file:
        ids = {row["payee_id"] for row in csv.DictReader(file)}
    return sorted(one for one in ids if one.startswith(incomplete))


def batch_ids(incomplete: str) -> list[str]:
    """Shell completion: the ids of the ledger's batches, newest first."""
    from incentivectl.errors import Refused
    from incentivectl.ledger.connection import reading
    from incentivectl.ledger.records import batches
    from incentivectl.workspace import load_workspace

    root = _completion_root()
    workspace = None if root is None else load_workspace(root)[0]
    if workspace is None:
        return []
    try:
        with reading(workspace.ledger) as ledger:
            ids = [one.id for one in batches(ledger)]
    except Refused:  # what is wrong with it, `ledger verify` says
        return []
    return [one for one in reversed(ids) if one.startswith(incomplete)]


def _completion_root() -> Path | None:
    from incentivectl.workspace import find_workspace

    named = os.environ.get("INCENTIVECTL_WORKSPACE")
    return Path(named) if named else find_workspace(Path.cwd())
