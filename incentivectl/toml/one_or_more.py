"""A single table such as `[reward]`, or several: `[[reward]]`."""

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from incentivectl.toml.wrong import wrong


def _one_or_more(raw: object) -> object:
    """A single `[reward]` table as a tuple of one."""
    if isinstance(raw, list | tuple):
        if not raw:
            raise wrong("empty-list", "the list is empty")
        return tuple(raw)
    return (raw,)


class _OneOrMore:
    """Marks a tuple of models that is written as one table, or as several."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_one_or_more, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


OneOrMore = _OneOrMore()
