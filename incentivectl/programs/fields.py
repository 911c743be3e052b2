"""The fields that conditions may name: columns of the tables, listed attributes, computed ones."""

from collections.abc import Collection, Mapping

from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column, Kind

ENTITIES = {
    "sale": "sales",
    "partner": "partners",
    "rep": "reps",
    "product": "products",
    "customer": "customers",
}

# `level.<program>`: the level that the partner has in a program of levels, on the day that matters.
LEVEL = "level"
FIELD_ENTITIES = (*ENTITIES, LEVEL)  # what the fields of conditions belong to
OF_PARTNERS = ("partner", LEVEL)  # those that follow from the partner and the day

COMPUTED = {
    "sale.month": Column("month", "whole"),
    "sale.new_customer": Column("new_customer", "flag"),
    "partner.tenure_years": Column("tenure_years", "whole"),
    "customer.revenue_12m": Column("revenue_12m", "amount"),
}

_EXPECTED: dict[Kind, str] = {
    "text": "text",
    "currency": "text",
    "date": "a date",
    "amount": "a number",
    "fx_rate": "a number",
    "whole": "a whole number",
    "flag": "true or false",
}

# Table → the extra columns that its sources list, with their kinds where these are known.
Attributes = Mapping[str, Collection[str]]
_KINDS: dict[str, Kind] = {"number": "amount", "date": "date"}


def field_column(field: str, attributes: Attributes) -> Column | None:
    """The column behind a field such as `partner.tier`, or None.

    A listed attribute is text unless it has a kind. `level_checks` find a `level.<program>` whose program
    does not exist.
    """
    entity, _, name = field.partition(".")
    if entity == LEVEL and name:
        return Column(name)
    table = TABLES.get(ENTITIES.get(entity, ""))
    if field in COMPUTED:
        return COMPUTED[field]
    if table is None:
        return None
    return table.column(name) or attribute_column(name, attributes.get(table.name, ()))


def attribute_column(name: str, listed: Collection[str]) -> Column | None:
    """The column of a listed attribute, of its kind; None if it is not listed."""
    if name not in listed:
        return None
    kind = listed[name] if isinstance(listed, Mapping) else "text"
    return Column(name, _KINDS.get(kind, "text"))


def known_fields(attributes: Attributes, entities: Collection[str]) -> list[str]:
    """Every field of the given entities."""
    fields = [field for field in COMPUTED if field.partition(".")[0] in entities]
    for entity in (one for one in entities if one in ENTITIES):
        table = TABLES[ENTITIES[entity]]
        fields += (f"{entity}.{name}" for name in table.column_names)
        fields += (f"{entity}.{name}" for name in attributes.get(table.name, ()))
    return fields


def expected_value(column: Column) -> str:
    """What a value of this column is, in words: "a date"."""
    return _EXPECTED[column.kind]
