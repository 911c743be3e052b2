"""The hash of a program's rules (docs/rules.md, "Rule hash").

It is taken of the model, not of the text: a comment, another spelling of a number, a default
written out or the order of a list of values changes no money and so no hash. Keys at their
defaults are left out, so that a key that comes later does not change older programs' hashes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from incentivectl.programs.conditions import Condition
from incentivectl.programs.terms import Terms

_NO_MONEY = frozenset({"name", "objective", "example"})


def rule_hash(program: BaseModel) -> str:
    """The sha256 of `canonical_text(program)` in hex."""
    return sha256(canonical_text(program).encode()).hexdigest()


def joint_hash(hashes: Iterable[str]) -> str:
    """One hash over several, in their order."""
    return sha256("\n".join(hashes).encode()).hexdigest()


def canonical_text(program: BaseModel) -> str:
    """Everything in a program that can change money, in one spelling."""
    canonical = _model(program, leave_out=_NO_MONEY)
    canonical["kind"] = getattr(program, "kind", "")
    return json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _model(model: BaseModel, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if name == "gate" and isinstance(value, tuple) and len(value) == 1:
            (value,) = value  # the hash of a single `[gate]` is older than `[[gate]]`
        if name not in leave_out and (info.is_required() or value != info.default):
            found[info.serialization_alias or name] = _canonical(value)
    return found


def _canonical(value: object) -> object:
    match value:
        case BaseModel():
            canonical: object = _model(value)
        case Terms():  # those that a payee takes have hashes of their own
            canonical = list(value.keys)
        case Condition():
            canonical = _condition(value)
        case bool() | str() | None:
            canonical = value
        case Decimal() | int():
            canonical = {"number": _plain(Decimal(value))}
        case date():
            canonical = {"date": value.isoformat()}
        case Mapping():
            canonical = {str(key): _canonical(item) for key, item in value.items()}
        case tuple() if value and all(isinstance(item, Condition) for item in value):
            canonical = sorted((_canonical(item) for item in value), key=json.dumps)
        case tuple():
            canonical = [_canonical(item) for item in value]
        case _:
            raise TypeError(f"no canonical text for {type(value).__name__}")
    return canonical


def _condition(condition: Condition) -> dict[str, Any]:
    """One condition; the order of its values has no meaning."""
    parts: dict[str, Any] = {}
    for part in fields(condition):
        value = getattr(condition, part.name)
        if isinstance(value, tuple):
            parts[part.name] = sorted({json.dumps(_canonical(item)) for item in value})
        elif value is not None:
            parts[part.name] = _canonical(value)
    return parts


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"
