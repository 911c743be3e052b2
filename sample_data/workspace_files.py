"""Writes the tables of the sample under their names; returns how many rows each file has."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import alpha_export
import bad_rows
import behaviour
import channel
import contracts
import deals
import mishaps
import months
import new_market
import opinions
import products
import sales_lines
import small_tables
from channel import Customer, Partner, Rep
from products import Product
from sales_lines import Line

Counts = dict[str, int]
NOTE = "call before delivery,\nask for the loading bay"  # a quoted line break, as exports have them


def write_sample(folder: Path) -> Counts:
    """Write every table of the sample into `folder`; rows by file, without the headers."""
    partners = channel.partners()
    reps, catalogue = channel.reps(partners), products.products()
    customers = channel.customers(partners)
    lines = sales_lines.ordinary(partners, reps, customers, catalogue)
    lines += deals.planted(partners, reps, catalogue)
    mishaps.register_twice(lines)
    deal_rows = deals.deals(lines, customers)
    customers += deals.CASE_CUSTOMERS
    lines += mishaps.returns(lines)
    mishaps.report_late(lines)
    mishaps.spell_oddly(lines, catalogue)
    masters = (
        [*partners, new_market.PARTNER],
        [*reps, *new_market.REPS],
        catalogue,
        [*customers, *new_market.CUSTOMERS],
    )
    counts = _masters(folder, *masters)
    counts |= _behaviour(folder, partners, reps, deal_rows)
    counts |= _opinions(folder, partners, reps)
    counts |= _aliases_and_credits(folder, lines, reps)
    return counts | _sales(folder, lines, new_market.lines(catalogue))


def write_lists(folder: Path) -> Counts:
    """Write the contracts of the sample's partners into `folder`; rows by file."""
    rows = contracts.contracts(channel.partners())
    return table(folder / "contracts.csv", contracts.HEADER, rows)


def _masters(
    folder: Path, partners: list[Partner], reps: list[Rep],
    catalogue: list[Product], customers: list[Customer],
) -> Counts:  # fmt: skip
    return {
        **table(
            folder / "partners.csv",
            "partner_id name kind tier segment region country parent_id joined_on status email "
            "locale payout_method valid_from contract_years contract_ends",
            [
                [
                    p.id, p.name, p.kind, p.tier, p.segment, p.region, p.country, p.parent,
                    p.joined, p.status, f"channel@{p.domain}", p.locale, p.payout, p.valid_from,
                    *channel.contract(p),
                ]
                for p in channel.partner_rows(partners)
            ],
        ),
        **table(
            folder / "reps.csv",
            "rep_id name partner_id email locale payout_method started_on ended_on status",
            [
                [
                    r.id, r.name, r.partner.id, f"{r.id.lower()}@{r.partner.domain}",
                    r.partner.locale, r.payout, r.started, r.ended, r.status,
                ]
                for r in reps
            ],
        ),
        **table(
            folder / "products.csv",
            "product_id name category family list_price unit_cost launched_on",
            [
                [
                    p.id, p.name, p.category, p.family, sales_lines.money(p.list_cents, "USD"),
                    sales_lines.money(p.cost_cents, "USD"), p.launched.isoformat(),
                ]
                for p in catalogue
            ],
        ),
        **table(
            folder / "customers.csv",
            "customer_id name segment first_sale_on",
            [[c.id, c.name, c.segment, c.first_sale_on] for c in customers],
        ),
        **table(folder / "fx.csv", "on currency rate", channel.exchange_rates()),
    }  # fmt: skip


def _behaviour(
    folder: Path, partners: list[Partner], reps: list[Rep], deal_rows: list[list[str]]
) -> Counts:
    counts = table(folder / "deals.csv", deals.HEADER, deal_rows)
    done = behaviour.activities(partners, reps)
    counts |= table(folder / "activities.csv", behaviour.HEADER, done)
    for name, text in [
        ("mdf_requests", small_tables.MDF_REQUESTS),
        ("mdf_claims", small_tables.MDF_CLAIMS),
        ("adjustments", small_tables.ADJUSTMENTS),
        ("disputes", small_tables.DISPUTES),
        ("payees", small_tables.PAYEES),
        ("targets", small_tables.TARGETS),
    ]:
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
        counts[f"{name}.csv"] = len(text.splitlines()) - 1
    return counts


