"""Program files for tests: a sound rebate with lines changed, and what is said about it."""

from collections.abc import Collection, Mapping
from pathlib import Path

from incentivectl.core.errors import Problem
from incentivectl.program_files.loading import parse_program
from incentivectl.programs.checks.checks import check_programs
from incentivectl.programs.lists import Lists
from incentivectl.programs.model import Program
from incentivectl.toml.source import parse_toml

HEAD = """\
id = "q3"
name = "Q3"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
"""
REWARD = """\
[reward]
rate = "2%"
"""


def rebate(*sections: str, head: str = HEAD, reward: str = REWARD) -> str:
    """A rebate whose five head lines are followed by `sections`, then by its reward."""
    return "\n".join([head.rstrip("\n"), *sections, reward])


def read(text: str, folder: Path | None = None) -> tuple[Program | None, list[Problem]]:
    """The program in a text, and what loading says about it."""
    source, problems = parse_toml(text, Path("/ws/programs/q3.toml"))
    if source is None:
        return None, problems
    return parse_program(source, Lists((folder,) if folder else ()))


def sound(text: str, folder: Path | None = None) -> Program:
    """The program in a text that must load without a problem."""
    program, problems = read(text, folder)
    assert problems == []
    assert program is not None
    return program


def checked(
    *texts: str,
    currency: str = "USD",
    attributes: Mapping[str, Collection[str]] | None = None,
    tables: Collection[str] | None = None,
) -> list[Problem]:
    """What the static checks say about programs that load."""
    programs = [sound(text) for text in texts]
    return check_programs(
        programs,
        currency=currency,
        attributes=attributes or {},
        tables=tables,
    )


def told(problems: list[Problem], code: str) -> Problem:
    """The one problem with that code."""
    found = [problem for problem in problems if problem.code == code]
    assert len(found) == 1, [(p.code, p.line, p.message) for p in problems]
    return found[0]


def line_of(text: str, part: str) -> int:
    """The 1-based line on which `part` first stands."""
    return text[: text.index(part)].count("\n") + 1
