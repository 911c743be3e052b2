"""What differs between two versions of a program, key by key, as `--set` would write it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from incentivectl.programs.model import Program
from incentivectl.programs.rule_hash import canonical_text

_MANY = 6  # values of a list that are shown


@dataclass(frozen=True)
class RuleChange:
    """One key: its path such as `reward.tiers.1.rate`, and what it was and is (empty: not there)."""

    program_id: str
    key: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """The change in one line."""
        if not self.before:
            return f"{self.key} is new" + ("" if self.after == "new" else f": {self.after}")
        return f"{self.key}: {self.before} → {self.after or 'gone'}"


def rule_changes(before: Program | None, after: Program | None) -> list[RuleChange]:
    """Every key that can change money and differs; a program that only one side has is one change."""
    named = after or before
    if named is None:
        return []
    if before is None or after is None:
        was, now = ("", "new") if before is None else ("there", "gone")
        return [RuleChange(named.id, "the program", was, now)]
    old, new = (dict(_leaves(_content(one))) for one in (before, after))
    return [
        RuleChange(named.id, key, old.get(key, ""), new.get(key, ""))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def changes_between(
    before: Sequence[Program], after: Sequence[Program]
) -> dict[str, list[RuleChange]]:
    """The changes of each program on either side, by id; programs without changes are left out."""
    old, new = ({one.id: one for one in side} for side in (before, after))
    found = {key: rule_changes(old.get(key), new.get(key)) for key in sorted({*old, *new})}
    return {key: changes for key, changes in found.items() if changes}


def _content(program: Program) -> Any:  # noqa: ANN401  (what a TOML file may hold)
    content = json.loads(canonical_text(program))
    rewards = content.get("reward")
    if isinstance(rewards, list) and len(rewards) == 1:  # as a single [reward] table is written
        content["reward"] = rewards[0]
    return content


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("number", "date"):
        yield path, str(next(iter(value.values())))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, _joined(path, key))
    elif isinstance(value, list) and value and all(_is_condition(one) for one in value):
        for one in value:
            field = f'"{one["field"]}"'
            body = {key: inner for key, inner in one.items() if key != "field"}
            for key, inner in body.items():
                name = _joined(path, field) if key == "any_of" else _joined(path, f"{field}.{key}")
                yield name, _shown(inner)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for index, inner in enumerate(value):
            yield from _leaves(inner, _joined(path, str(index)))
    else:
        yield path, _shown(value)


def _is_condition(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("field"), str)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _shown(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list):
        told = [_shown(one) for one in value[:_MANY]]
        more = f", … ({len(value)} in all)" if len(value) > _MANY else ""
        return ", ".join(told) + more
    if isinstance(value, dict) and len(value) == 1:
        return str(next(iter(value.values())))
    if isinstance(value, str) and value[:1] in ('"', "{"):  # a listed value is kept as JSON
        return _shown(json.loads(value))
    return "none" if value is None else str(value)
