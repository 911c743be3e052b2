"""Finds a workspace and loads its `incentivectl.toml` (docs/reference.md, "Workspace")."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationError, WithJsonSchema

from incentivectl.core.calendar import Calendar
from incentivectl.core.errors import Problem, errors_in
from incentivectl.toml.problems import problems_of
from incentivectl.toml.source import TomlSource, read_toml
from incentivectl.toml.types import (
    Count,
    Currency,
    Days,
    FilledText,
    Months,
    Rate,
    Texts,
    TomlTable,
    by_name,
    described,
    filled_text,
    one_of,
    whole,
    within_calendar,
    wrong,
)
from incentivectl.workspace.debtor_checks import debtor_problems
from incentivectl.workspace.journal_rules import JournalRules
from incentivectl.workspace.payout import Payout, Tax
from incentivectl.workspace.sources import CONFIG_NAME, Source, read_sources

if TYPE_CHECKING:
    import polars as pl

    from incentivectl.core.rates import DayRates

__all__ = [
    "CONFIG_NAME",
    "ENGINES",
    "DataRules",
    "EngineRules",
    "JournalRules",
    "MetricRules",
    "Settlement",
    "Sketch",
    "Source",
    "StatementRules",
    "Workspace",
    "find_workspace",
    "load_workspace",
    "sketch_workspace",
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


def _conf(raw: object) -> Mapping[str, str]:
    """A table of texts, as Spark's settings are."""
    if not isinstance(raw, Mapping):
        raise wrong("bad-type", f"expected a table of texts, not {described(raw)}")
    return by_name(raw, filled_text)


OnUnknown = Annotated[
    Literal["reject", "keep"], one_of(("reject", "keep"), "a rule for unknown ids")
]


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


ENGINES = ("processes", "spark")


def _buckets(raw: object) -> int:
    count = whole(raw)
    if not 1 <= count <= MOST_BUCKETS:
        raise wrong("bad-buckets", f"expected 1 to {MOST_BUCKETS:,} buckets, not {count}")
    return count


MOST_BUCKETS = 10_000


class EngineRules(TomlTable):
    """`[engine]`: what `run` and `batch post` are spread with (docs/cluster.md)."""

    name: Annotated[Literal["processes", "spark"], one_of(ENGINES, "an engine")] | None = None
    master: FilledText = ""
    shared: FilledText = ""
    buckets: (
        Annotated[int, BeforeValidator(_buckets), WithJsonSchema({"type": "integer"})] | None
    ) = None
    conf: Annotated[
        Mapping[str, str],
        BeforeValidator(_conf),
        WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
    ] = {}


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


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace as its config says; paths are absolute.

    `levels` are those of its level programs, by id: the table `levels` may name no other.
    """

    root: Path
    config_file: Path
    name: str
    currency: str
    calendar: Calendar
    programs_dir: Path
    ledger: Path
    reports: Path
    data: DataRules
    payout: Payout
    tax: Tax
    settlement: Settlement
    metrics: MetricRules
    statement: StatementRules
    journal: JournalRules
    sources: tuple[Source, ...]
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    engine: EngineRules = field(default_factory=EngineRules)

    @property
    def attributes(self) -> dict[str, dict[str, str]]:
        """Table → the extra columns that any of its sources lists, with their kinds: text, number or date."""
        listed: dict[str, dict[str, str]] = {}
        for source in self.sources:
            kinds = dict.fromkeys(source.attributes, "text") | dict(source.attribute_kinds)
            listed[source.table] = listed.get(source.table, {}) | kinds
        return listed

    def rates(self, fx: "pl.DataFrame") -> "DayRates":
        """The accepted rows of the table `fx` as a rate for each currency and day."""
        from incentivectl.core.rates import day_rates

        return day_rates(
            fx, workspace_currency=self.currency, max_age_days=self.data.max_rate_age_days
        )

    def sources_of(self, table: str) -> tuple[Source, ...]:
        """The sources of one table, in the order of the config."""
        return tuple(source for source in self.sources if source.table == table)


def find_workspace(start: Path) -> Path | None:
    """The nearest folder from `start` upwards that holds a config, or none."""
    folder = start.absolute()
    return next(
        (place for place in (folder, *folder.parents) if (place / CONFIG_NAME).exists()), None
    )


@dataclass(frozen=True, slots=True)
class Sketch:
    """A workspace as far as its config is sound: what is wrong is left out, or has its default.

    None where the config is no TOML. Where `currency` is false, the currency is made up; where
    `sources` is false, exports cannot be read as they are meant.
    """

    workspace: Workspace | None
    problems: list[Problem]
    currency: bool = False
    sources: bool = False


def load_workspace(root: Path) -> tuple[Workspace | None, list[Problem]]:
    """The workspace in the folder `root`, or none; and all that is wrong with its config."""
    sketch = sketch_workspace(root)
    is_sound = not errors_in(sketch.problems)
    return sketch.workspace if is_sound else None, sketch.problems


def sketch_workspace(root: Path) -> Sketch:
    """The workspace in the folder `root` as far as its config is sound, and all that is wrong."""
    root = root.absolute()
    file, problems = read_toml(root / CONFIG_NAME)
    if file is None:
        return Sketch(None, problems)
    config, has_currency, refused = _read_config(file)
    sources, source_problems = read_sources(file)
    keys = config.workspace
    workspace = Workspace(
        root=root,
        config_file=file.file,
        name=keys.name or root.name,
        currency=keys.currency,
        calendar=Calendar(keys.fiscal_year_starts),
        programs_dir=root / keys.programs,
        ledger=root / keys.ledger,
        reports=root / keys.reports,
        data=config.data,
        payout=config.payout,
        tax=config.tax,
        settlement=config.settlement,
        metrics=config.metrics,
        statement=config.statement,
        engine=config.engine,
        journal=config.journal,
        sources=sources,
    )
    debtors = debtor_problems(workspace.payout.debtor, workspace.attributes, file)
    found = [*problems, *refused, *source_problems, *debtors]
    return Sketch(workspace, found, has_currency, not errors_in(source_problems))


_STAND_IN = "USD"


def _read_config(file: TomlSource) -> tuple[ConfigFile, bool, list[Problem]]:
    """The config without what is wrong in it, whether it names a currency, and what is wrong."""
    data = {key: deepcopy(value) for key, value in file.data.items() if key != "sources"}
    problems: list[Problem] = []
    while True:
        try:
            config = ConfigFile.model_validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            problems = problems or problems_of(error, file, ConfigFile)
            for found in error.errors(include_url=False):
                _leave_out(data, [str(step) for step in found["loc"]])
            continue
        stated = file.data.get("workspace")
        has_currency = (
            isinstance(stated, dict) and stated.get("currency") == config.workspace.currency
        )
        return config, has_currency, problems


def _leave_out(data: dict[str, Any], path: list[str]) -> None:
    """Takes the key that is wrong out of its table; the currency that is missing is made up."""
    table = data.get(path[0])
    if path[0] == "workspace":
        stated = table if isinstance(table, dict) else {}
        others = {key: value for key, value in stated.items() if key not in path[1:2]}
        data["workspace"] = {"currency": _STAND_IN} | others
    elif len(path) > 1 and isinstance(table, dict) and path[1] in table:
        del table[path[1]]
    else:
        data.pop(path[0], None)
