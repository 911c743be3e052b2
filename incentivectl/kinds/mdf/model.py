"""`kind = "mdf"`: a fund per partner that reimburses claims for marketing activities."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema

from incentivectl.programs.bundle import Bundle
from incentivectl.programs.conditions import Value
from incentivectl.programs.fields import OF_PARTNERS
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.gate import Baseline, Gate
from incentivectl.programs.model import NamedValues, Program
from incentivectl.programs.reward import Reward
from incentivectl.toml.numbers import not_negative, whole
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.types import Days, Flag, NoMeaning, Rate, Texts, TomlTable, by_name, one_of
from incentivectl.toml.wrong import wrong

_BY_CLAIM = NoMeaning("a fund pays claims, as [fund] and [claims] say")


def _allocation(raw: object) -> Decimal | Mapping[str, Decimal]:
    """One amount for all, or one for each tier."""
    return by_name(raw, not_negative) if isinstance(raw, Mapping) else not_negative(raw)


def _months(raw: object) -> int:
    months = whole(raw)
    if months < 1:
        raise wrong("not-positive", "it must be at least 1", "leave it out if nothing expires")
    return months


_AMOUNT: dict[str, Any] = {"type": "number", "minimum": 0}
Allocation = Annotated[
    Decimal | Mapping[str, Decimal],
    BeforeValidator(_allocation),
    WithJsonSchema({"anyOf": [_AMOUNT, {"type": "object", "additionalProperties": _AMOUNT}]}),
]


class Fund(TomlTable):
    """What is credited, and for how long it lasts."""

    accrue: Rate | None = None
    allocate: Allocation | None = None
    expires_after_months: (
        Annotated[int, BeforeValidator(_months), WithJsonSchema({"type": "integer", "minimum": 1})]
        | None
    ) = None
    unit: Annotated[Literal["money", "hours"], one_of(("money", "hours"), "a unit of funds")] = (
        "money"
    )


class Claims(TomlTable):
    """What is reimbursed. Without `activities` any activity is, without `within_days` at any time."""

    reimburse: Rate = Decimal(1)
    activities: Texts | None = None
    within_days: Days | None = None
    proof_required: Flag = False


class MdfProgram(Program):
    """Market development funds (docs/rules.md, "Funds")."""

    reads: ClassVar[frozenset[str]] = frozenset({"sales", "mdf_requests", "mdf_claims"})
    pays_claims_only: ClassVar[bool] = True

    kind: Literal["mdf"] = "mdf"
    payee: Annotated[Literal["partner"], one_of(("partner",), "who has a fund")] = "partner"
    fund: Fund
    claims: Claims = Claims()
    bundle: Annotated[Bundle | None, _BY_CLAIM] = None
    gate: Annotated[tuple[Gate, ...], _BY_CLAIM] = ()
    baseline: Annotated[Baseline | None, _BY_CLAIM] = None
    reward: Annotated[tuple[Reward, ...], _BY_CLAIM] = ()

    @property
    def pays_hours(self) -> bool:
        """Whether the fund is kept in hours."""
        return self.fund.unit == "hours"

    def named_values(self) -> Iterator[NamedValues]:
        """The tiers of partners that are allocated something, and the activities that may be claimed."""
        if isinstance(self.fund.allocate, Mapping):
            yield ("fund", "allocate"), ("partners", "tier"), tuple(self.fund.allocate)
        if self.claims.activities:
            yield ("claims", "activities"), ("mdf_requests", "activity"), self.claims.activities

    def usual_values(self, table: str, row: Mapping[str, Value]) -> Mapping[str, Value | None]:
        """A request is for the first activity that may be claimed."""
        if table != "mdf_requests":
            return super().usual_values(table, row)
        return {"activity": self.claims.activities[0] if self.claims.activities else "event"}

    def metrics_used(self) -> Iterator[tuple[KeyPath, str]]:
        """Nothing: a fund has neither tiers nor gates."""
        return iter(())

    def why_no_single_lines(self) -> str:
        """A claim is paid for an activity, not for a line."""
        return "claims are not sale lines"

    def own_findings(self) -> Iterator[Finding]:
        """A fund that is never credited, and conditions that none of its credits looks at."""
        fund = self.fund
        if fund.accrue is None and fund.allocate is None:
            message = "nothing is ever credited to this fund"
            yield Finding(("fund",), "empty-fund", message, "add `accrue`, `allocate`, or both")
        if fund.accrue is not None and fund.unit == "hours":
            message = "a share of revenue is money, and this fund is kept in hours"
            yield Finding(("fund", "accrue"), "accrue-in-hours", message, "use `allocate`")
        if fund.accrue is None:
            for condition in self.eligible:
                if condition.entity not in OF_PARTNERS:
                    message = (
                        f"`{condition.field}` has no effect: allocations do not depend on lines"
                    )
                    path = ("eligible", condition.field)
                    yield warning(path, "unused-condition", message, "use `accrue`, or partner.…")
