"""`[sources.…]`: where each table's exports lie and how to read them (docs/rules.md, "Reading").

A table may have several sources. What a source leaves out it takes from `[sources.defaults]`. A
table without a source is looked for at `sample_data/<table>.csv` under its canonical column names.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from incentivectl.core.errors import Problem
from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Table
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.problems import problems_of
from incentivectl.toml.source import TomlSource
from incentivectl.toml.wrong import described, nearest_hint
from incentivectl.workspace.source import Source
from incentivectl.workspace.source_checks import draft_problems, source_problems
from incentivectl.workspace.source_draft import DIALECT, Draft, source_of, usual_paths
from incentivectl.workspace.source_settings import DefaultSettings, SourceSettings

_Settings = TypeVar("_Settings", bound=SourceSettings)


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
            draft = Draft(table, settings, defaults, file, path)
            source, refused = source_of(draft)
            problems += [*draft_problems(draft), *refused, *source_problems(draft, source)]
            sources.append(source)
            places.append(path)
    problems += _names_used_twice(sources, places, file)
    for name in TABLES:
        if name not in raw:
            dialect = {key: getattr(defaults, key) for key in DIALECT}
            sources.append(Source(name, name, usual_paths(name), declared=False, **dialect))
    return tuple(sources), problems


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
