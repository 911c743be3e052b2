"""The channel of an `[[example]]`: the few rows that it states, as rules see a channel.

What a row leaves out satisfies the program's conditions (docs/rules.md, "Examples").
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import Calendar
from incentivectl.core.frames import Schema
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.core.rates import DAY_RATES, DayRates
from incentivectl.core.tables import TABLES
from incentivectl.engine.example_rows import (
    activity_rows,
    claim_rows,
    customer_of,
    deal_rows,
    partner_of,
    partner_rows,
    payee_of_activity,
    rep_rows,
    request_rows,
)
from incentivectl.programs.conditions import Value
from incentivectl.programs.example import Example
from incentivectl.programs.fields import ENTITIES, LEVEL
from incentivectl.programs.model import Program
from incentivectl.sales.in_force import rows_in_force
from incentivectl.sales.line_source import Answer, Given, LineSource, Part
from incentivectl.sales.returns import ORIGINAL, with_is_return

_DTYPES: Schema = {
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
_LINES: Schema = {
    "row": pl.UInt32,
    "original": pl.UInt32,
    **{column.name: _DTYPES[column.kind] for column in TABLES["sales"].columns},
    "counted_on": pl.Date,
    "line_key": pl.String,
    "partner_known": pl.Boolean,
}


@dataclass(frozen=True)
class ExampleChannel:
    """The few lines of an example, as rules see a channel."""

    currency: str
    calendar: Calendar
    as_of: date
    lines: pl.LazyFrame
    tables: Mapping[str, pl.DataFrame]
    stated: pl.DataFrame
    rates: DayRates = field(
        default_factory=lambda: DayRates(pl.DataFrame(schema=DAY_RATES), date(1, 1, 1))
    )
    partner_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    rep_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    given: bool = True
    in_memory: bool = False
    in_parts: bool = False
    found_reading: None = None

    def ask(
        self,
        question: Callable[[LineSource, *Given], Part],
        merge: Callable[[Sequence[Part]], Answer],
        *given: *Given,
    ) -> Answer:
        """What `question` finds in the few lines."""
        return merge([question(self, *given)])

    def view(
        self, lines: pl.LazyFrame, fields: Collection[str], currencies: Collection[str]
    ) -> pl.LazyFrame:
        """`lines` with what they state of `fields`, null where they state nothing."""
        lines = with_is_return(lines).with_columns(
            pl.col(f"{whose}amount_ws").alias(f"{whose}amount:{currency}")
            for currency in sorted(currencies)
            for whose in ("", ORIGINAL)
        )
        stated = _stated(self.stated, "row", fields)
        return lines.join(stated, left_on=f"{ORIGINAL}row", right_on="row", how="left")

    def with_list_price(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """`lines` with the `list_price` that they state of their product."""
        stated = _stated(self.stated, "row", ["product.list_price"])
        return lines.join(stated.rename({"product.list_price": "list_price"}), on="row", how="left")

    def payee_view(self, payees: pl.DataFrame, payee: str, fields: Collection[str]) -> pl.DataFrame:
        """`payees` with what their last line states of `fields`, and which those are (`given`)."""
        last = self.stated.group_by("payee_id", maintain_order=True).last()
        stated = _stated(last, "payee_id", fields, "given").collect()
        return payees.join(stated, on="payee_id", how="left")

    def activity_view(self, activities: pl.DataFrame, fields: Collection[str]) -> pl.DataFrame:
        """`activities` with what they state of `fields`, and which those are (`given`)."""
        stated = _stated(self.stated, "activity_id", fields, "given").collect()
        known = activities.with_columns(partner_known=pl.lit(True))
        return known.join(stated, on="activity_id", how="left")

    def with_levels(self, rows: Mapping[str, pl.DataFrame]) -> "ExampleChannel":
        """Itself: lines of examples state the level of their partner."""
        return self


def _stated(frame: pl.DataFrame, key: str, fields: Collection[str], *more: str) -> pl.LazyFrame:
    return frame.lazy().select(
        key,
        *more,
        *(
            pl.col(name) if name in frame.columns else pl.lit(None, dtype=_dtype(name)).alias(name)
            for name in sorted(fields)
        ),
    )


def _dtype(name: str) -> pl.DataType | type[pl.DataType]:
    if name in _COMPUTED:
        return _COMPUTED[name]
    entity, _, column = name.partition(".")
    if entity == LEVEL:
        return pl.String
    known = TABLES[ENTITIES[entity]].column(column)
    return _DTYPES[known.kind] if known else pl.String


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
    stated = _statements(program, example, calendar)
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


def _statements(program: Program, example: Example, calendar: Calendar) -> pl.DataFrame:
    """What each line, then each other row, states: `row` or `activity_id`, `payee_id`, `given`, fields."""
    by_line = [
        {
            "row": index,
            "payee_id": _payee(program, sale),
            "given": list(stated),
            **_key_of_payee(program, sale),
            **stated,
        }
        for index, sale in enumerate(example.sales)
        for stated in (_fields(sale, calendar),)
    ]
    statements = [*by_line, *_stated_of_payees(program, example, calendar)]
    keys: Schema = {
        "row": pl.UInt32,
        "activity_id": pl.String,
        "payee_id": pl.String,
        "given": pl.List(pl.String),
    }
    fields = sorted({str(name) for row in statements for name in row} - set(keys))
    return pl.DataFrame(statements, schema=keys | {name: _dtype(name) for name in fields})


def _compared_with(
    program: Program, example: Example, periods: Sequence[MeasurementPeriod]
) -> dict[str, pl.DataFrame]:
    """The example's baseline and target as tables, the same in every measurement period."""
    payees = [_payee(program, sale) for sale in example.sales]
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
            schema={c.name: _DTYPES[c.kind] for c in TABLES["targets"].columns},
            orient="row",
        )
    return tables


