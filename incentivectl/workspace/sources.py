"""`[sources.…]`: where each table's exports lie and how to read them (docs/rules.md, "Reading").

A table may have several sources. What a source leaves out it takes from `[sources.defaults]`. A
table without a source is looked for at `sample_data/<table>.csv` under its canonical column names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from incentivectl.core.errors import Problem
from incentivectl.core.objects import SCHEMES, has_known_scheme, is_url
from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column, Table
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.toml.problems import problems_of
from incentivectl.toml.source import KeyPath, TomlSource
from incentivectl.toml.types import described, nearest_hint
from incentivectl.workspace.cell_tests import CellTest
from incentivectl.workspace.compound_ids import compound
from incentivectl.workspace.source_settings import (
    Attribute,
    DefaultSettings,
    SourceSettings,
    canonical_constant,
)

_Settings = TypeVar("_Settings", bound=SourceSettings)

CONFIG_NAME = "incentivectl.toml"
_DIALECT = (
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


@dataclass(frozen=True, slots=True)
class Source:
    """Exports of one shape for one table, with everything needed to read them.

    `columns` maps our name to the export's names, of which the first that is there counts (of an id,
    patterns of `compound_ids`); without
    a header `positions` gives our names by position instead ("" skips one). `set` holds canonical
    text (ISO dates, a decimal point), `values` maps column → their value → ours.

    Every file must have our columns `needed`, and those of its own that `negate_when` and `skip_when`
    name, unless they are `optional` (docs/rules.md, "Workspace and sources").
    """

    table: str
    name: str
    paths: tuple[str, ...]
    declared: bool
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    grouping: str = "thousands"
    minus: tuple[str, ...] = ()
    date_format: str = "%Y-%m-%d"
    time_zone: str | None = None
    sheet: str | int | None = None
    header: bool = True
    positions: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    header_contains: tuple[str, ...] = ()
    attribute_kinds: Mapping[str, str] = field(default_factory=dict)  # but for texts
    skip_rows: int = 0
    footer_rows: int = 0
    order: int = 0
    set: Mapping[str, str] = field(default_factory=dict)
    from_path: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    negate_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skip_when: Mapping[str, CellTest] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    line: int | None = field(default=None, compare=False, repr=False)  # of the config

    @property
    def place(self) -> str:
        """The source by its name, and where it stands in the config."""
        where = f" ({CONFIG_NAME}:{self.line})" if self.line else ""
        return f"source {self.name}{where}"


def read_sources(file: TomlSource) -> tuple[tuple[Source, ...], list[Problem]]:
    """Every source of the config and one for each table without; and all that is wrong."""
    raw = file.data.get("sources", {})
    if not isinstance(raw, Mapping):
        text = f"`sources`: expected a table, not {described(raw)}"
        return (), [file.problem(("sources",), "wrong-type", text)]
    defaults, problems = _settings(
        DefaultSettings, raw.get("defaults", {}), file, ("sources", "defaults")
    )
    defaults = defaults or DefaultSettings()
    problems += _unknown_defaults(defaults, file)
    sources: list[Source] = []
    places: list[KeyPath] = []
    for path, table, entry in _entries(raw, file, problems):
        settings, refused = _settings(SourceSettings, entry, file, path)
        problems += refused
        if settings is not None:
            draft = _Draft(table, settings, defaults, file, path)
            sources.append(draft.source())
            places.append(path)
            problems += draft.problems
    problems += _names_used_twice(sources, places, file)
    for name in TABLES:
        if name not in raw:
            dialect = {key: getattr(defaults, key) for key in _DIALECT}
            sources.append(Source(name, name, _usual_paths(name), declared=False, **dialect))
    return tuple(sources), problems


def _usual_paths(table: str) -> tuple[str, ...]:
    return (f"sample_data/{table}.csv",)


def _settings(
    model: type[_Settings], raw: object, file: TomlSource, path: KeyPath
) -> tuple[_Settings | None, list[Problem]]:
    try:
        return model.model_validate(raw, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, problems_of(error, file, model, below=path)


def _entries(
    raw: Mapping[str, Any], file: TomlSource, problems: list[Problem]
) -> Iterator[tuple[KeyPath, Table, object]]:
    """Each `[sources.x]` and `[[sources.x]]` with its place and table."""
    for name, entries in raw.items():
        path: KeyPath = ("sources", name)
        if name == "defaults":
            continue
        if name not in TABLES:
            hint = nearest_hint(name, (*TABLES, "defaults")) or f"choose from {', '.join(TABLES)}"
            text = f"[sources.{name}]: unknown table"
            problems.append(file.problem(path, "unknown-table", text, hint=hint, at_key=True))
        elif isinstance(entries, list):
            yield from (((*path, i), TABLES[name], entry) for i, entry in enumerate(entries))
        else:
            yield path, TABLES[name], entries


def _unknown_defaults(defaults: DefaultSettings, file: TomlSource) -> Iterator[Problem]:
    """Columns in `[sources.defaults]` that no table has, and what only one source can say."""
    path: KeyPath = ("sources", "defaults")
    known = {name for table in TABLES.values() for name in table.column_names}
    if isinstance(defaults.columns, tuple):
        text = "`columns` in [sources.defaults]: positions belong to one source"
        yield file.problem((*path, "columns"), "columns-by-position", text)
    for key in ("columns", "set", "from_path", "values"):
        for name in getattr(defaults, key):
            if isinstance(getattr(defaults, key), Mapping) and name not in known:
                text = f"`{name}` in [sources.defaults.{key}] is not a column of any table"
                hint = nearest_hint(name, known)
                yield file.problem(
                    (*path, key, name), "unknown-column", text, hint=hint, at_key=True
                )
    listed = (one.name for one in defaults.attributes)
    theirs = {*listed, *defaults.negate_when, *defaults.skip_when}
    for index, name in enumerate(defaults.optional):
        if name not in known and name not in theirs:
            text = f"`{name}` in `optional` of [sources.defaults] is not a column of any table"
            hint = nearest_hint(name, (*known, *theirs))
            yield file.problem((*path, "optional", index), "unknown-column", text, hint=hint)


def _names_used_twice(
    sources: list[Source], places: list[KeyPath], file: TomlSource
) -> Iterator[Problem]:
    """Names tell rejects files and aliases apart, so each may stand once, in whatever case."""
    declared = {source.table for source in sources}
    taken = {table: f"the table {table}" for table in TABLES if table not in declared}
    for source, path in zip(sources, places, strict=True):
        name = source.name.casefold()
        if name in taken:
            text = f'the source name "{source.name}" is used twice: {taken[name]} has it too'
            hint = "give every source of a table its own `name`"
            yield file.problem((*path, "name"), "source-name-used-twice", text, hint=hint)
        taken.setdefault(name, f"a source of {source.table}")


class _Draft:
    """One source in the making: its own keys over the defaults, and what is wrong with it."""

    def __init__(
        self,
        table: Table,
        settings: SourceSettings,
        defaults: DefaultSettings,
        file: TomlSource,
        path: KeyPath,
    ) -> None:
        self.table = table
        self.settings = settings
        self.defaults = defaults
        self.file = file
        self.path = path
        self.problems: list[Problem] = []

    def source(self) -> Source:
        attributes: tuple[Attribute, ...] = self._pick("attributes")
        names = (*self.table.column_names, *(one.name for one in attributes))
        self._check_attributes()
        self._check_paths()
        self._check_columns_known(names)
        self._check_optional(names)
        self._check_patterns()
        self._check_signs()
        own = self.settings.columns
        positions = own if isinstance(own, tuple) else ()
        source = Source(
            table=self.table.name,
            name=self.settings.name or self.table.name,
            paths=self.settings.path or _usual_paths(self.table.name),
            declared=True,
            **{key: self._pick(key) for key in (*_DIALECT, *_OF_ONE_TABLE)},
            attributes=tuple(one.name for one in attributes),
            attribute_kinds={one.name: one.kind for one in attributes if one.kind != "text"},
            positions=positions,
            columns={} if positions else self._merged("columns", names),
            set=self._constants(names),
            from_path=self._merged("from_path", names),
            values=self._values(names),
            negate_when=self._merged("negate_when"),
            skip_when=self._merged("skip_when"),
            needed=self._needed(names),
            optional=self._pick("optional"),
            line=self.file.problem(self.path, "", "").line,
        )
        self._check_positions(source)
        if source.delimiter == source.decimal and self._states_no_delimiter(source):
            source = replace(source, delimiter=";")
        if source.delimiter == source.decimal:
            self._keep(
                ("delimiter",),
                "delimiter-is-decimal",
                f'"{source.delimiter}" cannot separate both columns and decimals',
                "set `delimiter` and `decimal` as in the export",
            )
        return source

    def _states_no_delimiter(self, source: Source) -> bool:
        """Workbooks have none; that of their rejects is then the one that goes with the decimal sign."""
        is_stated = any(
            "delimiter" in settings.model_fields_set for settings in (self.settings, self.defaults)
        )
        return not is_stated and any(map(is_workbook, source.paths))

    def _keep(self, below: KeyPath, code: str, text: str, hint: str = "") -> None:
        path = (*self.path, *below)
        self.problems.append(self.file.problem(path, code, text, hint=hint))

    def _pick(self, key: str) -> Any:  # noqa: ANN401  (the type of the key)
        """The source's own value, else the default's, else the built-in one."""
        for settings in (self.settings, self.defaults):
            if key in settings.model_fields_set:
                return getattr(settings, key)
        return getattr(self.settings, key)

    def _merged(self, key: str, names: tuple[str, ...] | None = None) -> dict[str, Any]:
        """The defaults' entries that this table has a column for, under the source's own."""
        defaults = getattr(self.defaults, key)
        usable = {
            name: defaults[name]
            for name in (defaults if isinstance(defaults, Mapping) else ())
            if names is None or name in names
        }
        return usable | dict(getattr(self.settings, key))

    def _check_paths(self) -> None:
        for index, path in enumerate(self.settings.path or ()):
            if is_url(path) and not has_known_scheme(path):
                schemes = ", ".join(f"{scheme}://" for scheme in SCHEMES)
                text = f'"{path}" is not in a storage that can be read'
                self._keep(("path", index), "unknown-scheme", text, f"choose from {schemes}")

    def _check_attributes(self) -> None:
        seen: set[str] = set()
        for index, attribute in enumerate(self.settings.attributes):
            name = attribute.name
            if self.table.column(name):
                text = f"`{name}` is a column of {self.table.name}, so it is usable as it is"
                self._keep(("attributes", index), "attribute-is-column", text)
            elif name in seen:
                text = f"the attribute `{name}` is listed twice"
                self._keep(("attributes", index), "named-twice", text)
            seen.add(name)

    def _check_columns_known(self, names: tuple[str, ...]) -> None:
        for key in ("columns", "set", "from_path", "values"):
            given = getattr(self.settings, key)
            for index, name in enumerate(given):
                if name and name not in names:
                    text = f"`{name}` in `{key}` is not a column of {self.table.name}"
                    hint = nearest_hint(name, names)
                    hint = hint or "list it in `attributes` to use it in conditions"
                    at = name if isinstance(given, Mapping) else index
                    path = (*self.path, key, at)
                    self.problems.append(
                        self.file.problem(path, "unknown-column", text, hint=hint, at_key=True)
                    )

    def _needed(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Our columns that every file must have, since the source says where or what they are."""
        own = self.settings.columns
        mapped = {} if isinstance(own, tuple) else self._merged("columns", names)
        named = {*mapped, *self.settings.values}
        left_out = {*self._pick("optional"), *self._merged("set", names)}
        return tuple(name for name in names if name in named and name not in left_out)

    def _check_optional(self, names: tuple[str, ...]) -> None:
        theirs = {**self._merged("negate_when"), **self._merged("skip_when")}
        theirs |= dict.fromkeys(self._pick("fill_down"))
        for index, name in enumerate(self.settings.optional):
            column = self.table.column(name)
            if name not in names and name not in theirs:
                text = f"`{name}` in `optional` is not a column of {self.table.name}"
                hint = (
                    nearest_hint(name, (*names, *theirs))
                    or "use the table's column names (docs/reference.md)"
                )
                self._keep(("optional", index), "unknown-column", text, hint)
            elif column is not None and column.required:
                text = f"`{name}` in `optional`: every row of {self.table.name} needs it"
                self._keep(("optional", index), "required-column", text)

    def _check_patterns(self) -> None:
        own = self.settings.columns
        for name, patterns in own.items() if isinstance(own, Mapping) else ():
            column = self.table.column(name)
            for pattern in patterns if column is not None and column.is_id else ():
                try:
                    compound(pattern)
                except ValueError as error:
                    text = f"`{name}` in `columns`: {error} is not a column in braces"
                    hint = "write {Column} for each part, and {{ or }} for a brace"
                    self._keep(("columns", name), "bad-id-pattern", text, hint)

    def _check_signs(self) -> None:
        signed = self.table.column("amount") or self.table.column("quantity")
        if self.settings.negate_when and not signed:
            text = f"{self.table.name} has no quantity and no amount to turn negative"
            self._keep(("negate_when",), "key-without-meaning", f"`negate_when`: {text}")

    def _check_positions(self, source: Source) -> None:
        if source.header and source.positions:
            text = "`columns` is a list of positions, but the files have a header"
            hint = "add `header = false`, or name the export's columns in a table"
            self._keep(("columns",), "columns-by-position", text, hint)
        elif not source.header and not source.positions:
            text = "without a header, `columns` must list column names by position"
            hint = 'such as columns = ["sale_id", "", "sold_on"]'
            self._keep(("header",), "columns-by-position", text, hint)
        elif not source.header:
            self._check_positions_complete(source)

    def _check_positions_complete(self, source: Source) -> None:
        named = [name for name in source.positions if name]
        for index, name in enumerate(source.positions):
            if name and name in source.positions[:index]:
                text = f"`{name}` is listed at two positions"
                self._keep(("columns", index), "named-twice", text)
        fed = {*named, *source.set, *source.from_path}
        for column in self.table.columns:
            if column.required and column.name not in fed:
                text = f"`columns` gives no position for `{column.name}`"
                self._keep(("columns",), "column-not-fed", text)
        if source.header_contains:
            text = "`header_contains`: the files have no header"
            self._keep(("header_contains",), "key-without-meaning", text)
        for key in ("negate_when", "skip_when", "fill_down"):
            for name in getattr(self.settings, key):
                if name not in named:
                    text = f"`{name}` in `{key}`: files without a header have only the positions of `columns`"
                    self._keep((key, name), "unknown-column", text)

    def _constants(self, names: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self._merged("set", names).items():
            column = self.table.column(name) or Column(name)
            try:
                found[name] = canonical_constant(value, column)
            except PydanticCustomError as error:
                context = error.context or {}
                text = f"`{name}` in `set`: {context['text']}"
                self._keep(("set", name), error.type, text, str(context["hint"]))
        return found

    def _values(self, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name, translations in self._merged("values", names).items():
            column = self.table.column(name) or Column(name)
            theirs_to_ours = found.setdefault(name, {})
            for ours, theirs in translations.items():
                if column.choices and ours not in column.choices:
                    text = f'invalid {name} "{ours}" of {self.table.name}'
                    hint = nearest_hint(ours, column.choices)
                    hint = hint or f"choose from {', '.join(column.choices)}"
                    self._keep(("values", name, ours), "unknown-choice", text, hint)
                for their in theirs:
                    if theirs_to_ours.setdefault(their, ours) != ours:
                        text = f'"{their}" maps to both "{theirs_to_ours[their]}" and "{ours}"'
                        self._keep(("values", name, ours), "value-used-twice", text)
        return found
