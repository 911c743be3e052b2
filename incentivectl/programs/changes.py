"""What differs between two versions of a program, key by key, as `--set` would write it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from incentivectl.core.money import plain
from incentivectl.programs.conditions import Value
from incentivectl.programs.model import Program
from incentivectl.programs.rule_hash import canonical_text
from incentivectl.programs.terms import Term

_MANY = 6  # values of a list that are shown
# What makes a term the same in two versions: the place of its reward, its keys, its first day.
_TermPlace = tuple[int, frozenset[tuple[str, Value]], date | None]


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


def rule_changes(
    before: Program | None, after: Program | None, *, taken: Collection[str] | None = None
) -> list[RuleChange]:
    """Every key that can change money and differs; a program that only one side has is one change.

    With `taken`, the hashes of terms, no other terms are looked at.
    """
    named = after or before
    if named is None:
        return []
    if before is None or after is None:
        was, now = ("", "new") if before is None else ("there", "gone")
        return [RuleChange(named.id, "the program", was, now)]
    old, new = (dict(_leaves(_content(one))) for one in (before, after))
    return [
        *_differing(named.id, old, new),
        *_changed_terms(before, after, taken),
    ]


def _differing(
    program_id: str, old: Mapping[str, str], new: Mapping[str, str], path: str = ""
) -> Iterator[RuleChange]:
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield RuleChange(program_id, path + key, old.get(key, ""), new.get(key, ""))


def _changed_terms(
    before: Program, after: Program, taken: Collection[str] | None
) -> Iterator[RuleChange]:
    """Terms with the same keys and first day are compared value by value; the others are new or gone."""
    old, new = _terms(before), _terms(after)
    for place in dict.fromkeys([*old, *new]):
        was, now = old.get(place), new.get(place)
        hashes = {one.hash() for one in (was, now) if one is not None}
        if (was and now and len(hashes) == 1) or not (taken is None or hashes & set(taken)):
            continue
        contract = now.contract if now else was.contract if was else ""
        name = _term_name(after, place, contract)
        said, says = _term_leaves(was), _term_leaves(now)
        if was and now:
            yield from _differing(after.id, said, says, f"{name}.")
        else:
            yield RuleChange(after.id, name, _in_a_row(said), _in_a_row(says))


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


def _terms(program: Program) -> dict[_TermPlace, Term]:
    """The terms of a program by the place of their reward, their keys and their first day."""
    return {
        (index, frozenset(term.keys), term.valid_from): term
        for index, reward in enumerate(program.reward)
        if reward.terms is not None
        for term in reward.terms.terms
    }


def _term_name(program: Program, place: _TermPlace, contract: str) -> str:
    """Where a term stands: `reward.terms[K-1, partner.partner_id = P07, valid_from = 2026-01-01]`."""
    index, keys, first = place
    at = "reward" if len(program.reward) == 1 else f"reward.{index}"
    named = [contract] if contract else []
    named += [f"{key} = {_spelled(value)}" for key, value in sorted(keys)]
    named += [f"valid_from = {first}"] if first else []
    return f"{at}.terms[{', '.join(named) or 'no keys'}]"


def _term_leaves(term: Term | None) -> dict[str, str]:
    """What a term says besides its keys and first day, as its columns name it."""
    if term is None:
        return {}
    limits = {
        "valid_until": term.valid_until,
        "per_payee": term.per_payee,
        "max_quantity": term.max_quantity,
    }
    found = {name: _spelled(value) for name, value in limits.items() if value is not None}
    for index, tier in enumerate(term.tiers):
        path = f"tiers.{index}." if term.is_tiered else ""
        start = {"from": tier.from_} if tier.from_ is not None else {}
        found |= {
            f"{path}{name}": _spelled(value) for name, value in {**start, **tier.pays}.items()
        }
    return found


def _in_a_row(leaves: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in leaves.items())


def _spelled(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


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
