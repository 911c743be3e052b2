"""Writes a scenario's program files for review; what did not change is copied as it stands."""

import shutil
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli_w

from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.examples import earned_in
from incentivectl.insight.scenario import Scenario
from incentivectl.programs.model import Program

_HEADER = "# Written by `incentivectl whatif`:\n"


def save_scenario(scenario: Scenario, folder: Path) -> list[str]:
    """Writes every program into a new or empty folder; what should be looked at, in sentences.

    Examples of edited programs that no longer come out expect what comes out now: they are told.
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
            edits = [edit for edit in scenario.edits if edit.program_id == program.id]
            header = _HEADER + "".join(f"#   --set {edit.written}\n" for edit in edits) + "\n"
            file.write_text(header + tomli_w.dumps(data), encoding="utf-8")
            if renewed:
                told.append(f"{program.id}: {len(renewed)} examples earn something else now"
                            f" and expect it: {', '.join(renewed)}")  # fmt: skip
        _copy_lists(program, scenario.loaded.workspace.root, folder)
    return told


def _data(program: Program, scenario: Scenario) -> tuple[dict[str, Any], list[str]]:
    """The program's TOML with examples that hold, and the names of those that had to be renewed."""
    workspace = scenario.loaded.workspace
    assert program._source is not None
    data = deepcopy(program._source.data)
    renewed = []
    for raw, example in zip(data.get("example", []), program.example, strict=True):
        earned = earned_in(program, example, workspace.currency, workspace.fiscal_year_starts)
        expected = example.expect if isinstance(example.expect, Mapping) else {"A": example.expect}
        named = {*earned, *expected}
        nothing = Decimal(0)
        if any(earned.get(one, nothing) != expected.get(one, nothing) for one in named):
            paid = {one: _number(earned[one]) for one in sorted(earned) if earned[one]}
            single = not isinstance(example.expect, Mapping) and set(paid) <= {"A"}
            raw["expect"] = paid.get("A", 0) if single else paid or {"A": 0}
            renewed.append(f"“{example.name}”")
    return data, renewed


def _number(value: Decimal) -> int | Decimal:
    whole = value.to_integral_value()
    return int(whole) if whole == value else value.normalize()


def _copy_lists(program: Program, root: Path, folder: Path) -> None:
    """Lists that stand beside the program and not in the workspace's folder go with it."""
    assert program._source is not None
    for name in set(_texts(program._source.data)):
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
    elif isinstance(value, str) and value.endswith((".csv", ".txt")):
        yield value
