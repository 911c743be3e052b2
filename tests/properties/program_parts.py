"""What programs are drawn from: values at which they meet, and their entries, gates and metrics."""

from collections.abc import Sequence
from decimal import Decimal

from tests.properties.universe import Toml

RATES = ("10%", Decimal("0.01"), Decimal("0.005"), "33.3333%", "10%", Decimal("0.05"), 0)
PER_UNIT = (1, Decimal("0.335"), Decimal("12.5"))
AMOUNTS = (10, Decimal("0.125"), 75)
STEPS = {
    "revenue": (100, Decimal("33.33"), 1000),
    "quantity": (2, Decimal("2.5"), 1),
    "bundles": (1, 2),
}
BOUNDS = {
    "revenue": (0, 100, 250, 1000),
    "quantity": (0, 2, 3, 10),
    "growth": (0, "50%", 1),
    "attainment": (0, Decimal("0.5"), 1),
    "bundles": (0, 1, 2),
}
COUNTS = (0, 1, 2, 3)
COUNTED = ("revenue", "quantity", "lines", "sales", "customers", "products")


def entries(program: Toml) -> list[Toml]:
    """`[reward]` as one of the `[[reward]]` entries."""
    reward = program.get("reward", [])
    found = reward if isinstance(reward, list) else [reward]
    return [dict(entry) for entry in found]


def with_entries(program: Toml, changed: Sequence[Toml]) -> Toml:
    """The program with its entries changed."""
    if isinstance(program["reward"], list):
        return {**program, "reward": list(changed)}
    return {**program, "reward": changed[0]}


def is_first_come(program: Toml) -> bool:
    """Whether its budget is served first come."""
    limits = program.get("limits", {})
    assert isinstance(limits, dict)
    return limits.get("over_budget") == "first_come"


def is_marginal(entry: Toml) -> bool:
    """Whether each slice pays its own tier's rate."""
    return entry.get("tier_mode") == "marginal"


def metric_of(entry: Toml) -> str:
    """What picks its tier."""
    return str(entry.get("tiers_by", "revenue"))


def bounds_of(metric: str) -> Sequence[object]:
    """Values at which sales that are drawn meet."""
    return BOUNDS.get(metric, COUNTS)


def on_totals(program: Toml) -> bool:
    return program["kind"] in ("rebate", "spif")


def gates_of(program: Toml) -> list[Toml]:
    gate = program.get("gate", [])
    return list(gate) if isinstance(gate, list) else [dict(gate)]
