"""Changes one key of a program from the command line: `ID.reward.tiers.1.rate=4%`.

Tiers and other lists are counted from 0. The value is read as TOML, and as a text where it is
not valid TOML, so that `4%` and `gold` need no quotes. An empty value removes the key.
"""

import re
import tomllib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.kinds.catalogue import KINDS
from incentivectl.program_files.loading import parse_program
from incentivectl.programs.fields import FIELD_ENTITIES
from incentivectl.programs.lists import Lists
from incentivectl.programs.model import Program, with_level_programs
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.problems import keys_of, model_at
from incentivectl.toml.source import TomlSource
from incentivectl.toml.wrong import nearest_hint

_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^."'=]+?))\s*(?:\.|$)""")


@dataclass(frozen=True)
class Edit:
    """One `--set`: the program, the key in it, and the new value (none: the key is taken out)."""

    written: str
    program_id: str
    path: KeyPath
    value: object

    @property
    def key(self) -> str:
        """The key as it was written."""
        return self.written.partition("=")[0].strip()


def parse_edit(written: str, option: str = "--set") -> Edit:
    """Parses `ID.key=value`; refuses any other form."""
    left, equals, right = written.partition("=")
    parts = _parts(left)
    if not equals or len(parts) < 2:
        hint = f"such as {option} 'q3-volume-rebate.reward.tiers.1.rate=4%'"
        raise _refused(f"{option} {written}: expected ID.key=value", hint)
    path = tuple(int(part) if part.isdecimal() else part for part in parts[1:])
    return Edit(written, parts[0], path, toml_value(right.strip()))


def parse_share(written: str, option: str, *, within_one: bool = False) -> Decimal:
    """A share such as `5%` or `0.05`; refuses anything else, and, if `within_one`, a share outside (0, 1]."""
    text = written.strip()
    try:
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        raise _refused(f"{option} {written}: expected a share", "such as 5% or 0.05") from None
    share = number.scaleb(-2) if text.endswith("%") else number
    outside = within_one and not 0 < share <= 1
    if outside or not share.is_finite() or abs(share) > 10 or share != round(share, 6):
        raise _refused(f"{option} {written}: expected a share", "such as 5% or 0.05")
    return share


def toml_value(text: str) -> object:
    """`text` as a TOML value; as plain text if it is not TOML, None if it is empty."""
    if not text:
        return None
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except ValueError:
        return text


def _parts(left: str) -> list[str]:
    parts, at = [], 0
    while at < len(left):
        found = _PART.match(left, at)
        if found is None:
            return []
        parts.append(next(group for group in found.groups() if group is not None))
        at = found.end()
    return parts


def _refused(message: str, hint: str = "") -> Refused:
    return Refused([Problem("bad-set", message, hint)], ExitCode.USAGE)


def edited(
    programs: Sequence[Program], edits: Sequence[Edit], workspace_root: Path
) -> tuple[Program, ...]:
    """The programs with the edits made; refuses unknown ids and keys, and an invalid result."""
    by_id = {program.id: program for program in programs}
    for edit in edits:
        if edit.program_id not in by_id:
            hint = nearest_hint(edit.program_id, by_id) or f"choose from {', '.join(by_id)}"
            raise _refused(f"--set {edit.written}: unknown program `{edit.program_id}`", hint)
    for program_id in dict.fromkeys(edit.program_id for edit in edits):
        own = [edit for edit in edits if edit.program_id == program_id]
        by_id[program_id] = _edited(by_id[program_id], own, workspace_root)
    return with_level_programs(by_id.values())


def _edited(program: Program, edits: Sequence[Edit], workspace_root: Path) -> Program:
    data = deepcopy(dict(program.toml))
    for edit in edits:
        _put(data, edit, KINDS[program.kind].model)
    lists = Lists((workspace_root, program.file.parent))
    # Lines of the file mean nothing for what was changed on the command line.
    changed, problems = parse_program(TomlSource(program.file, data), lists)
    told = " ".join(f"--set {edit.written}" for edit in edits)
    if changed is None:
        raise Refused(
            [replace(one, message=f"{told}: {one.message}", file=None, line=None, excerpt="")
             for one in problems],
            ExitCode.USAGE,
        )  # fmt: skip
    return changed


def _put(data: dict[str, Any], edit: Edit, model: type[Program]) -> None:
    """Puts the value where the path leads; tables on the way are made, lists are not."""
    at: Any = data
    path = list(edit.path)
    done: list[str | int] = []
    while path:
        part = path.pop(0)
        if isinstance(at, list):
            if not isinstance(part, int) or part >= len(at):
                raise _refused(
                    f"--set {edit.written}: `{done[-1]}` is a list of {len(at)}",
                    f"name one of 0 to {len(at) - 1}: {_dotted(done)}.0",
                )
        elif isinstance(at, dict):
            if isinstance(part, int) and part == 0 and done == ["reward"]:
                continue  # a single [reward] table may be counted, too
            part = _known_name(at, str(part), path)
            if part not in at and path and isinstance(path[0], int):
                raise _unknown(edit, model, done, str(part))
        else:
            raise _refused(f"--set {edit.written}: `{_dotted(done)}` is a value, and has no keys")
        if path:
            if isinstance(at, dict):
                at.setdefault(part, {})
            at, done = at[part], [*done, part]
        elif edit.value is None:
            _take_out(at, part, edit)
        else:
            at[part] = edit.value


def _known_name(table: dict[str, Any], part: str, rest: list[str | int]) -> str:
    """A key as the table spells it: `partner.tier` is one key, however the path is cut."""
    if part in table or part not in FIELD_ENTITIES or not rest:
        return part
    return f"{part}.{rest.pop(0)}"


def _take_out(table: Any, part: str | int, edit: Edit) -> None:  # noqa: ANN401
    if isinstance(table, dict) and part not in table:
        hint = nearest_hint(str(part), table) or f"there are {', '.join(table)}"
        raise _refused(f"--set {edit.written}: there is no `{part}` to take out", hint)
    del table[part]


def _unknown(edit: Edit, model: type[Program], done: Sequence[str | int], part: str) -> Refused:
    here = model_at(model, tuple(done))
    known = keys_of(here) if here is not None else ()
    hint = nearest_hint(part, known) or (f"choose from {', '.join(known)}" if known else "")
    return _refused(f"--set {edit.written}: there is no list `{part}`", hint)


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path)
