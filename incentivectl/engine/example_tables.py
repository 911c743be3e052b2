"""Builds the channel of an `[[example]]`: its sales as sale lines, and every other table.

What a row leaves out satisfies the program's conditions (docs/rules.md, "Examples").
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import Calendar
from incentivectl.core.frames import ROW, Schema
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.core.tables import TABLES
from incentivectl.engine.example_channel import ExampleChannel
from incentivectl.engine.example_rows import (
    activity_rows,
    claim_rows,
    customer_of,
    deal_rows,
    partner_of,
    partner_rows,
    rep_rows,
    request_rows,
)
from incentivectl.engine.example_statements import DTYPES, payee_of, statements_of
from incentivectl.programs.example import Example
from incentivectl.programs.model import Program
from incentivectl.sales.in_force import rows_in_force

_LINES: Schema = {
    "row": ROW,
    "original": ROW,
    **{column.name: DTYPES[column.kind] for column in TABLES["sales"].columns},
    "counted_on": pl.Date,
    "line_key": pl.String,
    "partner_known": pl.Boolean,
}


def example_channel(
    program: Program, example: Example, currency: str, calendar: Calendar
) -> ExampleChannel:
    """The channel of one example; `currency` is the program's."""
    rows = [_row(program, example, index) for index in range(len(example.sales))]
    by_sale = {str(row["sale_id"]): row for row in reversed(rows)}
    for row in rows:
        original = by_sale.get(str(row["return_of"]))
        if original is not None:
            row["original"], row["counted_on"] = original["row"], original["counted_on"]
    stated = statements_of(program, example, calendar)
    lines = pl.DataFrame(rows, schema=_LINES).with_columns(
        stated["given"].head(len(rows)), amount_ws="amount", currency=pl.lit(currency)
    )
    periods = calendar.measurement_periods(program.starts, program.ends, program.period)
    tables = _tables(program, example, rows) | _compared_with(program, example, periods)
    return ExampleChannel(
        currency=currency,
        calendar=calendar,
        as_of=max([program.ends, *tables["mdf_claims"]["claimed_on"]]),
        lines=lines.lazy(),
        tables=tables,
        stated=stated,
        partner_rows=rows_in_force(tables["partners"]),
        rep_rows=rows_in_force(tables["reps"], "rep_id"),
    )


def _tables(
    program: Program, example: Example, rows: Sequence[dict[str, object]]
) -> dict[str, pl.DataFrame]:
    """Every table, with what the example states of it."""
    activities = activity_rows(program, example)
    named = [
        {**row, "payee": payee_of(program, sale), "top": sale.get("top")}
        for row, sale in zip(rows, example.sales, strict=True)
    ]
    stated = {
        "activities": activities,
        "partners": partner_rows(program, named, activities),
        "reps": rep_rows(program, named),
    }
    if "deals" in program.tables:
        stated["deals"] = deal_rows(program, example, rows)
    if "mdf_claims" in program.tables:
        stated["mdf_requests"] = request_rows(program, example)
        stated["mdf_claims"] = claim_rows(program, example, stated["mdf_requests"])
    return {
        name: pl.DataFrame(
            stated.get(name, []), schema={c.name: DTYPES[c.kind] for c in table.columns}
        )
        for name, table in TABLES.items()
    }


def _compared_with(
    program: Program, example: Example, periods: Sequence[MeasurementPeriod]
) -> dict[str, pl.DataFrame]:
    """The example's baseline and target as tables, the same in every measurement period."""
    payees = [payee_of(program, sale) for sale in example.sales]
    tables: dict[str, pl.DataFrame] = {}
    if example.baseline is not None:
        by_payee = _by_payee(example.baseline, payees)
        tables["baselines"] = pl.DataFrame(
            [(i, payee, value) for i in range(len(periods)) for payee, value in by_payee.items()],
            schema={"period": pl.Int32, "payee_id": pl.String, "baseline": money.SHARED},
            orient="row",
        )
    if example.target is not None:
        by_payee = _by_payee(example.target, payees)
        tables["targets"] = pl.DataFrame(
            [
                (program.id, who, one.start, value)
                for one in periods
                for who, value in by_payee.items()
            ],
            schema={c.name: DTYPES[c.kind] for c in TABLES["targets"].columns},
            orient="row",
        )
    return tables


def _by_payee(
    value: Decimal | Mapping[str, Decimal], payees: Sequence[str]
) -> Mapping[str, Decimal]:
    return value if isinstance(value, Mapping) else dict.fromkeys(payees, value)


def _row(program: Program, example: Example, index: int) -> dict[str, object]:
    """One sale of an example as a sale line; what it leaves out takes the plainest value."""
    sale = example.sales[index]
    stated = {key: value for key, value in sale.items() if key in _LINES}
    amount, price = stated.get("amount"), stated.get("unit_price")
    negative = isinstance(amount, Decimal) and amount < 0
    quantity = stated.get("quantity", Decimal(-1 if negative else 1))
    if amount is None:
        assert isinstance(quantity, Decimal)
        amount = quantity * price if isinstance(price, Decimal) else Decimal(0)
    day = stated.get("sold_on", program.starts)
    partner_id = partner_of(program, sale)
    has_customer = "deals" in program.tables
    return {
        "sale_id": f"S{index}",
        "line_id": str(index),
        "partner_id": partner_id,
        "customer_id": customer_of(program, example, partner_id) if has_customer else None,
        **_ids_of_payee(program, payee_of(program, sale)),
        **stated,
        "row": index,
        "original": None,
        "return_of": stated.get("return_of"),
        "quantity": quantity,
        "amount": amount,
        "sold_on": day,
        "counted_on": day,
        "line_key": f"{index:08d}",
        "partner_known": True,
    }


def _ids_of_payee(program: Program, payee: str) -> dict[str, object]:
    """What names a line's payee: of a parent the partner itself, of a manager one of its reps."""
    if program.payee == "manager":
        return {"rep_id": f"rep of {payee}"}
    return {} if program.payee == "parent" else {f"{program.payee}_id": payee}
