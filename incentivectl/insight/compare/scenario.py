"""The programs of a what-if: today's, or those of another folder, with edits and without some.

Rules: docs/questions.md, "Scenarios".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from incentivectl.core.errors import ExitCode, Refused, errors_in
from incentivectl.engine.examples import check_examples
from incentivectl.program_files.edit import Edit, edited
from incentivectl.program_files.loading import load_programs
from incentivectl.programs.checks.checks import check_programs
from incentivectl.programs.model import Program
from incentivectl.run.known import known_program
from incentivectl.run.loading import Loaded


@dataclass(frozen=True)
class Scenario:
    """Programs to compare with today's, and the edits that made them."""

    loaded: Loaded
    edits: tuple[Edit, ...] = ()

    @property
    def programs(self) -> tuple[Program, ...]:
        """The scenario's programs, by id."""
        return self.loaded.programs


def scenario_of(
    today: Loaded,
    edits: Sequence[Edit] = (),
    *,
    folder: Path | None = None,
    without: Sequence[str] = (),
) -> Scenario:
    """Today's programs (or those of `folder`) with `edits` and without some; refuses what is wrong.

    Examples of programs that are edited are not run: they say what the rule was.
    """
    based = today if folder is None else programs_in(today, folder)
    for program_id in without:
        known_program(based, program_id)
    kept = [one for one in based.programs if one.id not in without]
    programs = edited(kept, edits, today.workspace.root)
    workspace = today.workspace
    wrong = errors_in(
        check_programs(
            programs,
            currency=workspace.currency,
            attributes=workspace.attributes,
            calendar=workspace.calendar,
        )
    )
    if wrong:
        told = " ".join(f"--set {edit.written}" for edit in edits)
        raise Refused(
            [
                replace(one, message=f"{told}: {one.message}", file=None, line=None, excerpt="")
                for one in wrong
            ]
            if edits
            else wrong,
            ExitCode.USAGE if edits else ExitCode.CONFIG,
        )
    in_order = tuple(sorted(programs, key=lambda program: program.id))
    return Scenario(replace(based, programs=in_order), tuple(edits))


def programs_in(today: Loaded, folder: Path, *, lists: Path | None = None) -> Loaded:
    """The workspace with the programs of another folder; refuses as a run would.

    Lists are looked for in the folder `lists`, by default the workspace's, then beside the program.
    """
    workspace = today.workspace
    programs, problems = load_programs(folder, workspace_root=lists or workspace.root)
    problems += check_programs(
        programs,
        currency=workspace.currency,
        attributes=workspace.attributes,
        calendar=workspace.calendar,
    )
    unsound = {problem.file for problem in errors_in(problems)}
    sound = [program for program in programs if program.file not in unsound]
    problems += check_examples(sound, workspace.currency, workspace.calendar)
    if errors_in(problems):
        raise Refused(problems, ExitCode.CONFIG)
    return Loaded(replace(workspace, programs_dir=folder.absolute()), programs, ())
