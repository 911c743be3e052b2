"""The programs of a workspace by their names, for commands that look at files and at no data."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.kinds.catalogue import KINDS
from incentivectl.program_files.loading import load_programs
from incentivectl.programs.model import Program
from incentivectl.toml.wrong import nearest_hint
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True)
class ProgramsOfWorkspace:
    """A workspace, its sound programs, and what is wrong with the others."""

    workspace: Workspace
    programs: tuple[Program, ...]
    problems: tuple[Problem, ...]

    def named(self, program_id: str) -> Program:
        """The program of this id; refuses an unknown id and suggests the nearest."""
        for program in self.programs:
            if program.id == program_id:
                return program
        ids = [program.id for program in self.programs]
        unknown = Problem(
            "unknown-program", f"unknown program `{program_id}`", _hint(program_id, ids)
        )
        raise Refused([*self.problems, unknown], ExitCode.USAGE)


def programs_at(root: Path) -> ProgramsOfWorkspace:
    """The workspace at `root` with its programs; refuses only what is wrong with its config."""
    workspace, problems = load_workspace(root)
    if workspace is None:
        raise Refused(problems, ExitCode.CONFIG)
    programs, found = load_programs(workspace.programs_dir, workspace_root=root)
    return ProgramsOfWorkspace(workspace, programs, (*problems, *found))


def known_kind(kind: str) -> str:
    """The name of a known kind (`deal-registration` is understood); refuses any other."""
    name = kind.replace("-", "_")
    if name in KINDS:
        return name
    problem = Problem("unknown-kind", f"unknown program kind `{kind}`", _hint(name, KINDS))
    raise Refused([problem], ExitCode.USAGE)


def refuse_existing(file: Path) -> None:
    """Refuses a file that is there: a program is never overwritten."""
    if file.exists():
        problem = Problem("file-exists", f"{file} exists", hint="name a new file")
        raise Refused([problem], ExitCode.USAGE)


def _hint(name: str, known: Iterable[str]) -> str:
    listed = list(known)
    return nearest_hint(name, listed) or f"choose from {', '.join(listed)}"
