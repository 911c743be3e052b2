"""Problems as values, and the exit codes of every command.

A `Problem` says where (file, line, key), what, and what to do. Whatever reads configuration, programs
or data collects problems and hands them on; nothing stops at the first. `Refused` carries collected
problems to the command line, which prints them all; any other exception is a defect of the program.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


class ExitCode(IntEnum):
    """Exit codes of every command (docs/operation.md, "Exit codes")."""

    DONE = 0
    BROKEN = 1  # an internal error or a broken invariant
    USAGE = 2
    CONFIG = 3  # config or program invalid
    DATA = 4  # data over its tolerance
    GUARD = 5  # a guard refused
    ATTENTION = 6  # done, but `--fail-on` names what was found
    FOUND = 10  # `--exit-code`: `diff` found differences, `todo` something that waits
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it.

    `code` is a short kebab-case name for machines (`unknown-key`, `tiers-out-of-order`). `line` is
    1-based; `excerpt` is the offending text and `column` the 1-based place in it for the caret.
    """

    code: str
    message: str
    hint: str = ""
    file: Path | None = None
    line: int | None = None
    column: int | None = None
    excerpt: str = ""
    severity: Severity = "error"
    rank: int = 0  # the causes of other problems come before them: a lower rank is told first

    def place(self, root: Path | None = None) -> str:
        """`file:line` relative to `root` where that is possible, or an empty string."""
        if self.file is None:
            return ""
        shown = self.file
        if root is not None and self.file.is_relative_to(root):
            shown = self.file.relative_to(root)
        return f"{shown.as_posix()}:{self.line}" if self.line else shown.as_posix()


class Refused(Exception):  # noqa: N818  (it names what happened: the command refused)
    """Work cannot go on. Carries every problem found so far and the exit code to end with."""

    def __init__(self, problems: Sequence[Problem], exit_code: ExitCode) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[type["Refused"], tuple[Sequence[Problem], ExitCode]]:
        """What another process raises arrives whole."""
        return Refused, (self.problems, self.exit_code)


def errors_in(problems: Iterable[Problem]) -> list[Problem]:
    """Those problems that forbid going on."""
    return [problem for problem in problems if problem.severity == "error"]
