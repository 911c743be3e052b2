"""Program files to models: every file is read, and every problem in any of them is reported."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from incentivectl.core import limits
from incentivectl.core.errors import Problem
from incentivectl.core.safe_text import is_encodable
from incentivectl.kinds.catalogue import KINDS
from incentivectl.programs.checks.checks import as_problems, own_findings
from incentivectl.programs.finding import Finding
from incentivectl.programs.lists import Lists
from incentivectl.programs.model import Program, with_level_programs, with_source
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.problems import keys_of, model_at, named, problems_of
from incentivectl.toml.source import TomlSource, read_toml
from incentivectl.toml.wrong import described, nearest_hint

Findings = Callable[[Program], Iterable[Finding]]
# Stands in for what is missing, so that the rest of a broken file can still be checked.
_PLACEHOLDERS: dict[str, object] = {
    "id": "unnamed",
    "name": "unnamed",
    "starts": limits.FIRST_DAY,
    "ends": limits.LAST_DAY,
}


def load_programs(
    folder: Path, *, workspace_root: Path, further: Findings = own_findings
) -> tuple[tuple[Program, ...], list[Problem]]:
    """The good programs of `folder`, by id, and the problems of the others.

    Lists that programs name are looked for in `workspace_root`, then beside the program. `further` is
    what the parts of a refused program are checked by that are sound.
    """
    files, problems = _program_files(folder)
    odd = [file for file in files if not is_encodable(file.name)]
    hint = "rename it: reports and the archive name the files that they are about"
    problems += [
        Problem("bad-file-name", "the file's name is not valid UTF-8", hint, file=file)
        for file in odd
    ]
    files = [file for file in files if file not in odd]
    programs: list[Program] = []
    for file in files:
        program, found = load_program(file, workspace_root=workspace_root, further=further)
        problems += found
        if program is not None:
            programs.append(program)
    in_order = sorted(programs, key=lambda program: program.id)
    return with_level_programs(in_order), problems


def load_program(
    file: Path, *, workspace_root: Path, further: Findings = own_findings
) -> tuple[Program | None, list[Problem]]:
    """The program in `file`, or none; and all that is wrong with it."""
    source, problems = read_toml(file)
    if source is None:
        return None, problems
    program, refused = parse_program(source, Lists((workspace_root, file.parent)), further)
    return program, problems + refused


def parse_program(
    source: TomlSource, lists: Lists, further: Findings = own_findings
) -> tuple[Program | None, list[Problem]]:
    """The program that a TOML source describes, or none; and all that is wrong with it."""
    kind = source.data.get("kind")
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        return None, [_kind_problem(source), *_common_problems(source, lists)]
    model = known.model
    try:
        program = _validated(model, source.data, lists)
    except ValidationError as error:
        problems = problems_of(error, source, model, elsewhere=_meaning_elsewhere)
        return None, problems + _further_problems(model, source, lists, error, further)
    return with_source(program, source), []


def _program_files(folder: Path) -> tuple[list[Path], list[Problem]]:
    hint = "`incentivectl program new rebate` writes a program to start from"
    if not folder.is_dir():
        message = "no folder of programs here"
        return [], [Problem("no-programs-folder", message, hint, file=folder)]
    try:
        files = sorted(file for file in folder.glob("*.toml") if not file.name.startswith("."))
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror or error}"
        return [], [Problem("unreadable-file", message, file=folder)]
    if not files:
        return [], [Problem("no-programs", "the folder has no programs", hint, file=folder)]
    if len(files) > limits.PROGRAMS:
        message = f"the folder has {len(files):,} programs, more than {limits.PROGRAMS:,}"
        hint = "one program can pay many partners, selected by conditions and lists; or split the workspace"
        return [], [Problem("beyond-limit", message, hint, file=folder)]
    return files, []


def _validated(model: type[Program], data: Mapping[str, Any], lists: Lists) -> Program:
    return model.model_validate(data, context=lists, by_alias=True, by_name=False)


def _kind_problem(source: TomlSource) -> Problem:
    known = f"choose from {', '.join(KINDS)}"
    if "kind" not in source.data:
        return source.problem((), "missing-key", "`kind` is missing", hint=known)
    kind = source.data["kind"]
    hint = nearest_hint(kind, KINDS) if isinstance(kind, str) else ""
    named = f" `{kind}`" if isinstance(kind, str) else f": {described(kind)}"
    message = f"unknown program kind{named}"
    return source.problem(("kind",), "unknown-kind", message, hint=hint or known)


def _common_problems(source: TomlSource, lists: Lists) -> list[Problem]:
    """What is wrong in the keys that every kind has, for a program of no known kind."""
    common = {
        key: value
        for key, value in source.data.items()
        if key in Program.model_fields and key not in ("kind", "reward", "baseline", "example")
    }
    try:
        _validated(Program, common | {"kind": "", "reward": {}}, lists)
    except ValidationError as error:
        return problems_of(error, source, Program)
    return []


def _meaning_elsewhere(path: KeyPath) -> str:
    """Which kinds have the key that the kind at hand does not have."""
    owners = []
    for name, kind in KINDS.items():
        table = model_at(kind.model, path[:-1])
        if table is not None and named(path) in keys_of(table):
            owners.append(name)
    return f"it belongs to {' and '.join(owners)}" if owners else ""


def _further_problems(
    model: type[Program],
    source: TomlSource,
    lists: Lists,
    error: ValidationError,
    further: Findings,
) -> list[Problem]:
    """What the checks find in the parts of a refused program that are sound.

    Everything refused is taken out until the rest is valid; whatever the checks then say about a
    table that lost something may only follow from that, and is not passed on. Conditions of
    `[eligible]` stand each by itself.
    """
    data = deepcopy(source.data)
    touched: set[str | int] = set()
    for _ in range(5):
        places = {(d["loc"], d["type"] == "missing"): None for d in error.errors(include_url=False)}
        for path, missing in reversed(places):
            touched.add(path[0])
            _take_out(data, path, missing=missing)
        try:
            program = with_source(_validated(model, data, lists), source)
        except ValidationError as again:
            error = again
            continue
        findings = [
            found
            for found in further(program)
            if found.path[0] not in touched or found.path[0] == "eligible"
        ]
        return list(as_problems(program, findings))
    return []


def _take_out(data: dict[str, Any], path: KeyPath, *, missing: bool) -> None:
    """Removes what stands at `path`; a missing key is filled in, or its table removed."""
    if missing and len(path) == 1:
        data[str(path[0])] = _PLACEHOLDERS.get(str(path[0]), {})
        return
    table: Any = data
    holder: Any = None
    last: Any = None
    for step in path[:-1] if missing else path:
        in_list = isinstance(table, list) and isinstance(step, int) and step < len(table)
        if in_list or (isinstance(table, dict) and step in table):
            holder, last = table, step
            table = table[step]
    if holder is not None:
        del holder[last]
