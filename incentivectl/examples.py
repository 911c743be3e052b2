"""Runs the `[[example]]`s of programs, each in isolation: no data, no fx, no ledger.

Fields that an example leaves out satisfy the program's conditions; a boost applies only where the
example states what it asks for, and a gate on something that the example does not state counts as
reached (docs/rules.md, "Examples"). A failing example is a config error that says expected, got and
why.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl import money
from incentivectl.engine import settle
from incentivectl.errors import Problem
from incentivectl.example_rows import (
    activity_rows,
    claim_rows,
    customer_of,
    deal_rows,
    partner_of,
    payee_of_activity,
    request_rows,
)
from incentivectl.frames import Schema
from incentivectl.periods import measurement_periods
from incentivectl.programs.conditions import Value
from incentivectl.programs.example import Example
from incentivectl.programs.fields import ROOMS
from incentivectl.programs.model import Program
from incentivectl.rates import DAY_RATES, DayRates
from incentivectl.sales import rows_in_force, with_is_return
from incentivectl.tables import TABLES

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
}
_IDS = ("partner_id", "rep_id", "product_id", "customer_id")
_GATE_NEEDS = {
    "revenue": {"sale.amount", "sale.unit_price"},
    "quantity": {"sale.quantity"},
    "customers": {"sale.customer_id"},
    "products": {"sale.product_id"},
}


def check_examples(
    programs: Sequence[Program], currency: str, fiscal_year_starts: int
) -> list[Problem]:
    """A problem for every example that does not earn what it expects."""
    problems = []
    for program in programs:
        for index, example in enumerate(program.example):
            problem = _check(program, example, index, currency, fiscal_year_starts)
            if problem is not None:
                problems.append(problem)
    return problems


@dataclass(frozen=True)
class ExampleChannel:
    """The few lines of an example, as rules see a channel."""

    currency: str
    fiscal_year_starts: int
    as_of: date
    lines: pl.LazyFrame
    tables: Mapping[str, pl.DataFrame]
    stated: pl.DataFrame
    rates: DayRates = field(
        default_factory=lambda: DayRates(pl.DataFrame(schema=DAY_RATES), date(1, 1, 1))
    )
    partner_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    given: bool = True

    def view(
        self, lines: pl.LazyFrame, fields: Collection[str], currencies: Collection[str]
    ) -> pl.LazyFrame:
        """`lines` with what they state of `fields`, null where they state nothing."""
        lines = with_is_return(lines).with_columns(
            pl.col("amount_ws").alias(f"amount:{currency}") for currency in sorted(currencies)
        )
        return lines.join(_stated(self.stated, "row", fields), on="row", how="left")

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
    room, _, column = name.partition(".")
    known = TABLES[ROOMS[room]].column(column)
    return _DTYPES[known.kind] if known else pl.String


def _check(
    program: Program, example: Example, index: int, currency: str, fiscal_year_starts: int
) -> Problem | None:
    channel = _channel(program, example, program.currency or currency, fiscal_year_starts)
    (settled,) = settle([_isolated(program, channel)], channel, audit=False)
    got = dict(settled.earnings.group_by("payee_id").agg(pl.col("entitlement").sum()).iter_rows())
    expected = example.expect if isinstance(example.expect, Mapping) else {"A": example.expect}
    wrong = [
        payee
        for payee in sorted({*got, *expected})
        if got.get(payee, Decimal(0)) != expected.get(payee, Decimal(0))
    ]
    if not wrong:
        return None
    differences = "; ".join(
        f"{payee}: expected {money.plain(expected.get(payee, Decimal(0)))},"
        f" got {money.plain(got.get(payee, Decimal(0)))}"
        for payee in wrong
    )
    reasons = settled.ineligible.select(
        pl.format("{} lines do not count: {}", "lines", "reason")
    ).to_series()
    why = "; ".join([*(_why(row) for row in settled.earnings.iter_rows(named=True)), *reasons])
    return program.problem(
        ("example", index),
        "example-failed",
        f"example `{example.name}`: {differences}",
        hint=f"why: {why or 'no line is in the program'}",
    )


def _why(row: Mapping[str, object]) -> str:
    """How one payee's amount came about, in one line."""
    parts = [
        f"{row['payee_id']} {row['period_start']}: {row['metric']} {_number(row['metric_value'])}"
    ]
    if row["tier"] is not None:
        parts.append(f"tier {row['tier']}")
    if row["rate"] is not None:
        parts.append(f"rate {_number(row['rate'])}")
    parts.append(f"reward {_number(row['reward'])}")
    if row["boost"] != 1:
        parts.append(f"boost {_number(row['boost'])}")
    if row["cap_cut"]:
        parts.append(f"cap cuts {_number(row['cap_cut'])}")
    if row["budget_cut"]:
        parts.append(f"budget cuts {_number(row['budget_cut'])}")
    if row["why_nothing"]:
        parts.append(f"nothing because of {row['why_nothing']}")
    return ", ".join(parts)


def _number(value: object) -> str:
    return money.plain(value) if isinstance(value, Decimal) else "none"


def _isolated(program: Program, channel: ExampleChannel) -> Program:
    """The program without a gate on something that the example does not state."""
    gate = program.gate
    if gate is None:
        return program
    stated = set(channel.stated.columns)
    needs = _GATE_NEEDS.get(gate.metric)
    is_stated = needs is None or bool(needs & stated)
    if gate.metric == "growth":
        is_stated = "baselines" in channel.tables
    if gate.metric == "attainment":
        is_stated = not channel.tables["targets"].is_empty()
    if gate.metric.startswith("activity."):
        is_stated = not channel.tables["activities"].is_empty()
    return program if is_stated else program.model_copy(update={"gate": None})


