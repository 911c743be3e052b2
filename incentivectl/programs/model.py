"""A program: the keys that all kinds have in common, and what can be asked of it (docs/rules.md, "Programs").

A key that only one kind has lives in that kind's module; a key that a kind inherits without a use
for it is marked there with `NoMeaning`.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, PrivateAttr, model_validator

from incentivectl.core.errors import Problem, Severity
from incentivectl.programs.bundle import Bundle, Need
from incentivectl.programs.conditions import Condition, Conditions, Value
from incentivectl.programs.example import Example
from incentivectl.programs.fields import FIELD_ENTITIES, LEVEL
from incentivectl.programs.finding import Finding
from incentivectl.programs.gate import Baseline, Gate
from incentivectl.programs.objective import Objective, TextOrTable
from incentivectl.programs.payee import PAYEES, Payee
from incentivectl.programs.payout_rules import Boost, Limits, PayoutRules
from incentivectl.programs.reward import Reward
from incentivectl.programs.rule_hash import joint_hash, rule_hash
from incentivectl.toml.one_or_more import OneOrMore
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.source import TomlSource
from incentivectl.toml.types import (
    Currency,
    Day,
    FilledText,
    Listed,
    Text,
    TomlTable,
    Whole,
    one_of,
)
from incentivectl.toml.wrong import described, wrong

Period = Literal["month", "quarter", "half", "year", "program"]
PERIODS: tuple[Period, ...] = ("month", "quarter", "half", "year", "program")

# A place in a program's file, a table and one of its columns, and the values named there.
NamedValues = tuple[KeyPath, tuple[str, str], tuple[Value, ...]]

_OF_PAYEES = frozenset({"partner", "rep", "level"})  # whose fields a payee has
_ID_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def _program_id(raw: object) -> str:
    if not isinstance(raw, str):
        raise wrong("wrong-type", f"expected text, not {described(raw)}", "put it in quotes")
    if not raw or not _ID_SIGNS.issuperset(raw):
        allowed = "lower-case letters, digits and dashes"
        better = "-".join("".join(c if c in _ID_SIGNS else " " for c in raw.lower()).split())
        hint = f'such as "{better}"' if better else ""
        raise wrong("bad-id", f'invalid id "{raw[:40]}"; use only {allowed}', hint)
    return raw


class Program(TomlTable):
    """One incentive and its rules, as its file says."""

    id: Annotated[str, BeforeValidator(_program_id)]
    name: FilledText
    kind: Text
    objective: Annotated[Objective, TextOrTable] = Objective()
    starts: Day
    ends: Day
    period: Annotated[Period, one_of(PERIODS, "a period")] = "program"
    payee: Annotated[Payee, one_of(PAYEES, "a payee")] = "partner"
    settle: Annotated[Literal["end", "monthly"], one_of(("end", "monthly"), "a way to settle")] = (
        "end"
    )
    currency: Currency | None = None
    exclusive_group: FilledText | None = None
    priority: Whole = 0
    eligible: Conditions = ()
    bundle: Bundle | None = None
    gate: Annotated[tuple[Gate, ...], OneOrMore] = ()
    baseline: Baseline | None = None
    reward: Annotated[tuple[Reward, ...], OneOrMore]
    boost: Annotated[tuple[Boost, ...], Listed] = ()
    limits: Limits = Limits()
    payout: PayoutRules = PayoutRules()
    example: Annotated[tuple[Example, ...], Listed] = ()

    # What kinds differ in: a kind overrides the defaults that do not fit it.
    eligible_entities: ClassVar[frozenset[str]] = frozenset(FIELD_ENTITIES)
    when_entities: ClassVar[frozenset[str]] = frozenset({"partner", "rep", "level"})
    alternatives: ClassVar[bool] = True  # the first [[reward]] that holds applies, and no other
    reads: ClassVar[frozenset[str]] = frozenset({"sales"})  # tables, besides activities for a gate
    tiers_over_period: ClassVar[bool] = (
        False  # payees take one reward by their totals, as in rebates
    )
    pays_by_totals: ClassVar[bool] = False  # what payees earn follows from their sums alone
    ranks_payees: ClassVar[bool] = False  # what a payee earns depends on what the others sell
    serials_earn_once: ClassVar[bool] = False
    term_values: ClassVar[frozenset[str]] = frozenset()  # what terms of this kind may say
    always_by_line: ClassVar[bool] = False  # terms are those of a line, whatever their keys
    pays_claims_only: ClassVar[bool] = False  # then periods in which nobody is paid are normal
    pays: ClassVar[bool] = True  # other kinds only say what programs that pay ask for

    _source: TomlSource | None = PrivateAttr(default=None)
    _level_programs: tuple["Program", ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _growth_has_a_baseline(self) -> Self:
        """Growth without `[baseline]` is measured against the previous year."""
        if self.baseline is None and self.asks_for_growth:
            self.__dict__["baseline"] = Baseline()
        return self

    @property
    def file(self) -> Path:
        """The file that the program was read from."""
        return self._source.file if self._source else Path()

    @property
    def toml(self) -> Mapping[str, Any]:
        """The parsed TOML of the program's file; empty if it has no file."""
        return self._source.data if self._source else {}

    @cached_property
    def own_hash(self) -> str:
        """A sha256 over everything in the file and its lists that can change money, but for terms."""
        return rule_hash(self)

    @property
    def rule_hash(self) -> str:
        """`own_hash`, and those of the level programs that it names (see `with_level_programs`)."""
        named = [program.own_hash for program in self._level_programs]
        return joint_hash([self.own_hash, *named]) if named else self.own_hash

    @property
    def hash_with_terms(self) -> str:
        """`rule_hash` with all of its terms, whoever takes them; the same where it has none."""
        terms = ["" if reward.terms is None else reward.terms.hash for reward in self.reward]
        return joint_hash([self.rule_hash, *terms]) if any(terms) else self.rule_hash

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that it sorts partners into, from the lowest up; none where it pays instead."""
        return ()

    @property
    def needs(self) -> tuple[Need, ...]:
        """What a bundle takes; a line must belong to one of these."""
        return () if self.bundle is None else self.bundle.needs

    @property
    def terms_by_line(self) -> bool:
        """Whether terms are found for each line, and not for the payee (docs/rules.md, "Terms")."""
        terms = [reward.terms for reward in self.reward if reward.terms is not None]
        entities = {key.partition(".")[0] for one in terms for key in one.keys}
        asked = any(reward.terms_by == "line" for reward in self.reward)
        return bool(terms) and (self.always_by_line or asked or not entities <= _OF_PAYEES)

    def line_conditions(self) -> Iterator[tuple[KeyPath, Condition]]:
        """The conditions that are judged as `[eligible]` is, each with its place."""
        for condition in self.eligible:
            yield ("eligible", condition.field), condition
        for i, need in enumerate(self.needs):
            for condition in need.when:
                yield ("bundle", "needs", i, "when", condition.field), condition
        for i, gate in enumerate(self.gate):
            for condition in gate.share_of:
                yield ("gate", i, "share_of", condition.field), condition

    def conditions(self) -> Iterator[tuple[KeyPath, Condition]]:
        """Every condition, each with its place."""
        yield from self.line_conditions()
        for i, reward in enumerate(self.reward):
            for condition in reward.when:
                yield ("reward", i, "when", condition.field), condition
        for i, boost in enumerate(self.boost):
            for condition in boost.when:
                yield ("boost", i, "when", condition.field), condition

    def levels_named(self) -> Iterator[tuple[KeyPath, str]]:
        """The ids of the level programs that it asks for, each with the place that does."""
        asked = [(path, condition.field) for path, condition in self.conditions()]
        for i, reward in enumerate(self.reward):
            keys = () if reward.terms is None else reward.terms.keys
            asked += ((("reward", i, "terms"), key) for key in keys)
        for path, field in asked:
            entity, _, program_id = field.partition(".")
            if entity == LEVEL:
                yield path, program_id

    def windows(self) -> Iterator[tuple[KeyPath, int]]:
        """How many months each of its trailing windows has, with its place (docs/rules.md, "Windows")."""
        for i, reward in enumerate(self.reward):
            if reward.tiers_months is not None:
                yield ("reward", i, "tiers_months"), reward.tiers_months

    @property
    def asks_for_growth(self) -> bool:
        """Whether some money depends on growth over a baseline."""
        return any(metric == "growth" for _, metric in self.metrics_used())

    def metrics_used(self) -> Iterator[tuple[KeyPath, str]]:
        """Each metric that decides over money, with the place that names it."""
        for i, reward in enumerate(self.reward):
            if reward.measures:
                yield ("reward", i, "tiers_by"), reward.tiers_by
            if reward.pays_on == "increment":
                yield ("reward", i, "pays_on"), "growth"
        for i, gate in enumerate(self.gate):
            yield ("gate", i, "metric"), gate.metric

    @property
    def tables(self) -> frozenset[str]:
        """The tables whose rows earn something or open a gate."""
        counts_activities = any(gate.activity for gate in self.gate)
        return self.reads | {"activities"} if counts_activities else self.reads

    @property
    def pays_hours(self) -> bool:
        """Whether it grants hours of support instead of money."""
        return False

    @property
    def protection_days(self) -> int | None:
        """For how many days a deal protects a line; None where lines need no deal."""
        return None

    @property
    def counts_lines_in_part(self) -> bool:
        """Whether a line may count with only a part of its amount."""
        return False

    def named_values(self) -> Iterator[NamedValues]:
        """The values that the program names outside conditions, and the columns they belong to."""
        for i, reward in enumerate(self.reward):
            if reward.per_product:
                path = ("reward", i, "per_product")
                yield path, ("products", "product_id"), tuple(reward.per_product)
        for i, gate in enumerate(self.gate):
            if gate.activity:
                yield ("gate", i, "metric"), ("activities", "activity"), (gate.activity,)

    def usual_values(self, table: str, row: Mapping[str, Value]) -> Mapping[str, Value | None]:
        """Defaults of this kind for what a row of an example leaves out."""
        if table != "activities":
            return {}
        counted = [gate.activity for gate in self.gate if gate.activity]
        return {"activity": [*counted, "training"][0]}

    def why_no_single_lines(self) -> str:
        """Why its pay cannot be attributed to single lines or activities; empty if it can."""
        reasons = (reward.why_no_single_lines() for reward in self.reward)
        return next(filter(None, reasons), "")

    def own_findings(self) -> Iterator[Finding]:
        """What else is wrong with a program of this kind."""
        return iter(())

    def problem(
        self,
        path: KeyPath,
        code: str,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "error",
        at_key: bool = False,
    ) -> Problem:
        """A problem at the place of `path` in the program's file."""
        source = self._source or TomlSource(Path(f"{self.id}.toml"), {})
        return source.problem(path, code, message, hint=hint, severity=severity, at_key=at_key)


def with_source(program: Program, source: TomlSource) -> Program:
    """`program` with the source of its keys, so that problems can name file and line."""
    program._source = source
    return program


def with_level_programs(programs: Iterable[Program]) -> tuple[Program, ...]:
    """`programs`, each with the level programs among them that it names."""
    every = tuple(programs)
    levels = {program.id: program for program in every if program.levels}
    return tuple(_knowing(program, levels) for program in every)


def _knowing(program: Program, levels: Mapping[str, Program]) -> Program:
    named = sorted({level_id for _, level_id in program.levels_named()} & levels.keys())
    found = tuple(levels[level_id] for level_id in named)
    if found == program._level_programs:
        return program
    copy = program.model_copy()
    copy._level_programs = found
    return copy
