"""Static checks of `[[example]]`: columns that exist, values that fit, what it leaves out."""

from collections.abc import Iterator, Mapping

from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column
from incentivectl.programs.conditions import Value
from incentivectl.programs.example import Example
from incentivectl.programs.fields import (
    Attributes,
    attribute_column,
    expected_value,
    field_column,
    known_fields,
)
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.value_types import fits
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.wrong import described, nearest_hint

# What an example's list of rows holds: the table, and the entities whose fields may stand there too.
_ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sales": ("sales", ("sale", "partner", "rep", "product", "customer", "level")),
    "deals": ("deals", ("partner", "level")),
    "activities": ("activities", ("partner", "rep", "level")),
    "requests": ("mdf_requests", ("partner", "level")),
    "claims": ("mdf_claims", ("partner", "level")),
}

_OWN_KEYS = ("payee", "top")  # of a sale: who is paid, and whom it counts together with


def example_findings(program: Program, attributes: Attributes) -> Iterator[Finding]:
    """What is wrong with the examples, without running them."""
    metrics = {metric for _, metric in program.metrics_used()}
    counts_together = any(reward.together for reward in program.reward)
    names: set[str] = set()
    for i, example in enumerate(program.example):
        path: KeyPath = ("example", i)
        if example.name in names:
            message = f'two examples are called "{example.name}"'
            yield warning((*path, "name"), "named-twice", message)
        names.add(example.name)
        yield from _unused_findings(path, example, metrics)
        for key, (table, entities) in _ROWS.items():
            rows = getattr(example, key)
            if rows and table not in program.tables:
                message = f"`{key}` have no meaning in an example of kind {program.kind}"
                yield Finding((*path, key), "key-without-meaning", message, at_key=True)
            for j, row in enumerate(rows):
                own = _OWN_KEYS if key == "sales" and counts_together else ("payee",)
                yield from _row_findings((*path, key, j), row, (table, own), entities, attributes)


def _unused_findings(path: KeyPath, example: Example, metrics: set[str]) -> Iterator[Finding]:
    by_payee = example.expect.values() if isinstance(example.expect, Mapping) else [example.expect]
    if example.target is None and "attainment" in metrics and any(by_payee):
        message = "attainment needs a `target`; without one this example earns nothing"
        yield warning(path, "example-without-target", message)
    for key, metric in (("baseline", "growth"), ("target", "attainment")):
        if getattr(example, key) is not None and metric not in metrics:
            message = f"`{key}` has no effect: nothing here is measured by {metric}"
            yield warning((*path, key), "unused-in-example", message)


def _row_findings(
    path: KeyPath,
    row: Mapping[str, Value],
    of: tuple[str, tuple[str, ...]],
    entities: tuple[str, ...],
    attributes: Attributes,
) -> Iterator[Finding]:
    """What is wrong with a row `of` a table, which has keys of its own beside the columns."""
    table, own = of
    known = (*TABLES[table].column_names, *attributes.get(table, ()), *own)
    for key, value in row.items():
        column = Column(key) if key in own else _column(key, table, entities, attributes)
        if column is None:
            hint = nearest_hint(key, (*known, *known_fields(attributes, entities)))
            message = f"`{key}` is neither a column of {table} nor a field of a condition"
            yield Finding((*path, key), "unknown-field", message, hint, at_key=True)
        elif not fits(value, column):
            message = f"`{key}` is {expected_value(column)}, not {described(value)}"
            yield Finding((*path, key), "wrong-type", message)
        elif column.choices and value not in column.choices:
            message = f'`{key}` is never "{value}"'
            hint = nearest_hint(str(value), column.choices)
            hint = hint or f"choose from {', '.join(column.choices)}"
            yield Finding((*path, key), "unknown-choice", message, hint)


def _column(
    key: str, table: str, entities: tuple[str, ...], attributes: Attributes
) -> Column | None:
    if "." in key:
        return field_column(key, attributes) if key.partition(".")[0] in entities else None
    listed = attribute_column(key, attributes.get(table, ()))
    return TABLES[table].column(key) or listed
