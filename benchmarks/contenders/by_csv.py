"""The six programs with nothing but Python: the csv module and exact decimals."""

import csv
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

from rewards import PER_UNIT, Earned, discount_rate, rewards, write

Row = dict[str, str]
START, END = date(2026, 7, 1), date(2026, 9, 30)
EARLIER = (date(2025, 7, 1), date(2025, 9, 30))
MILLIONTH = Decimal("0.000001")


def rows_of(path: Path) -> Iterator[Row]:
    """The records of one file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def numbered(rows: Iterator[Row]) -> Iterator[tuple[Row, tuple[str, ...]]]:
    """Rows of one file and what tells them apart; without `line_id` that is product and place."""
    places: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        sale = (row["distributor_id"], row["partner_id"], row["sale_id"])
        if "line_id" in row:
            yield row, (*sale, row["line_id"])
        else:
            of_product = (*sale, row["product_id"])
            places[of_product] += 1
            row["line_id"] = str(places[of_product])
            yield row, (*of_product, row["line_id"])


class Lines:
    """The lines that can be read, each once."""

    def __init__(self, workspace: Path) -> None:
        """Reads every file of sales."""
        self.every: list[tuple[Row, date, Decimal]] = []
        seen = set()
        for path in sorted((workspace / "sales").glob("*.csv")):
            for row, line in numbered(rows_of(path)):
                try:
                    day, amount = date.fromisoformat(row["sold_on"]), Decimal(row["amount"])
                    Decimal(row["quantity"])
                    if row["received_on"]:
                        date.fromisoformat(row["received_on"])
                except (ValueError, InvalidOperation):
                    continue
                if line not in seen:
                    seen.add(line)
                    self.every.append((row, day, amount))
        self._find_sales()

    def _find_sales(self) -> None:
        named = {row["return_of"] for row, _, amount in self.every if amount < 0}
        self.dates: dict[tuple[str, ...], date] = {}
        self.originals: dict[tuple[str, ...], tuple[int, Decimal]] = {}
        for row, day, amount in self.every:
            if row["sale_id"] in named:
                sale = (row["distributor_id"], row["partner_id"], row["sale_id"])
                self.dates[sale] = min(day, self.dates.get(sale, day))
                of_product = (*sale, row["product_id"])
                first = self.originals.get(of_product, (sys.maxsize, amount))
                if amount >= 0 and int(row["line_id"]) < first[0]:
                    self.originals[of_product] = (int(row["line_id"]), amount)

    def counting(self) -> Iterator[tuple[Row, date, Decimal, Decimal]]:
        """Each line with the day that it counts on, its amount and that which finds its tier."""
        for row, day, amount in self.every:
            judged = amount
            if amount < 0:
                sale = (row["distributor_id"], row["partner_id"], row["return_of"])
                day = self.dates.get(sale, day)  # noqa: PLW2901
                judged = self.originals.get((*sale, row["product_id"]), (0, amount))[1]
            if START <= day <= END or EARLIER[0] <= day <= EARLIER[1]:
                yield row, day, amount, abs(judged)


class Latest:
    """Values by key and day: the latest on or before a day; before all of them the first."""

    def __init__(self, rows: Iterator[tuple[str, date, str]]) -> None:
        """Takes rows of key, first day and value."""
        self.found: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for key, since, value in sorted(rows):
            self.found[key].append((since, value))

    def on(self, key: str, day: date) -> str:
        """The value of a key on a day."""
        steps = self.found[key]
        return steps[max(bisect_right(steps, day, key=lambda step: step[0]) - 1, 0)][1]


def main(workspace: Path, out: Path) -> None:
    """Reads the workspace's files and writes who earns what."""
    data = workspace / "sample_data"
    category = {row["product_id"]: row["category"] for row in rows_of(data / "products.csv")}
    rates = Latest(
        (row["currency"], date.fromisoformat(row["on"]), row["rate"])
        for row in rows_of(data / "fx.csv")
    )
    tiers = Latest(
        (row["partner_id"], date.fromisoformat(row["valid_from"] or "0001-01-01"), row["tier"])
        for row in rows_of(data / "partners.csv")
    )
    deals = {(row["partner_id"], row["customer_id"]): row for row in rows_of(data / "deals.csv")}
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    of_deal: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row, day, amount, size in Lines(workspace).counting():
        rate = Decimal(1) if row["currency"] == "USD" else Decimal(rates.on(row["currency"], day))
        usd = (amount * rate).quantize(MILLIONTH, rounding=ROUND_HALF_UP)
        kind, partner = category[row["product_id"]], row["partner_id"]
        if kind != "licence":
            sums["now" if day >= START else "before"][partner] += usd
        if day < START:
            continue
        if kind == "licence":
            sums["licences"][partner] += usd
        if kind in ("switch", "router") and tiers.on(partner, day) in ("gold", "silver"):
            sums["hardware"][partner] += usd
        if kind == "firewall":
            judged = (size * rate).quantize(MILLIONTH, rounding=ROUND_HALF_UP)
            sums["discount"][partner] += usd * discount_rate(judged)
        if row["product_id"] in PER_UNIT:
            sums["spif"][row["rep_id"]] += Decimal(row["quantity"]) * PER_UNIT[row["product_id"]]
        deal = deals.get((partner, row["customer_id"]))
        if deal is not None:
            approved = date.fromisoformat(deal["approved_on"])
            if approved <= day <= approved + timedelta(days=60):
                of_deal[partner, deal["deal_id"]] += usd
    for (partner, _), revenue in of_deal.items():
        sums["deals"][partner] += revenue * Decimal("0.05") + (150 if revenue > 0 else 0)
    names = ("licences", "hardware", "now", "before", "spif")
    earned: list[Earned] = [*rewards(*(sums[name] for name in names))]
    earned += [(name, *one) for name in ("discount", "deals") for one in sums[name].items()]
    write(out, earned)


main(Path(sys.argv[1]), Path(sys.argv[2]))
