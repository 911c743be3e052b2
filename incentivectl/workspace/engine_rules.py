"""`[engine]`: what `run` and `batch post` are spread with (docs/cluster.md)."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from incentivectl.toml.numbers import whole
from incentivectl.toml.types import FilledText, TomlTable, by_name, filled_text, one_of
from incentivectl.toml.wrong import described, wrong

ENGINES = ("processes", "spark")
MOST_BUCKETS = 10_000


def _buckets(raw: object) -> int:
    count = whole(raw)
    if not 1 <= count <= MOST_BUCKETS:
        raise wrong("bad-buckets", f"expected 1 to {MOST_BUCKETS:,} buckets, not {count}")
    return count


def _conf(raw: object) -> Mapping[str, str]:
    """A table of texts, as Spark's settings are."""
    if not isinstance(raw, Mapping):
        raise wrong("bad-type", f"expected a table of texts, not {described(raw)}")
    return by_name(raw, filled_text)


class EngineRules(TomlTable):
    """`[engine]`: what `run` and `batch post` are spread with (docs/cluster.md)."""

    name: Annotated[Literal["processes", "spark"], one_of(ENGINES, "an engine")] | None = None
    master: FilledText = ""
    shared: FilledText = ""
    buckets: (
        Annotated[int, BeforeValidator(_buckets), WithJsonSchema({"type": "integer"})] | None
    ) = None
    conf: Annotated[
        Mapping[str, str],
        BeforeValidator(_conf),
        WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
    ] = {}