def _channel(
    program: Program, example: Example, currency: str, fiscal_year_starts: int
) -> ExampleChannel:
    rows = [_row(program, example, index) for index in range(len(example.sales))]
    by_sale = {str(row["sale_id"]): row for row in reversed(rows)}
    for row in rows:
        original = by_sale.get(str(row["return_of"]))
        if original is not None:
            row["original"], row["counted_on"] = original["row"], original["counted_on"]
    lines = pl.DataFrame(rows, schema=_LINES).with_columns(
        amount_ws="amount", currency=pl.lit(currency)
    )
    by_line = [
        {"row": index, "payee_id": _payee(sale), "given": list(_fields(sale)), **_fields(sale)}
        for index, sale in enumerate(example.sales)
    ]
    statements = [*by_line, *_stated_of_payees(program, example)]
    fields = sorted(
        {str(name) for row in statements for name in row}
        - {"row", "activity_id", "payee_id", "given"}
    )
    stated = pl.DataFrame(
        statements,
        schema={
            "row": pl.UInt32,
            "activity_id": pl.String,
            "payee_id": pl.String,
            "given": pl.List(pl.String),
            **{name: _dtype(name) for name in fields},
        },
    )
    lines = lines.with_columns(stated["given"].head(len(rows)))
    tables = _tables(program, example, rows)
    periods = measurement_periods(
        program.starts, program.ends, program.period, fiscal_year_starts=fiscal_year_starts
    )
    payees = [_payee(sale) for sale in example.sales]
    if example.baseline is not None:
        tables["baselines"] = pl.DataFrame(
            [
                (index, payee, value)
                for index in range(len(periods))
                for payee, value in _by_payee(example.baseline, payees).items()
            ],
            schema={"period": pl.Int32, "payee_id": pl.String, "baseline": money.SHARED},
            orient="row",
        )
    if example.target is not None:
        tables["targets"] = pl.DataFrame(
            [
                (program.id, payee, period.start, value)
                for period in periods
                for payee, value in _by_payee(example.target, payees).items()
            ],
            schema=tables["targets"].schema,
            orient="row",
        )
    return ExampleChannel(
        currency=currency,
        fiscal_year_starts=fiscal_year_starts,
        as_of=max([program.ends, *tables["mdf_claims"]["claimed_on"]]),
        lines=lines.lazy(),
        tables=tables,
        stated=stated,
        partner_rows=rows_in_force(tables["partners"]),
    )


_LINES: Schema = {
    "row": pl.UInt32,
    "original": pl.UInt32,
    **{column.name: _DTYPES[column.kind] for column in TABLES["sales"].columns},
    "counted_on": pl.Date,
    "line_key": pl.String,
    "partner_known": pl.Boolean,
}


def _payee(sale: Mapping[str, Value]) -> str:
    return str(sale.get("payee", "A"))


def _by_payee(
    value: Decimal | Mapping[str, Decimal], payees: Sequence[str]
) -> Mapping[str, Decimal]:
    return value if isinstance(value, Mapping) else dict.fromkeys(payees, value)


def _stated_of_payees(program: Program, example: Example) -> list[dict[str, object]]:
    """What activities, deals, requests and claims state of their payees, beside what sales do."""
    known = {_payee(sale): _fields(sale) for sale in example.sales}
    others = (*example.deals, *example.requests, *example.claims)
    stating = [
        *((None, _payee({"payee": row.get("partner_id", "A"), **row}), row) for row in others),
        *(
            (str(row["activity_id"]), payee_of_activity(program, stated), stated)
            for row, stated in zip(activity_rows(program, example), example.activities, strict=True)
        ),
    ]
    rows: list[dict[str, object]] = []
    for activity_id, payee, row in stating:
        named = {key: value for key, value in _fields(row).items() if key in _payee_fields(row)}
        if named or activity_id:
            known[payee] = {**known.get(payee, {}), **named}
            stated_by = {"row": None, "activity_id": activity_id, "payee_id": payee}
            rows.append({**stated_by, "given": list(known[payee]), **known[payee]})
    return rows


def _payee_fields(row: Mapping[str, Value]) -> set[str]:
    return {key for key in row if key.startswith(("partner.", "rep."))}


def _tables(
    program: Program, example: Example, rows: Sequence[dict[str, object]]
) -> dict[str, pl.DataFrame]:
    """Every table, with what the example states of it."""
    stated = {"activities": activity_rows(program, example)}
    if program.kind == "deal_registration":
        stated["deals"] = deal_rows(program, example, rows)
    if program.kind == "mdf":
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
    payee_column = {"partner": "partner_id", "rep": "rep_id", "distributor": "distributor_id"}
    day = stated.get("sold_on", program.starts)
    partner_id = partner_of(program, sale)
    has_customer = program.kind == "deal_registration"
    return {
        "sale_id": f"S{index}",
        "line_id": str(index),
        "partner_id": partner_id,
        "customer_id": customer_of(program, example, partner_id) if has_customer else None,
        payee_column[program.payee]: _payee(sale),
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


def _fields(sale: Mapping[str, Value]) -> dict[str, object]:
    """What a sale states, by the names that conditions use."""
    fields: dict[str, object] = {}
    for key, value in sale.items():
        if "." in key:
            fields[key] = int(value) if isinstance(value, Decimal) and key in _COMPUTED else value
        elif key != "payee":
            fields[f"sale.{key}"] = abs(value) if isinstance(value, Decimal) else value
            if key in _IDS:
                fields[f"{key.removesuffix('_id')}.{key}"] = value
            if key == "sold_on" and isinstance(value, date):
                fields["sale.month"] = value.month
    return fields
