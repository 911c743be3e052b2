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
from tests.reference.terms import Term, Terms, read_terms


@dataclass(frozen=True)
class Tier:
    """One step: half-open from `starts_at`; what is not named pays nothing."""

    starts_at: Fraction
    rate: Fraction
    per_unit: Fraction
    bonus: Fraction
    every: Fraction
    pays: Fraction
    per_bundle: Fraction


@dataclass(frozen=True)
class Point:
    """One point of a curve: what is paid, or at what rate, where the metric is `at`."""

    at: Fraction
    value: Fraction


@dataclass(frozen=True, eq=False)
class Reward:
    """One `[reward]` or `[[reward]]` entry, or a term in its place; `flat` is what it pays without tiers.

    Where `terms` is set, the entry itself pays nothing: one of its terms does.
    """

    raw: dict[str, Value]
    tiers: tuple[Tier, ...] = ()
    flat: Tier = field(default_factory=lambda: _tier({}))
    per_product: dict[str, Fraction] = field(default_factory=dict)
    curve: tuple[Point, ...] = ()
    terms: Terms | None = None
    term: Term | None = None

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

    @property
    def curve_pays(self) -> bool:
        """Whether the points of its curve name amounts, not rates."""
        return "pays" in self.raw["curve"][0]

    @property
    def together(self) -> bool:
        """Whether all partners with one top pick the tier together."""
        return "together" in self.raw

    @property
    def tiers_months(self) -> int | None:
        """The months of the trailing window that picks the tier."""
        return int(self.raw["tiers_months"]) if "tiers_months" in self.raw else None

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
        """One of the eight kinds."""
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
        """partner, rep, distributor, parent or manager."""
        default = "rep" if self.kind in ("spif", "activity") else "partner"
        return str(self.raw.get("payee", default))

    @property
    def payee_kind(self) -> str:
        """A payee is a partner or a rep."""
        return "rep" if self.payee in ("rep", "manager") else "partner"

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

    @property
    def gates(self) -> list[dict[str, Value]]:
        """`[gate]`, or every `[[gate]]`."""
        return several(self.raw.get("gate", []))

    @property
    def needs(self) -> list[dict[str, Value]]:
        """What a bundle is made of."""
        return list(self.table("bundle").get("needs", []))

    @property
    def level_names(self) -> list[str]:
        """The levels of a level program, from the lowest up."""
        return [level["name"] for level in self.table("level")["levels"]]

    @property
    def terms_by_line(self) -> bool:
        """Whether terms are found for each line, not for the payee."""
        files = [reward.terms for reward in self.rewards if reward.terms is not None]
        if not files or self.kind in ("discount", "deal_registration"):
            return bool(files)
        keys = {key.partition(".")[0] for terms in files for key in terms.key_columns}
        asked = any(reward.raw.get("terms_by") == "line" for reward in self.rewards)
        return asked or not keys <= {"partner", "rep", "level"}

    def limit(self, key: str) -> Fraction | None:
        """An amount of `[limits]`."""
        limits = self.table("limits")
        return number(limits[key]) if key in limits else None


def _tier(raw: dict[str, Value]) -> Tier:
    def key(name: str) -> Fraction:
        return number(raw.get(name, 0))

    names = ("from", "rate", "per_unit", "bonus", "every", "pays", "per_bundle")
    return Tier(*(key(name) for name in names))


def _reward(raw: dict[str, Value], folder: Path) -> Reward:
    per_product = raw.get("per_product", {})
    if isinstance(per_product, str):
        with (folder / per_product).open(encoding="utf-8-sig", newline="") as file:
            per_product = {r["product_id"]: r["per_unit"] for r in csv.DictReader(file)}
    curve = [(p["at"], p.get("rate", p.get("pays"))) for p in raw.get("curve", [])]
    return Reward(
        raw,
        tuple(_tier(tier) for tier in raw.get("tiers", [])),
        _tier({k: v for k, v in raw.items() if k != "from"}),
        {product: number(amount) for product, amount in per_product.items()},
        tuple(Point(number(at), number(value)) for at, value in curve),
        read_terms(folder, raw["terms"]) if "terms" in raw else None,
    )


def reward_of_term(entry: Reward, term: Term) -> Reward:
    """The entry with what a term says instead of what it pays itself."""
    tiers = sorted((_tier(row) for row in term.pays if "from" in row), key=lambda t: t.starts_at)
    flat = {} if tiers else term.pays[0]
    prices = {"net_price": flat["net_price"]} if "net_price" in flat else {}
    return Reward(entry.raw | prices, tuple(tiers), _tier(flat), term=term)


def several(tables: Value) -> list[dict[str, Value]]:
    """`[[gate]]` as it stands, `[gate]` as one of them."""
    return tables if isinstance(tables, list) else [tables]


def read_toml(path: Path) -> dict[str, Value]:
    """A TOML file, its numbers exact."""
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def read_programs(workspace: Path, config: dict[str, Value]) -> list[Program]:
    """All programs of the workspace by id."""
    folder = workspace / config["workspace"].get("programs", "programs")
    programs = []
    for path in sorted(folder.glob("*.toml")):
        program = Program(read_toml(path), config["workspace"]["currency"])
        program.rewards = [
            _reward(raw, workspace) for raw in several(program.raw.get("reward", []))
        ]
        programs.append(program)
    return sorted(programs, key=lambda program: program.id)
