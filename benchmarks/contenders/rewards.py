"""What totals of payees earn in the six programs, in exact decimals; shared by the Python scripts."""

import csv
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Amounts = Mapping[str, Decimal]
Earned = tuple[str, str, Decimal]
PER_UNIT = {"AP-310": Decimal("2"), "AP-311": Decimal("2.5"), "AP-312": Decimal("3")}


def discount_rate(size: Decimal) -> Decimal:
    """The rate of a firewall line of this size."""
    if size >= 20_000:
        return Decimal("0.025")
    return Decimal("0.01") if size >= 5_000 else Decimal(0)


def marginal(revenue: Decimal) -> Decimal:
    """2 % up to 100,000, 4 % up to 300,000, 6 % beyond."""
    second = max(min(revenue - 100_000, Decimal(200_000)), Decimal(0))
    third = max(revenue - 300_000, Decimal(0))
    first = min(revenue, Decimal(100_000))
    return first * Decimal("0.02") + second * Decimal("0.04") + third * Decimal("0.06")


def retroactive(revenue: Decimal) -> Decimal:
    """The rate of the tier that is reached, on everything."""
    if revenue >= 2_000_000:
        return revenue * Decimal("0.03") + 2_500
    return revenue * (Decimal("0.02") if revenue >= 500_000 else Decimal("0.01"))


def growth(revenue: Decimal, baseline: Decimal) -> Decimal:
    """A rate on what is more than the year before."""
    grown = revenue - baseline
    if baseline <= 0 or grown < 0:
        return Decimal(0)
    if grown >= baseline * Decimal("0.15"):
        return grown * Decimal("0.04")
    return grown * (Decimal("0.02") if grown >= baseline * Decimal("0.05") else Decimal("0.01"))


def rewards(
    licences: Amounts, hardware: Amounts, now: Amounts, before: Amounts, spif: Amounts
) -> Iterable[Earned]:
    """What four programs make of the totals of payees."""
    for payee, revenue in licences.items():
        yield "marginal", payee, marginal(revenue)
    for payee, revenue in hardware.items():
        yield "retroactive", payee, retroactive(revenue)
    for payee, revenue in now.items():
        yield "growth", payee, growth(revenue, before.get(payee, Decimal(0)))
    for payee, reward in spif.items():
        yield "spif", payee, min(reward, Decimal(1_500))


def write(out: Path, earned: Iterable[Earned]) -> None:
    """Rounds every reward half up, once, and writes those that are not 0."""
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["program_id", "payee_id", "entitlement"])
        for program, payee, reward in sorted(earned):
            rounded = reward.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            if rounded:
                writer.writerow([program, payee, rounded])
