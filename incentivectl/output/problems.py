"""Problems as text for a terminal; complete without any colour."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.cells import cell_len

from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.core.safe_text import legible
from incentivectl.output.lines import Line
from incentivectl.output.wrapping import wrapped

_WIDEST = 100  # signs of an excerpt that are shown
_LEAST = 20  # even on a very narrow terminal
INDENT = "    "
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\w.%+-]+|\[\[?[^\]]*\]\]?")


def render(problems: Sequence[Problem], root: Path | None = None) -> str:
    """`problem_lines` as text; no problems make an empty one."""
    return "".join(f"{line.text}\n" for line in problem_lines(problems, root))


def problem_lines(
    problems: Sequence[Problem], root: Path | None = None, width: int | None = None
) -> list[Line]:
    """Every problem with its place, excerpt, caret and hint, by file and line, and their number.

    Paths are shown relative to `root`. No problems make no lines. On a terminal of `width` columns
    sentences are wrapped between words.
    """
    if not problems:
        return []
    blocks = [line for problem in in_order(problems, root) for line in _block(problem, root, width)]
    return [*blocks, Line(""), Line(count(problems))]


def problem_body(problem: Problem) -> dict[str, object]:
    """A problem for programs: all its parts, and nothing where it has none."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint or None,
        "file": None if problem.file is None else str(problem.file),
        "line": problem.line,
        "column": problem.column,
        "excerpt": problem.excerpt or None,
    }


def in_order(problems: Sequence[Problem], root: Path | None = None) -> list[Problem]:
    """By rank, file, line and column; what belongs to no file comes first.

    Causes, whose rank is below 0, keep the order that they come in.
    """
    causes = sorted((one for one in problems if one.rank < 0), key=lambda one: one.rank)
    others = sorted(
        (one for one in problems if one.rank >= 0),
        key=lambda problem: (
            problem.rank,
            _shown(problem.file, root) or "",
            problem.line or 0,
            problem.column or 0,
            problem.severity,
            problem.message,
        ),
    )
    return [*causes, *others]


def count(problems: Iterable[Problem]) -> str:
    """`3 errors, 1 warning`; counts of 0 are left out."""
    severities = [problem.severity for problem in problems]
    found = [(name, severities.count(name)) for name in ("error", "warning")]
    return ", ".join(counted(number, name) for name, number in found if number)


def _shown(file: Path | None, root: Path | None) -> str | None:
    return Problem("", "", file=file).place(root) or None


def _block(problem: Problem, root: Path | None, width: int | None) -> list[Line]:
    place = problem.place(root)
    first = f"{problem.severity}: {problem.message}"
    said = legible(f"{place}: {first}" if place else first)
    lines = [Line(text, tone=problem.severity) for text in wrapped(said, width, rest=INDENT)]
    if problem.excerpt and problem.line:
        lines += map(Line, _excerpt(problem.excerpt, problem.line, problem.column, width))
    if problem.hint:
        hint = f"{INDENT}hint: {legible(problem.hint)}"
        lines += map(Line, wrapped(hint, width, rest=INDENT))
    return lines


def _excerpt(text: str, line: int, column: int | None, width: int | None) -> list[str]:
    """The line with its number, and a caret below the place; a long line is cut around it."""
    margin = f"{INDENT}{line} | "
    widest = _WIDEST if width is None else min(_WIDEST, max(_LEAST, width - len(margin) - 4))
    if column is None:
        return [margin + legible(text[:widest])]
    start = max(0, column - 1 - widest // 2) if len(text) > widest else 0
    cut = text[start : start + widest]
    before = ("… " if start else "") + cut[: column - 1 - start]
    shown = ("… " if start else "") + cut + (" …" if start + widest < len(text) else "")
    token = _TOKEN.match(cut, column - 1 - start)
    width = cell_len(token[0]) if token else 1
    return [
        margin + legible(shown),
        " " * (len(margin) + cell_len(before)) + "^" * width,
    ]
