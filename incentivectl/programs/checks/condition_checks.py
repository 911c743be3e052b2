"""Static checks of conditions: fields that exist, values that fit (docs/rules.md, "Conditions")."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from decimal import Decimal

from incentivectl.core.money import plain
from incentivectl.core.tables.columns import Column
from incentivectl.programs.conditions import Condition, Value
from incentivectl.programs.fields import (
    ENTITIES,
    FIELD_ENTITIES,
    Attributes,
    expected_value,
    field_column,
    known_fields,
)
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.payee import payee_kind
from incentivectl.programs.value_types import NUMBERS, fits
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.wrong import described, nearest_hint


def condition_findings(program: Program, attributes: Attributes) -> Iterator[Finding]:
    """Everything wrong with the conditions on lines, each `when` and each boost."""
    path: KeyPath
    for path, condition in program.line_conditions():
        yield from value_findings(
            path, condition, program.eligible_entities, attributes, program.kind
        )
    for i, reward in enumerate(program.reward):
        for condition in reward.when:
            path = ("reward", i, "when", condition.field)
            yield from value_findings(
                path, condition, program.when_entities, attributes, program.kind
            )
            yield from _never_for_payee(path, condition, program)
    for i, boost in enumerate(program.boost):
        if not boost.when:
            message = "the boost has no condition, so it would always apply"
            yield Finding(("boost", i, "when"), "empty-condition", message)
        for condition in boost.when:
            path = ("boost", i, "when", condition.field)
            yield from value_findings(
                path, condition, Program.when_entities, attributes, program.kind
            )
            yield from _never_for_payee(path, condition, program)


def _never_for_payee(path: KeyPath, condition: Condition, program: Program) -> Iterator[Finding]:
    if (
        condition.entity == "rep"
        and payee_kind(program.payee) != "rep"
        and "sale" not in program.when_entities
    ):
        message = f"`{condition.field}` is never known here: the payee is a {program.payee}"
        yield warning(path, "never-known", message, 'use partner.…, or payee = "rep"')


def value_findings(
    path: KeyPath,
    condition: Condition,
    entities: Collection[str],
    attributes: Attributes,
    kind: str,
) -> Iterator[Finding]:
    """What is wrong with one condition: its field, where it stands, its values and bounds."""
    column = field_column(condition.field, attributes)
    if column is None:
        yield _unknown_field(path, condition, entities, attributes)
        return
    if condition.entity not in entities:
        allowed = " and ".join(f"{entity}.*" for entity in sorted(entities))
        where = "[eligible]" if path[0] == "eligible" else "a `when`"
        message = (
            f"`{condition.field}` is not allowed here: {where} may only use {allowed} ({kind})"
        )
        hint = "" if path[0] == "eligible" else "conditions on lines belong in [eligible]"
        yield Finding(path, "condition-out-of-place", message, hint, at_key=True)
        return
    found = [*_values_never_met(path, condition, column), *_bound_findings(path, condition, column)]
    yield from found or _range_findings(path, condition)


def _unknown_field(
    path: KeyPath, condition: Condition, entities: Collection[str], attributes: Attributes
) -> Finding:
    field = condition.field
    hint = nearest_hint(field, known_fields(attributes, entities))
    if condition.entity not in ENTITIES or not condition.column:
        hint = (
            hint
            or f"a condition names one of {', '.join(f'{entity}.…' for entity in FIELD_ENTITIES)}"
        )
    else:
        table = ENTITIES[condition.entity]
        listed = (
            f'list it in `attributes` of [sources.{table}] if the export has "{condition.column}"'
        )
        hint = f"{hint}; or {listed}" if hint else listed
    message = f"unknown field `{field}`"
    return Finding(path, "unknown-field", message, hint, at_key=True)


def _values_never_met(path: KeyPath, condition: Condition, column: Column) -> Iterator[Finding]:
    for value in (
        *(condition.any_of or ()),
        *(condition.none_of or ()),
        *(condition.not_in or ()),
    ):
        if not fits(value, column):
            yield _wrong_value(path, condition.field, value, column)
        elif column.choices and value not in column.choices:
            message = f'`{condition.field}` is never "{value}"'
            hint = nearest_hint(str(value), column.choices)
            hint = hint or f"choose from {', '.join(column.choices)}"
            yield Finding(path, "unknown-choice", message, hint)
        elif condition.field == "sale.month" and value not in range(1, 13):
            yield Finding(path, "unknown-choice", f"invalid month {value}", "1 to 12")


def _bound_findings(path: KeyPath, condition: Condition, column: Column) -> Iterator[Finding]:
    for name in ("min", "max"):
        value = getattr(condition, name)
        if value is None:
            continue
        if column.kind != "date" and column.kind not in NUMBERS:
            message = f"`{name}` needs a number or a date, and `{condition.field}` is neither"
            yield Finding((*path, name), "bound-without-order", message)
        elif not fits(value, column):
            yield _wrong_value((*path, name), condition.field, value, column)
    for name in ("before", "after"):
        if getattr(condition, name) is not None and column.kind != "date":
            message = f"`{name}` needs a date, and `{condition.field}` is not one"
            yield Finding((*path, name), "bound-without-order", message, "use `min` and `max`")


def _wrong_value(path: KeyPath, field: str, value: Value, column: Column) -> Finding:
    message = f"`{field}` is {expected_value(column)}, not {described(value)}"
    hint = ""
    if isinstance(value, Decimal) and expected_value(column) == "text":
        hint = f'put it in quotes: "{plain(value)}"'
    elif isinstance(value, str) and expected_value(column) != "text":
        hint = "write it without quotes"
    return Finding(path, "wrong-type", message, hint)


def _range_findings(path: KeyPath, condition: Condition) -> Iterator[Finding]:
    """Bounds with nothing between them, and values that are both required and excluded."""
    low, high = condition.min, condition.max
    if condition.after is not None:
        after = condition.after + timedelta(days=1)
        low = max(low, after) if isinstance(low, date) else after
    if condition.before is not None:
        before = condition.before - timedelta(days=1)
        high = min(high, before) if isinstance(high, date) else before
    empty = low is not None and high is not None and low > high  # type: ignore[operator]
    wanted = condition.any_of
    refused = (*(condition.none_of or ()), *(condition.not_in or ()))
    if empty or (wanted and refused and set(wanted) <= set(refused)):
        yield Finding(path, "never-holds", f"the condition on `{condition.field}` can never be met")
