"""The tables of `incentivectl.toml` but for its sources, as typed values (docs/reference.md, "Workspace")."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from incentivectl.toml.numbers import whole
from incentivectl.toml.types import (
    Count,
    Currency,
    Days,
    FilledText,
    Months,
    Rate,
    Texts,
    TomlTable,
    one_of,
    within_calendar,
)
from incentivectl.toml.wrong import described, wrong
from incentivectl.workspace.engine_rules import EngineRules
from incentivectl.workspace.journal_rules import JournalRules
from incentivectl.workspace.payout import Payout, Tax

OnUnknown = Annotated[
    Literal["reject", "keep"], one_of(("reject", "keep"), "a rule for unknown ids")
]


def _month_of_year(raw: object) -> int:
    month = whole(raw)
    if not 1 <= month <= 12:
        raise wrong("bad-month", f"expected a month from 1 to 12, not {month}")
    return month


def _first_period(raw: object) -> str:
    year, dash, month = raw.partition("-") if isinstance(raw, str) else ("", "", "")
    numeric = (year + month).isdigit() and (year + month).isascii()
    if not (
        dash
        and len(year) == 4
        and year > "0000"
        and len(month) == 2
        and numeric
        and 1 <= int(month) <= 12
    ):
        text = f"expected a month, not {described(raw)}"
        raise wrong("bad-month", text, 'write year and month in quotes, such as "2026-07"')
    within_calendar(date(int(year), int(month), 1))
    return f"{year}-{month}"


class WorkspaceKeys(TomlTable):
    """`[workspace]`."""

    name: FilledText = ""
    currency: Currency
    fiscal_year_starts: Annotated[
        int, BeforeValidator(_month_of_year), WithJsonSchema({"type": "integer"})
    ] = 1
    programs: FilledText = "programs"
    ledger: FilledText = "ledger.db"
    reports: FilledText = "reports"


class DataRules(TomlTable):
    """`[data]`: what a run tolerates before it refuses to go on."""

    max_reject_rate: Rate = Decimal("0.01")
    min_rejects: Count = 5
    unknown_partner: OnUnknown = "reject"
    unknown_product: OnUnknown = "keep"
    max_rate_age_days: Days | None = None

    def tolerates(self, rejected: int, read: int) -> bool:
        """Whether so many rejected rows of a source stop nothing (docs/rules.md, 3.29)."""
        return rejected <= self.min_rejects or rejected <= self.max_reject_rate * read


class Settlement(TomlTable):
    """`[settlement]`: where the ledger begins, and how long it may be corrected."""

    first_period: Annotated[str, BeforeValidator(_first_period)] | None = None
    correct_for_months: Months | None = None


class QuestionTags(TomlTable):
    """`[metrics.questions]`: which questions of surveys an area looks at."""

    support: Texts = ()
    communication: Texts = ()


class MetricRules(TomlTable):
    """`[metrics]`: what stands in where the data has none, and what its questions are about."""

    margin: Rate | None = None
    questions: QuestionTags = QuestionTags()


class StatementRules(TomlTable):
    """`[statement]`: whom payees ask, and how long they may object (docs/questions.md, 90.13)."""

    contact: FilledText = ""
    dispute_within_days: Days | None = None


class ConfigFile(TomlTable):
    """`incentivectl.toml` but for its sources."""

    workspace: WorkspaceKeys
    data: DataRules = DataRules()
    payout: Payout = Payout()
    tax: Tax = Tax()
    settlement: Settlement = Settlement()
    metrics: MetricRules = MetricRules()
    statement: StatementRules = StatementRules()
    engine: EngineRules = EngineRules()
    journal: JournalRules = JournalRules()
