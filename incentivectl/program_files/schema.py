"""The JSON Schema of program files, for editors (docs/reference.md, "Editing programs").

It is made from the models, so that it knows every key, and says less than `check`: what depends on
other keys or on other files only `check` sees. Written for draft 7, which TOML editors understand.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from incentivectl.kinds.catalogue import KINDS

SCHEMA_FILE = "program.schema.json"  # where the samples' first line looks for it, beside them
_DRAFT = "http://json-schema.org/draft-07/schema#"


def schema_text(kind: str | None = None) -> str:
    """The schema of one kind of program, or of all, as JSON text ending in a line feed."""
    return json.dumps(program_schema(kind), indent=2, ensure_ascii=False) + "\n"


def program_schema(kind: str | None = None) -> dict[str, Any]:
    """The schema as a JSON object: one of the kinds, distinguished by `kind`."""
    models = [one.model for name, one in KINDS.items() if kind in (None, name)]
    references, whole = models_json_schema([(model, "validation") for model in models])
    definitions = {name: _tidy(body) for name, body in whole["$defs"].items()}
    for model in models:
        required = definitions[model.__name__]["required"]
        required.insert(2, "kind")  # a file must name its kind, though each model knows it
    one_of = [references[model, "validation"] for model in models]
    return {
        "$schema": _DRAFT,
        "title": "incentivectl program",
        "oneOf": one_of,
        "$defs": definitions,
    }


def _tidy(schema: Any) -> Any:  # noqa: ANN401
    """Without what TOML has no word for (null) and titles that only repeat the key."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, Mapping):
        return schema
    kept = {
        key: {name: _tidy(body) for name, body in value.items()}
        if key == "properties"
        else _tidy(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and not isinstance(value, str | int))
    }
    if len(kept.get("anyOf", ())) == 1:
        (only,) = kept.pop("anyOf")
        kept |= only
    return kept