def _opinions(folder: Path, partners: list[Partner], reps: list[Rep]) -> Counts:
    answers, asked = opinions.surveys(partners, reps), opinions.invitations(partners, reps)
    return {
        **table(folder / "surveys.csv", opinions.SURVEY_HEADER, answers),
        **table(folder / "survey_invitations.csv", opinions.INVITATION_HEADER, asked),
        **table(folder / "brand.csv", opinions.BRAND_HEADER, opinions.brand()),
        **table(folder / "market.csv", opinions.MARKET_HEADER, opinions.market()),
    }


def _aliases_and_credits(folder: Path, lines: list[Line], reps: list[Rep]) -> Counts:
    reps_at = defaultdict(list)
    for rep in reps:
        reps_at[rep.partner.id].append(rep.id)
    own = [["partners", alias, id_, ""] for id_, alias in mishaps.PARTNER_ALIASES.items()]
    own += [
        ["products", f"CB{number}", f"CB-{number}", ""]
        for number in [*range(11, 21), *range(51, 61)]
    ]
    known = sorted(own + alpha_export.aliases(lines))
    credits = mishaps.shared_credits(lines, reps_at)
    return {
        **table(folder / "aliases.csv", "table alias id source", known),
        **table(folder / "credits.csv", "sale_id line_id rep_id share", credits),
    }


def _sales(folder: Path, lines: list[Line], untouched: list[Line]) -> Counts:
    """The monthly files of both sources, and the corrections; no mishap befalls `untouched` lines."""
    repeats = mishaps.repeated(lines)
    restated, corrections = mishaps.restated(lines, repeats)
    afterwards = repeats + restated + bad_rows.direct(lines) + bad_rows.alpha(lines)
    misshapen = bad_rows.misshapen(lines, sales_lines.COLUMNS)
    by_file: dict[tuple[bool, str], list[Line]] = defaultdict(list)
    in_order = sorted(lines + untouched, key=lambda one: (one.sold_on, one.sale_id, one.line_id))
    for line in in_order + afterwards:
        by_file[line.in_alpha, line.in_file].append(line)
    counts: Counts = {}
    for month in months.NAMES:
        extra = [cells for in_file, cells in misshapen if in_file == month]
        counts |= _direct(folder / "sales" / f"{month}.csv", month, by_file[False, month], extra)
        path = folder / "alpha" / f"{month}.csv"
        counts[f"alpha/{path.name}"] = alpha_export.write(path, month, by_file[True, month])
    for day in sorted({line.in_file for line in corrections}):
        rows = [line.texts() for line in corrections if line.in_file == day]
        columns = [name for name in sales_lines.COLUMNS if name != "received_on"]
        cells = [[row[name] for name in columns] for row in rows]
        counts |= table(folder / "corrections" / f"{day}.csv", " ".join(columns), cells)
    return counts


def _direct(path: Path, month: str, lines: list[Line], misshapen: list[list[str]]) -> Counts:
    """One month of the main source; in 2025 its columns stood in another order and it had a note."""
    rows = [line.texts() for line in lines]
    columns = list(sales_lines.COLUMNS)
    if month < "2026":
        columns = [*columns[:2], "note", *reversed(columns[2:])]
        for number, row in enumerate(rows):
            row["note"] = NOTE if number % 400 == 7 else ""
    cells = [[row[name] for name in columns] for row in rows]
    return table(path, " ".join(columns), cells + misshapen)


def table(path: Path, header: str, rows: Iterable[Sequence[str]]) -> Counts:
    """Write a CSV file in UTF-8 and return its name and number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split())
        for row in rows:
            writer.writerow(row)
            written += 1
    own_folder = path.parent.name in {"sales", "corrections"}
    return {f"{path.parent.name}/{path.name}" if own_folder else path.name: written}
