"""What `forecast` prints: programs and their tiers to date and as expected, budgets, payees."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core.nouns import counted
from incentivectl.insight.forecast.forecast import Forecast, Outlook
from incentivectl.insight.forecast.shares import LAST_YEAR
from incentivectl.output.amounts import cents, tier_cell
from incentivectl.output.report import Amount, Cell, Report, Section, Worded, percent

RUN_RATE_TEXT = "Run rate: totals to date × days of the measurement period ÷ days that have passed."
LAST_YEAR_TEXT = (
    "Like last year: totals to date ÷ the share that the same days had of last year's total."
)


def forecast_report(found: Forecast, *, with_payees: bool) -> Report:
    """The report of a forecast; people see single payees `with_payees` only."""
    known = found.known
    return Report(
        title=f"{known.loaded.workspace.name}: forecast, as of {known.period.last}",
        sections=(
            _programs(found),
            _in_all(found),
            _tiers(found),
            _budgets(found),
            _payees(found, with_payees=with_payees),
        ),
        main="payees",
        facts={
            "workspace": known.loaded.workspace.name,
            "period": known.period.label,
            "as_of": known.period.last,
            "method": found.method,
        },
        closing=tuple(_closing(found)),
    )


def _closing(found: Forecast) -> Iterator[str]:
    if not found.programs:
        yield "Nothing accrues: no measurement period goes on that is settled at its end."
        return
    yield LAST_YEAR_TEXT if found.method == LAST_YEAR else RUN_RATE_TEXT
    if found.method == LAST_YEAR:
        methods = pl.concat([one.payees["method"] for one in found.programs])
        without = int((methods.drop_nulls() != LAST_YEAR).sum())
        if without:
            rows = counted(without, "payee in a program", "payees in programs")
            yield f"{rows} without such a year: run rate."
    left_out = [one.case.program.id for one in found.programs if not one.is_forecast]
    if left_out:
        yield (
            f"To date only, since what they pay does not follow from totals: {', '.join(left_out)}."
        )
    yield "A forecast books nothing."


def _money(one: Outlook, column: str) -> Amount | None:
    amount = one.sum_of(column)
    return None if amount is None else cents(amount, one.case.currency)


def _programs(found: Forecast) -> Section:
    columns = (
        "program", "days", "payees", "to date", "expected", "accrual", "currency", "starts",
        "ends", "days passed", "days in all",
    )  # fmt: skip
    keys = (
        "program", "days", "payees", "to_date", "expected", "accrual", "currency",
        "period_start", "period_end", "days_passed", "days_in_all",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in found.programs:
        passed, whole = one.days
        rows.append(
            (
                one.case.program.id,
                f"{passed} of {whole}",
                one.payees.height,
                *(_money(one, name) for name in ("to_date", "expected", "accrual")),
                one.case.currency,
                one.period.start,
                one.period.end,
                passed,
                whole,
            )
        )
    note = "accrual: expected × measured to date ÷ expected at the end." if rows else ""
    return Section(
        "programs", "Programs that accrue", columns, rows, note, keys=keys, for_machines=4
    )


def _in_all(found: Forecast) -> Section:
    """What is forecast, by currency."""
    rows: list[tuple[Cell, ...]] = []
    forecast = [one for one in found.programs if one.is_forecast]
    for currency in sorted({one.case.currency for one in forecast}):
        own = [one for one in forecast if one.case.currency == currency]
        sums = (
            sum((one.sum_of(name) or Decimal(0) for one in own), Decimal(0))
            for name in ("to_date", "expected", "accrual")
        )
        rows.append((currency, len(own), *(cents(amount, currency) for amount in sums)))
    columns = ("currency", "programs", "to date", "expected", "accrual")
    return Section("in_all", "What is forecast, in all", columns, rows)


def _tiers(found: Forecast) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in found.programs:
        if not one.is_forecast:
            continue
        now, then = (one.payees[f"tier_{side}"] for side in ("to_date", "expected"))
        tiers = sorted({*now.drop_nulls(), *then.drop_nulls()})
        for tier in (None, *tiers) if tiers else ():
            counts = (int(side.eq_missing(tier).sum()) for side in (now, then))
            rows.append((one.case.program.id, tier_cell(tier), *counts))
    columns = ("program", "tier", "payees to date", "payees expected")
    note = "Without a tier: below the first." if rows else ""
    return Section("tiers", "Who reaches which tier", columns, rows, note)


def _budgets(found: Forecast) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in found.programs:
        budget = one.budget
        if budget is None:
            continue
        amounts = (budget.amount, budget.used, budget.expected)
        rows.append(
            (
                one.case.program.id,
                *(
                    None if amount is None else cents(amount, one.case.currency)
                    for amount in amounts
                ),
                budget.runs_out,
                one.case.currency,
            )
        )
    columns = ("program", "budget", "used to date", "used expected", "runs out", "currency")
    note = (
        "Before the budget cuts anything; it runs out if what is to come comes evenly."
        if rows
        else ""
    )
    return Section("budgets", "Budgets", columns, rows, note)


def _payees(found: Forecast, *, with_payees: bool) -> Section:
    rows = [_payee(one, row) for one in found.programs for row in one.payees.iter_rows(named=True)]
    columns = (
        "program", "payee", "name", "share", "to date", "expected", "tier to date",
        "tier expected", "accrual", "currency", "starts", "ends", "kind", "method", "metric",
        "value to date", "value expected",
    )  # fmt: skip
    keys = (
        "program", "payee_id", "payee_name", "share", "to_date", "expected", "tier_to_date",
        "tier_expected", "accrual", "currency", "period_start", "period_end", "payee_kind", "method",
        "metric", "value_to_date", "value_expected",
    )  # fmt: skip
    return Section(
        "payees", "Payees", columns, rows, keys=keys, for_machines=7,
        audience="all" if with_payees else "machines",
    )  # fmt: skip


def _payee(one: Outlook, row: dict[str, object]) -> tuple[Cell, ...]:
    def amount(name: str) -> Amount | None:
        value = row[name]
        return cents(value, one.case.currency) if isinstance(value, Decimal) else None

    def tier(name: str) -> Worded | None:
        value = row[name]
        return tier_cell(value) if isinstance(value, int) else None

    def text(name: str) -> str | None:
        value = row[name]
        return value if isinstance(value, str) else None

    def number(name: str) -> Decimal | None:
        value = row[name]
        return value if isinstance(value, Decimal) else None

    share = number("share")
    return (
        one.case.program.id,
        text("payee_id"),
        text("payee_name"),
        None if share is None else percent(share),
        amount("to_date"),
        amount("expected"),
        tier("tier_to_date"),
        tier("tier_expected"),
        amount("accrual"),
        one.case.currency,
        one.period.start,
        one.period.end,
        text("payee_kind"),
        text("method"),
        text("metric"),
        number("value_to_date"),
        number("value_expected"),
    )
