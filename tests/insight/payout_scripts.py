"""A payout script as others write them: plain Python over the CSV files, with one mistake at choice.

It knows one program: tiers of 3.5, 5 and 8 % on a quarter's revenue, settled monthly in dollars.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

TIERS = [(Decimal(0), Decimal("0.035")), (Decimal(1000), Decimal("0.05")),
         (Decimal(5000), Decimal("0.08"))]  # fmt: skip
CENT, SIX = Decimal("0.01"), Decimal("0.000001")
END, BEFORE = date(2026, 9, 30), date(2026, 8, 31)


@dataclass(frozen=True)
class Line:
    day: date
    partner: str
    amount: Decimal


def payouts(folder: Path, mistake: str = "") -> dict[str, Decimal]:
    """Partner → what it is paid in September."""
    now = earned([line for line in lines(folder, mistake) if line.day <= END], mistake)
    before = earned([line for line in lines(folder, mistake) if line.day <= BEFORE], mistake)
    if mistake == "earlier-not-deducted":
        return now
    return {partner: now[partner] - before.get(partner, Decimal(0)) for partner in now}


def lines(folder: Path, mistake: str) -> Iterator[Line]:
    seen = set()
    for row in read(folder / "sales.csv"):
        key = (row["partner_id"], row["sale_id"], row["line_id"])
        if key in seen and mistake != "duplicates-counted":
            continue
        seen.add(key)
        amount, day = Decimal(row["amount"]), date.fromisoformat(row["sold_on"])
        if amount < 0 and mistake == "returns-ignored":
            continue
        if row["currency"] == "EUR" and mistake != "currency-unconverted":
            at = END if mistake == "fx-of-period-end" else day
            amount = (amount * rate(folder, at)).quantize(SIX, ROUND_HALF_UP)
        yield Line(day, row["partner_id"], amount)


def rate(folder: Path, day: date) -> Decimal:
    known = [row for row in read(folder / "fx.csv") if date.fromisoformat(row["on"]) <= day]
    return Decimal(max(known, key=lambda row: row["on"])["rate"])


def earned(of: list[Line], mistake: str) -> dict[str, Decimal]:
    by_partner = defaultdict(list)
    for line in of:
        by_partner[line.partner].append(line.amount)
    return {
        partner: paid(amounts, mistake).quantize(CENT, ROUND_HALF_UP)
        for partner, amounts in by_partner.items()
    }


def paid(amounts: list[Decimal], mistake: str) -> Decimal:
    total = sum(amounts, Decimal(0))
    if mistake == "marginal-tiers":
        return marginal(total)
    if mistake == "tier-per-line":
        return sum((amount * tier(abs(amount)) for amount in amounts), Decimal(0))
    if mistake == "rounded-per-line":
        parts = ((amount * tier(total)).quantize(CENT, ROUND_HALF_UP) for amount in amounts)
        return sum(parts, Decimal(0))
    return total * tier(total)


def tier(value: Decimal) -> Decimal:
    return [share for start, share in TIERS if value >= start or start == 0][-1]


def marginal(total: Decimal) -> Decimal:
    ends = [start for start, _ in TIERS[1:]] + [max(total, TIERS[-1][0])]
    return sum(
        (
            max(min(total, end) - start, Decimal(0)) * share
            for (start, share), end in zip(TIERS, ends, strict=True)
        ),
        Decimal(0),
    )


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))
