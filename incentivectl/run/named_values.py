"""Values that programs name and no row has: a condition on them never holds, so they are reported (42.4)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from incentivectl.core.errors import Problem
from incentivectl.core.tables import TABLES
from incentivectl.ingest.inputs import MOST_VALUES, Inputs
from incentivectl.programs.conditions import Condition, Value
from incentivectl.programs.fields import COMPUTED, ENTITIES, LEVEL, field_column
from incentivectl.programs.model import Program
from incentivectl.run.loading import Loaded
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.wrong import nearest_hint

EXAMPLES = 3
Place = tuple[str, str]  # a table and one of its columns


@dataclass(frozen=True, slots=True)
class _Named:
    """Values that a program names at `path`, and whose column they are.

    `lines` are where values stand in a file (`lists/contracts.csv:4`), if they do.
    """

    program: Program
    path: KeyPath
    place: Place
    values: tuple[Value, ...]
    lines: Mapping[Value, str] = field(default_factory=dict)


def unknown_values(loaded: Loaded, inputs: Inputs) -> list[Problem]:
    """A warning for each condition, price, allocation or activity that names what no row has."""
    named = [one for program in loaded.programs for one in _named(program, loaded)]
    known = _Known(inputs, named)
    found = [_problem(one, known) for one in named]
    return [problem for problem in found if problem is not None]


def _named(program: Program, loaded: Loaded) -> Iterator[_Named]:
    for path, condition in program.conditions():
        place = _place(condition, loaded.workspace.attributes)
        values = (
            *(condition.any_of or ()), *(condition.none_of or ()), *(condition.not_in or ()),
        )  # fmt: skip
        if place is not None and values:
            yield _Named(program, path, place, values)
    for path, column, named in program.named_values():
        yield _Named(program, path, column, named)
    yield from _keys_of_terms(program, loaded.workspace.attributes)


def _keys_of_terms(program: Program, attributes: Mapping[str, Collection[str]]) -> Iterator[_Named]:
    """The values of each key column of the terms, each with its first line in the file."""
    for i, reward in enumerate(program.reward):
        if reward.terms is None:
            continue
        by_field: dict[str, dict[Value, str]] = {}
        for line, name, value in reward.terms.key_values():
            by_field.setdefault(name, {}).setdefault(value, f"{reward.terms.path}:{line}")
        for name, lines in by_field.items():
            place = _place(Condition(name), attributes)
            if place is not None:
                yield _Named(program, ("reward", i, "terms"), place, tuple(lines), lines)


def _place(condition: Condition, attributes: Mapping[str, Collection[str]]) -> Place | None:
    """The column that holds a field's values; None if it is found by rules or has a fixed set of values."""
    column = field_column(condition.field, attributes)
    if condition.entity == LEVEL or condition.field in COMPUTED or column is None or column.choices:
        return None
    table = ENTITIES[condition.entity]
    own_id = column.refers_to is None or column.refers_to == table
    if own_id:
        return table, column.name
    return str(column.refers_to), TABLES[str(column.refers_to)].columns[0].name


class _Known:
    """The values that occur in rows; unknown for tables that are absent or empty."""

    def __init__(self, inputs: Inputs, named: list[_Named]) -> None:
        wanted: dict[Place, set[object]] = {}
        for one in named:
            wanted.setdefault(one.place, set()).update(one.values)
        of_sales = {
            column: frozenset(values)
            for (table, column), values in wanted.items()
            if table == "sales"
        }
        in_lines = inputs.values_of_sales(of_sales) if of_sales else {}
        self._values: dict[Place, Collection[object]] = {
            ("sales", column): values for column, values in in_lines.items()
        }
        for table, column in wanted:
            if table != "sales" and not inputs.tables[table].is_empty():
                self._values[table, column] = set(inputs.tables[table][column].drop_nulls())

    def missing(self, one: _Named) -> list[Value]:
        """The named values that no row has."""
        known = self._values.get(one.place)
        return [] if known is None else [value for value in one.values if value not in known]

    def nearest(self, place: Place, value: Value) -> str:
        """The nearest known value, as a hint; empty if there is none."""
        known = self._values[place]
        if not isinstance(value, str) or len(known) > MOST_VALUES:
            return ""
        return nearest_hint(value, [str(one) for one in known])


def _problem(one: _Named, known: _Known) -> Problem | None:
    missing = known.missing(one)
    if not missing:
        return None
    table, column = one.place
    shown = ", ".join(f'"{_text(value)}"{_line(one, value)}' for value in missing[:EXAMPLES])
    more = f", … ({len(missing):,} in all)" if len(missing) > EXAMPLES else ""
    row = "accepted line" if table == "sales" else f"row of {table}"
    return one.program.problem(
        one.path,
        "unknown-value",
        f"{one.program.id}: no {row} has the {column} {shown}{more}",
        hint=known.nearest(one.place, missing[0]),
        severity="warning",
    )


def _line(one: _Named, value: Value) -> str:
    return f" ({one.lines[value]})" if value in one.lines else ""


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value)
