"""How a command speaks: its result on stdout, everything else on stderr."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO

import typer

from incentivectl.cli.streams import err, err_lines, out, out_json
from incentivectl.core.errors import ExitCode, Problem
from incentivectl.core.safe_text import legible

if TYPE_CHECKING:
    from incentivectl.output.lines import Line
    from incentivectl.output.report import Report

POINTS_TOLD = 3  # of what needs attention, on the one line about it


@dataclass(frozen=True)
class Voice:
    """The options that say what is printed, and in which format.

    `fail_on` is `warning`, `attention` or None: what ends the command with exit code 6.
    """

    form: str | None = None
    output: Path | None = None
    quiet: bool = False
    verbose: bool = False
    fail_on: str | None = None

    @classmethod
    def of_report(
        cls,
        form: str | None,
        output: Path | None,
        quiet: bool,
        verbose: bool = False,
        fail_on: str | None = None,
    ) -> Self:
        """The voice of a command that reports; refuses an unknown format before any work is done."""
        voice = cls(form, output, quiet, verbose, fail_on)
        voice._chosen()
        return voice

    def result(
        self,
        report: "Report",
        problems: Sequence[Problem] | None = None,
        *,
        reported: bool = False,
    ) -> None:
        """Prints the report or writes it to `--output`.

        `problems` stand in its JSON, and otherwise on stderr, unless the report itself tells them
        (`reported`); a quiet command prints them only if one is an error.
        """
        from incentivectl.output.formats import rendered

        said = [] if reported else list(problems or ())
        if self.quiet and not any(one.severity == "error" for one in said):
            said = []
        if said and self._chosen() != "json":
            print_problems(said)
        self._put([report], lambda form: rendered(report, form, problems))

    def results(self, reports: Sequence["Report"]) -> None:
        """Prints several reports of one kind, or writes them to `--output`; JSON gets a list."""
        from incentivectl.output.formats import rendered_all

        self._put(reports, lambda form: rendered_all(reports, form))

    def result_beside(self, page: Path | None, report: "Report") -> None:
        """The result of a command that may have written a page: then it is printed only if asked for."""
        if page is not None:
            self.say(f"wrote {page}")
        if page is None or self.form is not None or self.output is not None:
            self.result(report)

    def show(self, report: "Report") -> None:
        """Shows a report on stderr, before something is asked."""
        from incentivectl.output.plain import report_lines

        _tell(report_lines(report, _width(sys.stderr)))

    def text(self, content: str) -> None:
        """Text that is not a report, such as a starter file: to `--output`, else to stdout."""
        if self.output is None:
            out(content)
        else:
            self._write(content)

    def document(self, content: str, report: "Report") -> None:
        """Text that is used as it stands, such as a config; formats for programs have the report."""
        if self._chosen() == "table":
            self.text(content)
        else:
            self.result(report)

    def _put(self, reports: Sequence["Report"], text: Callable[[str], str]) -> None:
        form = self._chosen()
        if self.output is not None:
            self._write(text(form))
        elif self.quiet:
            return
        elif form == "json":
            out_json(text(form))
        elif form == "table" and sys.stdout.isatty():
            _show(reports)
        else:
            out(text(form))

    def _write(self, content: str) -> None:
        from incentivectl.core.output_files import write_named_file

        assert self.output is not None
        write_named_file(self.output, content)
        self.say(f"wrote {self.output}")

    def _chosen(self) -> str:
        from incentivectl.output.formats import format_for

        return format_for(self.form, self.output)

    def is_for_people(self) -> bool:
        """Whether the result is a table, and no data for another program."""
        return self._chosen() in ("table", "md")

    def attend(self, attention: Sequence[str], warnings: Sequence[Problem] = ()) -> None:
        """Ends with exit code 6 if `--fail-on` asks for it; `attention` includes the warnings.

        One line on stderr says what needs attention where the report is not shown, or the exit code needs
        a reason.
        """
        fails = self.fail_on is not None and bool(
            warnings if self.fail_on == "warning" else attention
        )
        if attention and (self.quiet or fails):
            err(_attention_line(attention))
        if fails:
            raise typer.Exit(ExitCode.ATTENTION)

    def say(self, text: str) -> None:
        """A line on stderr, unless quiet."""
        if not self.quiet:
            err(text)

    def warn(self, problem: Problem) -> None:
        """A problem on stderr that is found after the result was told, or is no part of it."""
        print_problems([problem])

    def reaches_one_screen(self) -> bool:
        """Whether stderr and the report appear on the same screen."""
        both = sys.stdout.isatty() and sys.stderr.isatty()
        return both and self.output is None and not self.quiet and self._chosen() != "json"

    def _is_live(self) -> bool:
        """Whether there is a line on a terminal that may change while something is done."""
        return sys.stderr.isatty() and not self.quiet and not self.verbose

    def pace(self, progress: Callable[[str], None]) -> Callable[[str, int, int], None] | None:
        """What shows on that line how far reading has come; None without such a line."""
        if not self._is_live():
            return None
        from incentivectl.cli.pace import Pace

        return Pace(progress)

    def far(self, progress: Callable[[str], None]) -> Callable[[str], None] | None:
        """What shows how far a spread run has come: on that line, or with --verbose a line now and then."""
        if self.quiet or not (self.verbose or self._is_live()):
            return None
        from incentivectl.cli.pace import SECONDS_BETWEEN, SECONDS_BETWEEN_LINES, Seldom

        return Seldom(progress, SECONDS_BETWEEN_LINES if self.verbose else SECONDS_BETWEEN)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """A line of progress on a terminal's stderr; with --verbose a line a step anywhere."""
        if self.verbose:
            yield err
        elif not self._is_live():
            yield lambda _: None
        else:
            from rich.console import Console
            from rich.text import Text

            with Console(stderr=True).status("starting", spinner="line") as status:
                yield lambda step: status.update(Text(legible(step)))


def _attention_line(points: Sequence[str]) -> str:
    """How much needs attention, and the first of it."""
    more = len(points) - POINTS_TOLD
    told = [*points[:POINTS_TOLD], *([f"and {more:,} more"] if more > 0 else [])]
    return f"needs attention ({len(points):,}): {'; '.join(told)}"


def _show(reports: Sequence["Report"]) -> None:
    """Reports on a terminal, as wide as it."""
    from incentivectl.output.lines import Line
    from incentivectl.output.plain import report_lines
    from incentivectl.output.terminal import styled

    gap = [Line(""), Line("")]
    for number, report in enumerate(reports):
        lines = report_lines(report, _width(sys.stdout))
        out(styled([*(gap if number else []), *lines], sys.stdout), styled=True)


def print_problems(problems: Sequence[Problem]) -> None:
    """All problems on stderr, by file and line."""
    from incentivectl.output.problems import problem_lines

    _tell(problem_lines(problems, Path.cwd(), _width(sys.stderr)))


def _tell(lines: "Sequence[Line]") -> None:
    """Lines on stderr, with styles where it is a terminal."""
    from incentivectl.output.terminal import styled

    if sys.stderr.isatty():
        err_lines(styled([line], sys.stderr).removesuffix("\n") for line in lines)
    else:
        err_lines(line.text for line in lines)


def _width(stream: TextIO) -> int | None:
    """The columns of a terminal; None for a pipe or a file."""
    from incentivectl.output.terminal import terminal_width

    return terminal_width() if stream.isatty() else None
