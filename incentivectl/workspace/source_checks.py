"""What can be wrong with the keys of one source (docs/reference.md, "Sources")."""

from collections.abc import Iterator, Mapping

from incentivectl.core.errors import Problem
from incentivectl.core.urls import local, objection
from incentivectl.toml.wrong import nearest_hint
from incentivectl.workspace.compound_ids import compound
from incentivectl.workspace.source import Source
from incentivectl.workspace.source_draft import Draft


def draft_problems(draft: Draft) -> Iterator[Problem]:
    """What is wrong with the keys one by one."""
    yield from _attributes(draft)
    yield from _paths(draft)
    yield from _unknown_columns(draft)
    yield from _optional(draft)
    yield from _id_patterns(draft)
    yield from _signs(draft)


def source_problems(draft: Draft, source: Source) -> Iterator[Problem]:
    """What is wrong with the keys taken together: `source` is what they make."""
    yield from _positions(draft, source)
    if source.delimiter == source.decimal:
        text = f'"{source.delimiter}" cannot separate both columns and decimals'
        hint = "set `delimiter` and `decimal` as in the export"
        yield draft.problem(("delimiter",), "delimiter-is-decimal", text, hint)


def _attributes(draft: Draft) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, attribute in enumerate(draft.settings.attributes):
        name = attribute.name
        if draft.table.column(name):
            text = f"`{name}` is a column of {draft.table.name}, so it is usable as it is"
            yield draft.problem(("attributes", index), "attribute-is-column", text)
        elif name in seen:
            text = f"the attribute `{name}` is listed twice"
            yield draft.problem(("attributes", index), "named-twice", text)
        seen.add(name)


def _paths(draft: Draft) -> Iterator[Problem]:
    for index, path in enumerate(draft.settings.path or ()):
        if (wrong := objection(local(path))) is not None:
            text, hint = wrong
            yield draft.problem(("path", index), "unknown-scheme", text, hint)


def _unknown_columns(draft: Draft) -> Iterator[Problem]:
    for key in ("columns", "set", "from_path", "values"):
        given = getattr(draft.settings, key)
        for index, name in enumerate(given):
            if name and name not in draft.names:
                text = f"`{name}` in `{key}` is not a column of {draft.table.name}"
                hint = nearest_hint(name, draft.names)
                hint = hint or "list it in `attributes` to use it in conditions"
                at = name if isinstance(given, Mapping) else index
                yield draft.problem((key, at), "unknown-column", text, hint, at_key=True)


def _optional(draft: Draft) -> Iterator[Problem]:
    theirs = {**draft.merged("negate_when"), **draft.merged("skip_when")}
    theirs |= dict.fromkeys(draft.pick("fill_down"))
    for index, name in enumerate(draft.settings.optional):
        column = draft.table.column(name)
        if name not in draft.names and name not in theirs:
            text = f"`{name}` in `optional` is not a column of {draft.table.name}"
            hint = nearest_hint(name, (*draft.names, *theirs))
            hint = hint or "use the table's column names (docs/reference.md)"
            yield draft.problem(("optional", index), "unknown-column", text, hint)
        elif column is not None and column.required:
            text = f"`{name}` in `optional`: every row of {draft.table.name} needs it"
            yield draft.problem(("optional", index), "required-column", text)


def _id_patterns(draft: Draft) -> Iterator[Problem]:
    own = draft.settings.columns
    for name, patterns in own.items() if isinstance(own, Mapping) else ():
        column = draft.table.column(name)
        for pattern in patterns if column is not None and column.is_id else ():
            try:
                compound(pattern)
            except ValueError as error:
                text = f"`{name}` in `columns`: {error} is not a column in braces"
                hint = "write {Column} for each part, and {{ or }} for a brace"
                yield draft.problem(("columns", name), "bad-id-pattern", text, hint)


def _signs(draft: Draft) -> Iterator[Problem]:
    signed = draft.table.column("amount") or draft.table.column("quantity")
    if draft.settings.negate_when and not signed:
        text = f"{draft.table.name} has no quantity and no amount to turn negative"
        yield draft.problem(("negate_when",), "key-without-meaning", f"`negate_when`: {text}")


def _positions(draft: Draft, source: Source) -> Iterator[Problem]:
    if source.header and source.positions:
        text = "`columns` is a list of positions, but the files have a header"
        hint = "add `header = false`, or name the export's columns in a table"
        yield draft.problem(("columns",), "columns-by-position", text, hint)
    elif not source.header and not source.positions:
        text = "without a header, `columns` must list column names by position"
        hint = 'such as columns = ["sale_id", "", "sold_on"]'
        yield draft.problem(("header",), "columns-by-position", text, hint)
    elif not source.header:
        yield from _without_header(draft, source)


def _without_header(draft: Draft, source: Source) -> Iterator[Problem]:
    named = [name for name in source.positions if name]
    for index, name in enumerate(source.positions):
        if name and name in source.positions[:index]:
            text = f"`{name}` is listed at two positions"
            yield draft.problem(("columns", index), "named-twice", text)
    fed = {*named, *source.set, *source.from_path}
    for column in draft.table.columns:
        if column.required and column.name not in fed:
            text = f"`columns` gives no position for `{column.name}`"
            yield draft.problem(("columns",), "column-not-fed", text)
    if source.header_contains:
        text = "`header_contains`: the files have no header"
        yield draft.problem(("header_contains",), "key-without-meaning", text)
    for key in ("negate_when", "skip_when", "fill_down"):
        for name in getattr(draft.settings, key):
            if name not in named:
                text = f"`{name}` in `{key}`: files without a header have only the positions of `columns`"
                yield draft.problem((key, name), "unknown-column", text)