def _payee(program: Program, sale: Mapping[str, Value]) -> str:
    """Who is paid for a row: the partner, rep or distributor that it names, else its `payee`, else `A`."""
    return str(sale.get(f"{program.payee}_id", sale.get("payee", "A")))


def _key_of_payee(program: Program, sale: Mapping[str, Value]) -> dict[str, object]:
    """The id of a `payee`, which keys of terms compare; no condition asks for it."""
    kind = {"partner": "partner", "parent": "partner", "rep": "rep"}.get(program.payee)
    return {f"{kind}.{kind}_id": sale["payee"]} if kind and "payee" in sale else {}


def _by_payee(
    value: Decimal | Mapping[str, Decimal], payees: Sequence[str]
) -> Mapping[str, Decimal]:
    return value if isinstance(value, Mapping) else dict.fromkeys(payees, value)


def _stated_of_payees(
    program: Program, example: Example, calendar: Calendar
) -> list[dict[str, object]]:
    """What activities, deals, requests and claims state of their payees, besides what sales do."""
    known = {_payee(program, sale): _fields(sale, calendar) for sale in example.sales}
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


def _tables(
    program: Program, example: Example, rows: Sequence[dict[str, object]]
) -> dict[str, pl.DataFrame]:
    """Every table, with what the example states of it."""
    activities = activity_rows(program, example)
    named = [
        {**row, "payee": _payee(program, sale), "top": sale.get("top")}
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
            stated.get(name, []), schema={c.name: _DTYPES[c.kind] for c in table.columns}
        )
        for name, table in TABLES.items()
    }


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
        **_ids_of_payee(program, _payee(program, sale)),
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


def _as_stored(field: str, value: object) -> object:
    """An attribute's number or date as the text that it travels as; everything else as it is."""
    if _dtype(field) != pl.String or isinstance(value, str):
        return value
    return money.plain(value) if isinstance(value, Decimal) else str(value)


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
