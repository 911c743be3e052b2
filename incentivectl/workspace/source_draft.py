"""One source in the making: its own keys over those of `[sources.defaults]`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import PydanticCustomError

from incentivectl.core.errors import Problem
from incentivectl.core.tables.columns import Column, Table
from incentivectl.core.urls import local
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.source import TomlSource
from incentivectl.toml.wrong import nearest_hint
from incentivectl.workspace.source import Source
from incentivectl.workspace.source_settings import (
    Attribute,
    DefaultSettings,
    SourceSettings,
    canonical_constant,
)

DIALECT = (
    "encoding",
    "delimiter",
    "decimal",
    "grouping",
    "minus",
    "date_format",
    "time_zone",
    "sheet",
    "skip_rows",
    "footer_rows",
)
_OF_ONE_TABLE = ("header", "header_contains", "fill_down", "order")


@dataclass(frozen=True)
class Draft:
    """What the config says of a source of `table`, at `path` and in the defaults."""

    table: Table
    settings: SourceSettings
    defaults: DefaultSettings
    file: TomlSource
    path: KeyPath

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the table and the attributes that the source adds to them."""
        attributes: tuple[Attribute, ...] = self.pick("attributes")
        return (*self.table.column_names, *(one.name for one in attributes))

    @property
    def positions(self) -> tuple[str, ...]:
        """Our names by position, where `columns` lists them."""
        own = self.settings.columns
        return own if isinstance(own, tuple) else ()

    def pick(self, key: str) -> Any:  # noqa: ANN401  (the type of the key)
        """The source's own value, else the default's, else the built-in one."""
        for settings in (self.settings, self.defaults):
            if key in settings.model_fields_set:
                return getattr(settings, key)
        return getattr(self.settings, key)

    def merged(self, key: str) -> dict[str, Any]:
        """The source's own entries over those of the defaults."""
        defaults = getattr(self.defaults, key)
        usable = defaults if isinstance(defaults, Mapping) else {}
        return {**usable, **dict(getattr(self.settings, key))}

    def by_column(self, key: str) -> dict[str, Any]:
        """The same, without what the defaults say of columns that this table does not have."""
        own = getattr(self.settings, key)
        return {
            name: value
            for name, value in self.merged(key).items()
            if name in own or name in self.names
        }

    @property
    def needed(self) -> tuple[str, ...]:
        """Our columns that every file must have, since the source says where or what they are."""
        by_position = isinstance(self.settings.columns, tuple)
        mapped = {} if by_position else self.by_column("columns")
        named = {*mapped, *self.settings.values}
        left_out = {*self.pick("optional"), *self.by_column("set")}
        return tuple(name for name in self.names if name in named and name not in left_out)

    def problem(
        self, below: KeyPath, code: str, text: str, hint: str = "", *, at_key: bool = False
    ) -> Problem:
        """A problem with the key `below` of the source."""
        return self.file.problem((*self.path, *below), code, text, hint=hint, at_key=at_key)


def usual_paths(table: str) -> tuple[str, ...]:
    """Where the exports of a table lie unless a source says otherwise."""
    return (f"sample_data/{table}.csv",)


def source_of(draft: Draft) -> tuple[Source, list[Problem]]:
    """The source, and what is wrong with the constants and the words that it states."""
    attributes: tuple[Attribute, ...] = draft.pick("attributes")
    constants, bad_constants = _constants(draft)
    values, bad_values = _values(draft)
    source = Source(
        table=draft.table.name,
        name=draft.settings.name or draft.table.name,
        paths=tuple(map(local, draft.settings.path or usual_paths(draft.table.name))),
        declared=True,
        **{key: draft.pick(key) for key in (*DIALECT, *_OF_ONE_TABLE)},
        attributes=tuple(one.name for one in attributes),
        attribute_kinds={one.name: one.kind for one in attributes if one.kind != "text"},
        positions=draft.positions,
        columns={} if draft.positions else draft.by_column("columns"),
        set=constants,
        from_path=draft.by_column("from_path"),
        values=values,
        negate_when=draft.merged("negate_when"),
        skip_when=draft.merged("skip_when"),
        needed=draft.needed,
        optional=draft.pick("optional"),
        line=draft.file.problem(draft.path, "", "").line,
    )
    if source.delimiter == source.decimal and _states_no_delimiter(draft, source):
        source = replace(source, delimiter=";")
    return source, [*bad_constants, *bad_values]


def _states_no_delimiter(draft: Draft, source: Source) -> bool:
    """Workbooks have none; their rejects are then written with one that is not the decimal sign."""
    is_stated = any(
        "delimiter" in settings.model_fields_set for settings in (draft.settings, draft.defaults)
    )
    return not is_stated and any(map(is_workbook, source.paths))


def _constants(draft: Draft) -> tuple[dict[str, str], list[Problem]]:
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name, value in draft.by_column("set").items():
        column = draft.table.column(name) or Column(name)
        try:
            found[name] = canonical_constant(value, column)
        except PydanticCustomError as error:
            context = error.context or {}
            text = f"`{name}` in `set`: {context['text']}"
            problems.append(draft.problem(("set", name), error.type, text, str(context["hint"])))
    return found, problems


def _values(draft: Draft) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    found: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for name, translations in draft.by_column("values").items():
        column = draft.table.column(name) or Column(name)
        theirs_to_ours = found.setdefault(name, {})
        for ours, theirs in translations.items():
            at = ("values", name, ours)
            if column.choices and ours not in column.choices:
                text = f'invalid {name} "{ours}" of {draft.table.name}'
                hint = nearest_hint(ours, column.choices)
                hint = hint or f"choose from {', '.join(column.choices)}"
                problems.append(draft.problem(at, "unknown-choice", text, hint))
            for their in theirs:
                if theirs_to_ours.setdefault(their, ours) != ours:
                    text = f'"{their}" maps to both "{theirs_to_ours[their]}" and "{ours}"'
                    problems.append(draft.problem(at, "value-used-twice", text))
    return found, problems
