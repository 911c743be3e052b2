"""What happens to sales afterwards: returns, late reports, restated lines, odd spellings."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import months
from products import SERIAL_FAMILY, Product
from sales_lines import Line, money

UNKNOWN_PRODUCTS = ["SW-1O1", "AP-399", "SW-1O1", "LC-700", "AP-399", "SW-1O1"]
PARTNER_ALIASES = {"P25": "Circuit Lane Inc.", "P09": "MRIDGE"}
THIS_YEAR = date(2026, 1, 1)


def returns(lines: list[Line]) -> list[Line]:
    """Some 2 % of the lines come back, whole or in part; two name a sale that nobody knows."""
    rng = random.Random("returns")
    kept = [line for line in lines if line.quantity > 0 and line.sold_on < date(2026, 9, 20)]
    found: list[Line] = []
    for number, line in enumerate(sorted(rng.sample(kept, k=400), key=_key), start=1):
        day = line.sold_on + timedelta(days=rng.randint(4, 40))
        if day > months.LAST_DAY:
            continue
        back = line.quantity if rng.random() < 0.4 else rng.randint(1, line.quantity)
        known = line.sale_id if line.in_alpha or rng.random() < 0.88 else ""
        found.append(
            replace(
                line,
                sale_id=f"{'GS' if line.in_alpha else 'R'}{day:%y%m}-{number:04d}",
                line_id=1,
                sold_on=day,
                quantity=-back,
                return_of=known,
                in_file=f"{day:%Y-%m}",
                changes={},
            )
        )
    direct = [line for line in found if not line.in_alpha and line.sold_on >= date(2026, 7, 1)]
    for line, unknown in zip(direct[5:25:12], ["S2311-0417", "S2402-0093"], strict=True):
        line.return_of = unknown
    return found


def report_late(lines: list[Line]) -> None:
    """60 lines are reported one or two months after their sale: they stand in a later file."""
    rng = random.Random("late")
    early = [line for line in lines if not line.in_alpha and line.sold_on < date(2026, 8, 1)]
    for line in rng.sample(early, k=60):
        later = months.index_of(line.sold_on) + rng.choice([1, 1, 2])
        line.in_file = months.NAMES[later]
        line.received_on = f"{line.in_file}-{rng.randint(3, 26):02d}"


def register_twice(lines: list[Line]) -> None:
    """Three firewalls of this quarter carry the serial number of one that was sold before."""
    quarter = [
        line
        for line in lines
        if line.serial and line.quantity > 0 and line.rep_id and line.sold_on >= date(2026, 7, 1)
    ]
    for first, again in [(4, 23), (11, 37), (30, 52)]:
        quarter[again].product = quarter[first].product
        quarter[again].serial = quarter[first].serial


def spell_oddly(lines: list[Line], catalogue: list[Product]) -> None:
    """Aliases, products nobody knows, signs and separators: all of it is accepted."""
    rng = random.Random("spelling")
    recent = [line for line in lines if not line.in_alpha and line.sold_on >= THIS_YEAR]
    for partner_id, alias in PARTNER_ALIASES.items():
        for line in rng.sample([one for one in recent if one.partner.id == partner_id], k=4):
            line.changes["partner_id"] = alias
    for line in rng.sample([one for one in lines if one.in_alpha], k=70):
        if line.product.category in {"access-point", "switch"}:
            line.changes["product_id"] = f"{line.product.id}/EU"
    plain = [one for one in recent if not one.changes and one.quantity > 0 and one.quantity < 50]
    for line, unknown in zip(rng.sample(plain, k=6), UNKNOWN_PRODUCTS, strict=True):
        line.changes["product_id"] = unknown
        line.serial = ""
    cables = {product.id for product in catalogue if product.category == "cable"}
    for line in [one for one in recent if one.product.id in cables and not one.changes][:6]:
        line.changes["product_id"] = line.product.id.replace("-", "")
    dollars = [one for one in recent if one.partner.currency == "USD" and one.texts()["amount"]]
    for line in rng.sample([one for one in dollars if not one.changes and one.quantity > 0], k=12):
        dollars_only, cents = divmod(line.quantity * line.unit_minor, 100)
        line.changes["amount"] = f"${dollars_only:,}.{cents:02d}"
    for line in [one for one in dollars if not one.changes and one.quantity < 0][-8:]:
        text = money(-line.quantity * line.unit_minor, "USD")
        line.changes["amount"] = rng.choice([f"({text})", f"{text}-"])


def repeated(lines: list[Line]) -> list[Line]:
    """32 lines are sent again: 24 with the next month, 3 in the same file, 5 by Alphatec."""
    rng = random.Random("duplicates")
    last = months.NAMES[-1]
    direct = [
        line for line in lines if _is_plain(line) and not line.in_alpha and line.in_file < last
    ]
    copies = rng.sample(direct, k=27)
    again = [replace(line, in_file=_next(line.in_file)) for line in copies[:24]]
    again += [replace(line) for line in copies[24:]]
    alpha = [line for line in lines if _is_plain(line) and line.in_alpha and line.in_file < last]
    once = [line for line in alpha if line.line_id == 1]
    return again + [replace(line, in_file=_next(line.in_file)) for line in rng.sample(once, k=5)]


def restated(lines: list[Line], repeats: list[Line]) -> tuple[list[Line], list[Line]]:
    """Lines with other content: four in a later monthly file, six in the files of corrections."""
    rng = random.Random("restated")
    taken = {(line.sale_id, line.line_id) for line in repeats}
    known = [
        line
        for line in lines
        if _is_plain(line) and not line.in_alpha and (line.sale_id, line.line_id) not in taken
    ]
    known = [line for line in known if 2 <= line.quantity < 50]
    summer = [line for line in known if date(2026, 7, 1) <= line.sold_on < date(2026, 8, 15)]
    autumn = [line for line in known if date(2026, 8, 15) <= line.sold_on < date(2026, 9, 15)]
    chosen = rng.sample(summer, k=7)
    by_month = [
        replace(line, quantity=line.quantity - 1, in_file="2026-09", received_on="2026-09-18")
        for line in chosen[:4]
    ]
    *wrong, undone = chosen[4:] + rng.sample(autumn, k=3)
    corrections = [replace(line, quantity=line.quantity + 1) for line in wrong]
    corrections.append(replace(undone, quantity=0))
    for line in corrections:
        line.in_file = "2026-08-20" if line.sold_on < date(2026, 8, 15) else "2026-09-24"
    return by_month, corrections


def shared_credits(lines: list[Line], reps_at: dict[str, list[str]]) -> list[list[str]]:
    """Rows of `credits`: some thirty sales of this quarter that two or three reps made together."""
    rng = random.Random("credits")
    sales = {
        line.sale_id: line
        for line in lines
        if line.sold_on >= date(2026, 7, 1) and line.rep_id and _is_plain(line)
        and len(reps_at[line.partner.id]) > 2
    }  # fmt: skip
    rows = []
    for sale_id in sorted(rng.sample(sorted(sales), k=32)):
        line = sales[sale_id]
        others = [rep for rep in reps_at[line.partner.id] if rep != line.rep_id]
        shares = rng.choice([["0.5", "0.5"], ["0.7", "0.3"], ["0.4", "0.333333", "0.266667"]])
        team = [line.rep_id, *rng.sample(others, k=len(shares) - 1)]
        only_line = str(line.line_id) if rng.random() < 0.2 else ""
        rows += [[sale_id, only_line, rep, share] for rep, share in zip(team, shares, strict=True)]
    return rows


def _is_plain(line: Line) -> bool:
    special = line.changes or line.return_of or line.received_on or line.deal_id
    return line.quantity > 0 and not special and line.product.family != SERIAL_FAMILY


def _next(month: str) -> str:
    return months.NAMES[months.NAMES.index(month) + 1]


def _key(line: Line) -> tuple[date, str, int]:
    return line.sold_on, line.sale_id, line.line_id
