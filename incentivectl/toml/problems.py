"""What a model refuses, told with file, line and a hint in plain words.

pydantic names a place by keys and indexes and speaks its own language; here a place becomes a line
and each error one of our sentences. Nothing of pydantic's wording is passed on.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from incentivectl.core.errors import Problem
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.source import TomlSource
from incentivectl.toml.types import NoMeaning
from incentivectl.toml.wrong import described, nearest_hint

Elsewhere = Callable[[KeyPath], str]


def problems_of(
    error: ValidationError,
    source: TomlSource,
    model: type[BaseModel],
    *,
    below: KeyPath = (),
    elsewhere: Elsewhere = lambda path: "",
) -> list[Problem]:
    """One problem for each error that `model` raised on what stands in `source` under `below`.

    `elsewhere` may say why an unknown key has no meaning at its place; it is asked first.
    """
    return [
        _problem(details, source, model, below, elsewhere)
        for details in error.errors(include_url=False)
    ]


def _problem(
    details: ErrorDetails,
    source: TomlSource,
    model: type[BaseModel],
    below: KeyPath,
    elsewhere: Elsewhere,
) -> Problem:
    inner: KeyPath = details["loc"]
    path = (*below, *inner)
    key = named(path)
    match details["type"]:
        case "missing":
            message = f"`{key}` is missing{_within(path, source)}"
            return source.problem(path[:-1], "missing-key", message)
        case "extra_forbidden":
            if why := elsewhere(inner):
                message = f"`{key}`{_within(path, source)} is not allowed here: {why}"
                return source.problem(path, "key-without-meaning", message, at_key=True)
            return unknown_key(source, path, *_advice(model, inner))
        case "unknown-key":
            return unknown_key(source, path, details["ctx"]["hint"])
        case _:
            code, text, hint = _in_our_words(details)
            at_key = code == "key-without-meaning"
            message = f"`{key}`{_within(path, source)}: {text}"
            return source.problem(path, code, message, hint=hint, at_key=at_key)


def _in_our_words(details: ErrorDetails) -> tuple[str, str, str]:
    """Code, text and hint of an error about a value."""
    context = details.get("ctx", {})
    if "text" in context:
        return details["type"], context["text"], context["hint"]
    given = described(details["input"])
    if details["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return "wrong-type", f"expected a table, not {given}", ""
    return "wrong-type", f"{given} is not allowed here", ""


def unknown_key(source: TomlSource, path: KeyPath, *hints: str) -> Problem:
    """The problem of a key that does not exist; the first hint that says something is given."""
    message = f"unknown key `{named(path)}`{_within(path, source)}"
    hint = next((hint for hint in hints if hint), "")
    return source.problem(path, "unknown-key", message, hint=hint, at_key=True)


def named(path: KeyPath) -> str:
    """The key that a path ends in; an index belongs to the key before it."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _within(path: KeyPath, source: TomlSource) -> str:
    """` in [reward]` for a path below a table, nothing for a key at the top."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    tables = [part for part in path[:-1] if isinstance(part, str)]
    if not tables:
        return ""
    name = ".".join(f'"{part}"' if "." in part else part for part in tables)
    known = source.known_path(path[:-1])
    repeated = bool(known) and isinstance(known[-1], int)
    return f" in [[{name}]]" if repeated else f" in [{name}]"


def _advice(model: type[BaseModel], path: KeyPath) -> Iterator[str]:
    """Hints for an unknown key: the table that has it, or the nearest key of its own table."""
    key = named(path)
    homes = [name for name, field in model.model_fields.items() if _has(field, key)]
    if homes:
        yield f"`{key}` belongs in [{homes[0]}]"
    here = model_at(model, path[:-1])
    if here is not None:
        yield nearest_hint(key, keys_of(here))
    if here is not None:
        yield f"choose from {', '.join(keys_of(here))}"


def _has(field: FieldInfo, key: str) -> bool:
    inner = _inner_model(field.annotation)
    return inner is not None and key in keys_of(inner)


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model's table as the file spells them, without those that mean nothing."""
    return tuple(
        str(field.validation_alias or name)
        for name, field in model.model_fields.items()
        if not any(isinstance(mark, NoMeaning) for mark in field.metadata)
    )


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model of the table at `path`; None if its keys are free."""
    found: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, int):
            continue
        if found is None:
            return None
        field = _fields_by_key(found).get(part)
        found = _inner_model(field.annotation) if field else None
    return found


def _fields_by_key(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    return {str(f.validation_alias or name): f for name, f in model.model_fields.items()}


def _inner_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401  (any annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_inner_model(argument) for argument in get_args(annotation))
    return next((found for found in inner if found is not None), None)
