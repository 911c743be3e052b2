"""Program files with their defaults filled in (section 4, rule 35)."""

import csv
import tomllib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from tests.reference.exact import number
from tests.reference.tables import Value


@dataclass(frozen=True)
class Tier:
    """One step: half-open from `starts_at`; what is not named pays nothing."""

    starts_at: Fraction
    rate: Fraction
    per_unit: Fraction
    bonus: Fraction


@dataclass(frozen=True)
class Reward:
    """One `[reward]` or `[[reward]]` entry; `flat` is what it pays without tiers."""

    raw: dict[str, Value]
    tiers: tuple[Tier, ...]
    flat: Tier
    per_product: dict[str, Fraction]

    @property
    def when(self) -> dict[str, Value]:
        """Its conditions."""
        return dict(self.raw.get("when", {}))

    @property
    def tiers_by(self) -> str:
        """The metric that picks the tier."""
        return str(self.raw.get("tiers_by", "revenue"))

    @property
    def marginal(self) -> bool:
        """Whether each slice pays its own tier's rate."""
        return bool(self.raw.get("tier_mode", "retroactive") == "marginal")

    @property
    def pays_on(self) -> str:
        """What a rate multiplies."""
        return str(self.raw.get("pays_on", "revenue"))

    @property
    def net_price(self) -> Fraction | None:
        """The price down to which a ship-and-debit pays."""
        return number(self.raw["net_price"]) if "net_price" in self.raw else None

    def amount(self, key: str) -> Fraction | None:
        """Another number of the entry."""
        return number(self.raw[key]) if key in self.raw else None


@dataclass(eq=False)
class Program:
    """One program."""

    raw: dict[str, Value]
    workspace_currency: str
    rewards: list[Reward] = field(default_factory=list)

    def __getitem__(self, key: str) -> Value:
        return self.raw[key]

    def table(self, key: str) -> dict[str, Value]:
        """A table of the file, empty if it is not there."""
        return dict(self.raw.get(key, {}))

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.raw["id"])

    @property
    def kind(self) -> str:
        """One of the seven kinds."""
        return str(self.raw["kind"])

    @property
    def starts(self) -> date:
        """Its first day."""
        day: date = self.raw["starts"]
        return day

    @property
    def ends(self) -> date:
        """Its last day."""
        day: date = self.raw["ends"]
        return day

    @property
    def period(self) -> str:
        """How it cuts its time into measurement periods."""
        return str(self.raw.get("period", "program"))

    @property
    def payee(self) -> str:
        """partner, rep or distributor."""
        default = "rep" if self.kind in ("spif", "activity") else "partner"
        return str(self.raw.get("payee", default))

    @property
    def payee_kind(self) -> str:
        """A payee is a partner or a rep."""
        return "rep" if self.payee == "rep" else "partner"

    @property
    def currency(self) -> str:
        """What it pays in."""
        return str(self.raw.get("currency", self.workspace_currency))

    @property
    def group(self) -> str | None:
        """Its exclusive group."""
        return self.raw.get("exclusive_group")

    @property
    def priority(self) -> int:
        """The lowest number of a group takes a line."""
        return int(self.raw.get("priority", 0))

    @property
    def eligible(self) -> dict[str, Value]:
        """The conditions of `[eligible]`."""
        return self.table("eligible")

    @property
    def if_missing_full(self) -> bool:
        """Whether no baseline counts as the top tier."""
        return bool(self.table("baseline").get("if_missing", "exclude") == "full")

    def limit(self, key: str) -> Fraction | None:
        """An amount of `[limits]`."""
        limits = self.table("limits")
        return number(limits[key]) if key in limits else None


def _tier(raw: dict[str, Value]) -> Tier:
    def key(name: str) -> Fraction:
        return number(raw.get(name, 0))

    return Tier(key("from"), key("rate"), key("per_unit"), key("bonus"))


def _reward(raw: dict[str, Value], folder: Path) -> Reward:
    per_product = raw.get("per_product", {})
    if isinstance(per_product, str):
        with (folder / per_product).open(encoding="utf-8-sig", newline="") as file:
            per_product = {r["product_id"]: r["per_unit"] for r in csv.DictReader(file)}
    return Reward(
        raw,
        tuple(_tier(tier) for tier in raw.get("tiers", [])),
        _tier({k: v for k, v in raw.items() if k in ("rate", "per_unit", "bonus")}),
        {product: number(amount) for product, amount in per_product.items()},
    )


def read_toml(path: Path) -> dict[str, Value]:
    """A TOML file, its numbers exact."""
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def read_programs(workspace: Path, config: dict[str, Value]) -> list[Program]:
    """All programs of the workspace by id."""
    folder = workspace / config["workspace"].get("programs", "programs")
    programs = []
    for path in sorted(folder.glob("*.toml")):
        program = Program(read_toml(path), config["workspace"]["currency"])
        rewards = program.raw.get("reward", [])
        rewards = rewards if isinstance(rewards, list) else [rewards]
        program.rewards = [_reward(raw, workspace) for raw in rewards]
        programs.append(program)
    return sorted(programs, key=lambda program: program.id)
