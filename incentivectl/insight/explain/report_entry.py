"""One program and measurement period of `explain`: conditions, steps, the next tier, the lines."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.insight.explain.explain import Entry
from incentivectl.insight.explain.payee_lines import verdict
from incentivectl.insight.explain.report_steps import steps_section
from incentivectl.insight.explain.report_terms import named_term, terms_section
from incentivectl.output.amounts import all_digits, cents, tier_cell
from incentivectl.output.report import Amount, Cell, Section
from incentivectl.programs.words.reasons import line_reason, short_condition
from incentivectl.programs.words.terms import Terms

LINES_SHOWN = 10
# What comes next: the head of its column, and its name.
_NEXT = {
    "tier": ("tier", "next tier"),
    "point": ("point", "next point of the curve"),
    "step": ("what", "next step"),
    "bundle": ("what", "next bundle"),
}


def entry_sections(entry: Entry, terms: Terms, *, every_line: bool) -> Iterator[Section]:
    """The sections of one entry; with `every_line`, no line is left out."""
    program = terms.program
    about: dict[str, Cell] = {"program": program.id, "period_start": entry.period.start}
    title = f"{program.id}, {entry.period.start} to {entry.period.end}"
    if entry.lines.height:
        yield _conditions(entry, terms, title, about)
    if entry.earned is None:
        note = "No line counts: nothing is earned."
        yield Section("steps", f"{title}: from lines to this batch", (), [], note, about=about)
    else:
        yield steps_section(entry, entry.earned, terms, title, about)
        if entry.terms:
            yield terms_section(entry, terms, title, about)
    if entry.next_tier is not None:
        yield _next(entry.next_tier, terms, title, about)
    yield from _contributions(entry, terms, title, about, every_line=every_line)
    if every_line and entry.lines.height:
        yield _left_out(entry, terms, title, about)


def _conditions(entry: Entry, terms: Terms, title: str, about: dict[str, Cell]) -> Section:
    """How many of the payee's lines each condition keeps out, in the order in which they are judged."""
    lines = entry.lines
    rows: list[tuple[Cell, ...]] = [
        ("lines in its dates", lines.height, None, _amount(lines, terms.currency), None)
    ]
    fields = {one.field for one in terms.program.eligible}
    others = [
        r for r in lines["reason"].drop_nulls().unique(maintain_order=True) if r not in fields
    ]
    for index, one in enumerate(terms.program.eligible):
        out = lines.filter(pl.col("reason") == one.field)
        rows.append(
            (
                short_condition(one, terms),
                int(lines[verdict(index)].sum()),
                -out.height,
                _amount(out, terms.currency, negative=True),
                one.field,
            )
        )
    for reason in others:
        out = lines.filter(pl.col("reason") == reason)
        words = line_reason(reason, terms)
        amount = _amount(out, terms.currency, negative=True)
        rows.append((words, None, -out.height, amount, reason))
    counted = lines.filter(pl.col("reason").is_null())
    rows.append(("= that count", counted.height, None, _amount(counted, terms.currency), None))
    columns = ("condition", "holds on", "keeps out", "amount", "reason")
    heading = f"{title}: what counts"
    return Section("conditions", heading, columns, rows, about=about, for_machines=1)


def _amount(lines: pl.DataFrame, currency: str, *, negative: bool = False) -> Amount:
    with money.exactly():
        total = sum((v for v in lines["amount"].to_list() if v is not None), Decimal(0))
    return cents(-total if negative and total else total, currency)


def _next(row: dict[str, Any], terms: Terms, title: str, about: dict[str, Cell]) -> Section:
    digits = money.minor_digits(terms.currency)
    is_money = row["missing_in"] == "revenue"
    missing = all_digits(row["missing"], digits if is_money else 0)
    more = row["would_earn"] - row["earns_now"]
    columns = (_NEXT[row["step"]][0], "from", "missing", "of", "would earn", "more")
    earn = (cents(row["would_earn"], terms.currency), cents(more, terms.currency))
    start = money.plain(row["next_from"])
    is_place = row["step"] in ("tier", "point")
    place = tier_cell(row["next_tier"]) if is_place else _NEXT[row["step"]][1]
    rows: list[tuple[Cell, ...]] = [(place, start, missing, row["missing_in"], *earn)]
    note = "With exactly that, all else as it is, before the budget."
    name = _NEXT[row["step"]][1]
    return Section("next_tier", f"{title}: the {name}", columns, rows, note, about=about)


def _contributions(
    entry: Entry, terms: Terms, title: str, about: dict[str, Cell], *, every_line: bool
) -> Iterator[Section]:
    """The lines that count with what each adds; without `every_line` the largest, and the rest as one."""
    parts = entry.contributions
    if not parts.height:
        return
    details = {row["row"]: row for row in entry.lines.iter_rows(named=True)}
    listed = list(parts.iter_rows(named=True))
    shown = range(len(listed))
    if not every_line and len(listed) > LINES_SHOWN:
        by_size = sorted(shown, key=lambda i: (-abs(listed[i]["contribution"]), i))
        kept = set(by_size[:LINES_SHOWN])
        shown_rows = [listed[i] for i in shown if i in kept]
        rest = [listed[i] for i in shown if i not in kept]
    else:
        shown_rows, rest = listed, []
    digits = entry.case.digits
    by_line = terms.program.terms_by_line
    rows: list[tuple[Cell, ...]] = []
    for one in shown_rows:
        line = details.get(one["row"], {})
        block = line.get("term")
        taken = None if block is None else entry.terms.get(block)
        rows.append(
            (
                one["item_id"] or one["sale_id"] or one["source"],
                line.get("line_id"),
                one["counted_on"],
                line.get("product_id"),
                _plain_number(line.get("quantity")),
                None if line.get("amount") is None else all_digits(line["amount"], digits),
                all_digits(one["contribution"], digits),
                *([None if taken is None else named_term(taken)] if by_line else []),
            )
        )
    if rest:
        with money.exactly():
            total = sum((one["contribution"] for one in rest), Decimal(0))
        more = (f"and {len(rest):,} more", *(None,) * 5, all_digits(total, digits))
        rows.append((*more, *([None] if by_line else [])))
    columns: tuple[str, ...] = (
        "sale", "line", "counts on", "product", "quantity", "amount", "adds",
    )  # fmt: skip
    columns += ("term",) if by_line else ()
    name = "the lines" if every_line or not rest else f"the {LINES_SHOWN} lines that add most"
    yield Section("lines", f"{title}: {name}", columns, rows, about=about)


def _plain_number(value: Decimal | None) -> Decimal | None:
    return None if value is None else all_digits(value, 0)


def _left_out(entry: Entry, terms: Terms, title: str, about: dict[str, Cell]) -> Section:
    out = entry.lines.filter(pl.col("reason").is_not_null())
    rows: list[tuple[Cell, ...]] = [
        (
            row["sale_id"],
            row["line_id"],
            row["counted_on"],
            row["product_id"],
            None if row["amount"] is None else all_digits(row["amount"], entry.case.digits),
            line_reason(row["reason"], terms),
        )
        for row in out.iter_rows(named=True)
    ]
    columns = ("sale", "line", "counts on", "product", "amount", "why not")
    return Section("left_out", f"{title}: lines that do not count", columns, rows, about=about)
