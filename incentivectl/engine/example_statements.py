"""What the rows of an `[[example]]` state, under the names of fields (docs/rules.md, "Examples")."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import Calendar
from incentivectl.core.frames import ROW, Schema
from incentivectl.core.tables import TABLES
from incentivectl.engine.example_rows import (
    activity_rows,
    payee_of_activity,
)
from incentivectl.programs.conditions import Value
from incentivectl.programs.example import Example
from incentivectl.programs.fields import ENTITIES, LEVEL
from incentivectl.programs.model import Program

DTYPES: Schema = {
    "text": pl.String,
    "currency": pl.String,
    "date": pl.Date,
    "amount": money.AMOUNT,
    "fx_rate": money.FX_RATE,
    "whole": pl.Int64,
    "flag": pl.Boolean,
}
_COMPUTED: Schema = {
    "sale.month": pl.Int32,
    "sale.new_customer": pl.Boolean,
    "partner.tenure_years": pl.Int32,
    "customer.revenue_12m": money.AMOUNT,
}
_IDS = ("partner_id", "rep_id", "product_id", "customer_id")


def dtype(name: str) -> pl.DataType | type[pl.DataType]:
    """The type of a field; attributes are text."""
    if name in _COMPUTED:
        return _COMPUTED[name]
    entity, _, column = name.partition(".")
    if entity == LEVEL:
        return pl.String
    known = TABLES[ENTITIES[entity]].column(column)
    return DTYPES[known.kind] if known else pl.String


def statements_of(program: Program, example: Example, calendar: Calendar) -> pl.DataFrame:
    """What each line, then each other row, states: `row` or `activity_id`, `payee_id`, `given`, fields."""
    by_line = [
        {
            "row": index,
            "payee_id": payee_of(program, sale),
            "given": list(stated),
            **_key_of_payee(program, sale),
            **stated,
        }
        for index, sale in enumerate(example.sales)
        for stated in (_fields(sale, calendar),)
    ]
    statements = [*by_line, *_stated_of_payees(program, example, calendar)]
    keys: Schema = {
        "row": ROW,
        "activity_id": pl.String,
        "payee_id": pl.String,
        "given": pl.List(pl.String),
    }
    fields = sorted({str(name) for row in statements for name in row} - set(keys))
    return pl.DataFrame(statements, schema=keys | {name: dtype(name) for name in fields})


def payee_of(program: Program, sale: Mapping[str, Value]) -> str:
    """Who is paid for a row: the partner, rep or distributor that it names, else its `payee`, else `A`."""
    return str(sale.get(f"{program.payee}_id", sale.get("payee", "A")))


def _key_of_payee(program: Program, sale: Mapping[str, Value]) -> dict[str, object]:
    """The id of a `payee`, which keys of terms compare; no condition asks for it."""
    kind = {"partner": "partner", "parent": "partner", "rep": "rep"}.get(program.payee)
    return {f"{kind}.{kind}_id": sale["payee"]} if kind and "payee" in sale else {}


def _stated_of_payees(
    program: Program, example: Example, calendar: Calendar
) -> list[dict[str, object]]:
    """What activities, deals, requests and claims state of their payees, besides what sales do."""
    known = {payee_of(program, sale): _fields(sale, calendar) for sale in example.sales}
    others = (*example.deals, *example.requests, *example.claims)
    stating = [
        *((None, str(row.get("payee", row.get("partner_id", "A"))), row) for row in others),
        *(
            (str(row["activity_id"]), payee_of_activity(program, stated), stated)
            for row, stated in zip(activity_rows(program, example), example.activities, strict=True)
        ),
    ]
    rows: list[dict[str, object]] = []
    for activity_id, payee, row in stating:
        named = {
            key: value for key, value in _fields(row, calendar).items() if key in _payee_fields(row)
        }
        if named or activity_id:
            known[payee] = {**known.get(payee, {}), **named}
            stated_by = {"row": None, "activity_id": activity_id, "payee_id": payee}
            rows.append({**stated_by, "given": list(known[payee]), **known[payee]})
    return rows


def _payee_fields(row: Mapping[str, Value]) -> set[str]:
    return {key for key in row if key.startswith(("partner.", "rep.", "level."))}


def _fields(sale: Mapping[str, Value], calendar: Calendar) -> dict[str, object]:
    """What a sale states, by the names that conditions use."""
    fields: dict[str, object] = {}
    for key, value in sale.items():
        if "." in key:
            is_whole = _COMPUTED.get(key) == pl.Int32
            fields[key] = int(value) if isinstance(value, Decimal) and is_whole else value
            fields[key] = _as_stored(key, fields[key])
        elif key not in ("payee", "top"):
            own = abs(value) if isinstance(value, Decimal) else value
            fields[f"sale.{key}"] = _as_stored(f"sale.{key}", own)
            if key in _IDS:
                fields[f"{key.removesuffix('_id')}.{key}"] = value
            if key == "sold_on" and isinstance(value, date):
                fields["sale.month"] = calendar.number_of(value) % 12 + 1
    return fields


def _as_stored(field: str, value: object) -> object:
    """An attribute's number or date as the text that it travels as; everything else as it is."""
    if dtype(field) != pl.String or isinstance(value, str):
        return value
    return money.plain(value) if isinstance(value, Decimal) else str(value)
