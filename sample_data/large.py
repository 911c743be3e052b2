"""A big workspace of the same shape: the sample, and as many more lines as are asked for."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import channel
import months
import products
from products import SERIAL_FAMILY
from sales_lines import ALPHA, PRICE_ONLY, Seller, money
from workspace_files import Counts, write_sample

HEADER = (
    "sale_id,line_id,sold_on,return_of,partner_id,distributor_id,rep_id,customer_id,currency,"
    "order_channel,product_id,quantity,unit_price,amount,serial,received_on\n"
)
SALES_AT_ONCE = 20_000
BAD = "not-a-number"


@dataclass(frozen=True, slots=True)
class Goods:
    """What is in a line: its text as sold, its text as returned, and how its serial begins."""

    sold: str
    returned: str
    serial: str


def write_large(repository: Path, out: Path, lines: int, files: int) -> Counts:
    """Write a workspace with `lines` sale lines into `out`, the new ones spread over `files` files.

    In every thousand sales there are some 20 returns, 2 lines sent twice, 1 bad row, 5 late ones.
    """
    for name in ("programs", "lists"):
        shutil.copytree(repository / name, out / name, dirs_exist_ok=True)
    shutil.copy(repository / "incentivectl.toml", out / "incentivectl.toml")
    counts = write_sample(out / "sample_data")
    sales = ("sales/", "alpha/", "corrections/")
    missing = lines - sum(rows for name, rows in counts.items() if name.startswith(sales))
    if missing < files:
        raise ValueError(f"--lines must exceed the sample's own {lines - missing:,} by --files")
    draw = Draw()
    for number in range(files):
        wanted = missing * (number + 1) // files - missing * number // files
        month = number * len(months.NAMES) // files
        name = f"sales/{months.NAMES[month]}_more_{number + 1:04d}.csv"
        with (out / "sample_data" / name).open("w", encoding="utf-8", newline="") as file:
            file.write(HEADER)
            for chunk in draw.chunks(number, month, wanted):
                file.write(chunk)
        counts[name] = wanted
    return counts


class Draw:
    """Draws lines from ready-made pieces of text: who sells to whom, and what is sold."""

    def __init__(self) -> None:
        """Make 8,000 sellers and 4,000 goods a currency, which the lines are put together from."""
        rng = random.Random("large")
        partners, catalogue = channel.partners(), products.products()
        reps, customers = channel.reps(partners), channel.customers(partners)
        direct = [partner for partner in partners if partner.via != ALPHA]
        sellers = {p.id: Seller(p, reps, customers, catalogue) for p in direct}
        self.sellers: list[tuple[str, str]] = []
        for partner in rng.choices(direct, weights=[p.size for p in direct], k=8_000):
            seller = sellers[partner.id]
            via = partner.via if partner.via != PRICE_ONLY and rng.random() < 0.6 else ""
            rep, customer = rng.choice(seller.reps).id, rng.choice(seller.customers).id
            ordered = rng.choice(["web", "field", "field", "inside"])
            text = ",".join([partner.id, via, rep, customer, partner.currency, ordered])
            self.sellers.append((text, partner.currency))
        self.goods = {
            p.currency: [self._goods(rng, sellers[p.id]) for _ in range(4_000)]
            for p in (partners[0], partners[4], partners[18])  # invoicing in dollars, euros, yen
        }

    def chunks(self, number: int, month: int, wanted: int) -> Iterator[str]:
        """The text of one file's `wanted` lines, piece by piece."""
        rng = random.Random(f"large {number}")
        begun, left = 0, wanted
        while left:
            lines = self._sales(rng, number, begun, month)[:left]
            left -= len(lines)
            begun += SALES_AT_ONCE
            yield "".join(lines)

    def _sales(self, rng: random.Random, number: int, begun: int, month: int) -> list[str]:
        choose, random_, name = rng.choice, rng.random, months.NAMES[month]
        days = [f"{name}-{day:02d}" for day in range(1, months.days(month) + 1)]
        received = f"{months.NAMES[min(month + 1, len(months.NAMES) - 1)]}-28"
        lines: list[str] = []
        sellers = rng.choices(self.sellers, k=SALES_AT_ONCE)
        sizes = rng.choices((1, 2, 3, 4), weights=(3, 2, 1, 1), k=SALES_AT_ONCE)
        numbers = range(begun, begun + SALES_AT_ONCE)
        for sale, (seller, currency), size in zip(numbers, sellers, sizes, strict=True):
            goods, day, mishap = self.goods[currency], choose(days), random_()
            for line in range(1, size + 1):
                what = choose(goods)
                serial = f"{what.serial}{number}-{sale}-{line}" if what.serial else ""
                late = received if mishap > 0.995 else ""
                lines.append(
                    f"B{number}-{sale},{line},{day},,{seller},{what.sold},{serial},{late}\n"
                )
            if mishap < 0.002:
                lines.append(lines[-1])
            elif mishap < 0.003:
                lines.append(f"B{number}-{sale},9,{day},,{seller},{goods[0].sold},,{BAD}\n")
            elif mishap < 0.023:
                back = f"BR{number}-{sale},1,{days[-1]},B{number}-{sale}"
                lines.append(f"{back},{seller},{what.returned},{serial},\n")
        return lines

    @staticmethod
    def _goods(rng: random.Random, seller: Seller) -> Goods:
        product = seller.draw_product(months.FIRST_DAY)
        quantity = seller.draw_quantity(product)
        price = seller.draw_price(product)
        currency = seller.partner.currency
        unit, total = money(price, currency), money(quantity * price, currency)
        return Goods(
            f"{product.id},{quantity},{unit},{total}",
            f"{product.id},-{quantity},{unit},-{total}",
            f"FWB{product.id[3:]}-" if product.family == SERIAL_FAMILY else "",
        )
