"""Writes a scenario's program files: only values that changed are rewritten, all else is copied."""

import shutil
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import content
from incentivectl.core.limits import TOML_BYTES
from incentivectl.core.nouns import counted
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.engine.examples import Outcome, expected_in, nothing, outcome_in
from incentivectl.insight.compare.scenario import Scenario
from incentivectl.insight.compare.toml_changes import BOM, with_changes
from incentivectl.programs.model import Program


def save_scenario(scenario: Scenario, folder: Path) -> list[str]:
    """Writes the scenario's folder of programs into a new or empty one; what to look at, in sentences.

    Every file is copied byte for byte, but for the values that edits change. Examples of edited programs
    that no longer come out expect what comes out now: they are told. Refuses a folder that holds
    anything, and a file in which a value cannot be changed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = Problem("folder-exists", f"{folder} is not empty", "name a new folder")
        raise Refused([problem], ExitCode.USAGE)
    folder.mkdir(parents=True, exist_ok=True)
    edited = {edit.program_id for edit in scenario.edits}
    told: list[str] = []
    for program in scenario.programs:
        file = folder / program.file.name
        if program.id not in edited:
            shutil.copyfile(program.file, file)
        else:
            data, renewed = _data(program, scenario)
            file.write_bytes(_changed(program, data))
            if renewed:
                examples = counted(len(renewed), "example expects", "examples expect")
                told.append(
                    f"{program.id}: {examples} what the new rule pays: {', '.join(renewed)}"
                )
        _copy_lists(program, scenario.loaded.workspace.root, folder)
    _copy_others(scenario.loaded.workspace.programs_dir, folder)
    return told


def _changed(program: Program, data: dict[str, Any]) -> bytes:
    """The program's file, with the values that differ from `data` replaced in place."""
    text = content(program.file, TOML_BYTES).decode()
    before = tomllib.loads(text.removeprefix(BOM), parse_float=Decimal)
    try:
        return with_changes(text, before, data).encode()
    except ValueError:
        message = "the scenario cannot be written into this file"
        hint = "make the change by hand in a copy, and name its folder with --programs"
        problem = Problem("cannot-save", message, hint, file=program.file)
        raise Refused([problem], ExitCode.CONFIG) from None


def _copy_others(programs: Path, folder: Path) -> None:
    """What else stands beside the programs, such as the schema that they name."""
    for file in sorted(programs.iterdir()):
        if file.suffix != ".toml" and file.is_file() and not file.name.startswith("."):
            shutil.copyfile(file, folder / file.name)


def _data(program: Program, scenario: Scenario) -> tuple[dict[str, Any], list[str]]:
    """The program's TOML with examples that hold, and the names of those that had to be renewed."""
    workspace = scenario.loaded.workspace
    data = deepcopy(dict(program.toml))
    renewed = []
    for raw, example in zip(data.get("example", []), program.example, strict=True):
        got = outcome_in(program, example, workspace.currency, workspace.calendar)
        expected, none = expected_in(example), nothing(program)
        named = {*got, *expected}
        if any(got.get(one, none) != expected.get(one, none) for one in named):
            comes_to = {
                one: _written(got.get(one, none))
                for one in sorted(named)
                if got.get(one) or one in expected
            }
            single = not isinstance(example.expect, Mapping) and set(comes_to) <= {"A"}
            nobody = _written(none)
            raw["expect"] = comes_to.get("A", nobody) if single else comes_to or {"A": nobody}
            renewed.append(f"“{example.name}”")
    return data, renewed


def _written(value: Outcome) -> int | Decimal | str:
    """An outcome as TOML has it."""
    if isinstance(value, str):
        return value
    whole = value.to_integral_value()
    return int(whole) if whole == value else value.normalize()


def _copy_lists(program: Program, root: Path, folder: Path) -> None:
    """Lists that stand beside the program and not in the workspace's folder go with it."""
    for name in set(_texts(program.toml)):
        beside = program.file.parent / name
        if not (root / name).exists() and beside.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(beside, folder / name)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) and (value.endswith((".csv", ".txt")) or is_workbook(value)):
        yield value
