"""Problems as text for a terminal; complete without any colour."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.cells import cell_len

from incentivectl.errors import Problem
from incentivectl.nouns import counted
from incentivectl.safe_text import legible

_WIDEST = 100  # signs of an excerpt that are shown
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\w.%+-]+|\[\[?[^\]]*\]\]?")


def render(problems: Sequence[Problem], root: Path | None = None) -> str:
    """Every problem with its place, excerpt, caret and hint, by file and line, and their number.

    Paths are shown relative to `root`. No problems make an empty text.
    """
    if not problems:
        return ""
    blocks = [_block(problem, root) for problem in in_order(problems, root)]
    return "\n".join([*blocks, "", count(problems)]) + "\n"


def in_order(problems: Iterable[Problem], root: Path | None = None) -> list[Problem]:
    """By rank, file, line and column; what belongs to no file comes first."""
    return sorted(
        problems,
        key=lambda problem: (
            problem.rank,
            _shown(problem.file, root) or "",
            problem.line or 0,
            problem.column or 0,
            problem.severity,
            problem.message,
        ),
    )


def count(problems: Iterable[Problem]) -> str:
    """`3 errors, 1 warning`; what there is none of is left out."""
    severities = [problem.severity for problem in problems]
    found = [(name, severities.count(name)) for name in ("error", "warning")]
    return ", ".join(counted(number, name) for name, number in found if number)


def _shown(file: Path | None, root: Path | None) -> str | None:
    return Problem("", "", file=file).place(root) or None


def _block(problem: Problem, root: Path | None) -> str:
    place = problem.place(root)
    first = f"{problem.severity}: {legible(problem.message)}"
    lines = [f"{place}: {first}" if place else first]
    if problem.excerpt and problem.line:
        lines += _excerpt(problem.excerpt, problem.line, problem.column)
    if problem.hint:
        lines.append(f"    hint: {legible(problem.hint)}")
    return "\n".join(lines)


def _excerpt(text: str, line: int, column: int | None) -> list[str]:
    """The line with its number, and a caret below the place; a long line is cut around it."""
    margin = f"    {line} | "
    if column is None:
        return [margin + legible(text[:_WIDEST])]
    start = max(0, column - 1 - _WIDEST // 2) if len(text) > _WIDEST else 0
    cut = text[start : start + _WIDEST]
    before = ("… " if start else "") + cut[: column - 1 - start]
    shown = ("… " if start else "") + cut + (" …" if start + _WIDEST < len(text) else "")
    token = _TOKEN.match(cut, column - 1 - start)
    width = cell_len(token[0]) if token else 1
    return [
        margin + legible(shown),
        " " * (len(margin) + cell_len(before)) + "^" * width,
    ]
