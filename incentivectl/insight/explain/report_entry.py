"""One program and measurement period of `explain`: conditions, steps, the next tier, the lines."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import agreeing, counted
from incentivectl.insight.explain.explain import Entry, Step
from incentivectl.insight.explain.payee_lines import verdict
from incentivectl.output.amounts import all_digits, cents, tier_cell, tier_number
from incentivectl.output.report import Amount, Cell, Section
from incentivectl.programs.reward import Reward
from incentivectl.programs.words.phrases import conditions, number, percent
from incentivectl.programs.words.reasons import line_reason, nothing_because, short_condition
from incentivectl.programs.words.terms import Terms, amount_of, bare

LINES_SHOWN = 10
_ZERO = Decimal(0)
_SUMS = {"reward": "= reward", "entitlement": "= earned", "this-batch": "= this batch"}
_STEPS = {
    "bonus": "bonus",
    "prize": "prize",
    "boost": "boost",
    "cap": "cap",
    "rounding": "rounding",
    "budget": "budget",
    "kept": "kept",
    "booked-before": "booked before",
    "not-booked": "not booked now",
}
_STATUS = {
    "accruing": "the period is still open; due when it ends",
    "held": "on hold until its hold days are over",
    "settled-elsewhere": "settled outside this ledger",
    "closed": "the period is closed",
}
_OVER = {"prorate": "shared out by what was earned", "first_come": "first come, first served"}


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
        yield _steps(entry, entry.earned, terms, title, about)
    if entry.next_tier is not None:
        yield _next(entry.next_tier, terms, title, about)
    yield from _contributions(entry, terms, title, about, every_line=every_line)
    if every_line and entry.lines.height:
        yield _left_out(entry, terms, title, about)


def _conditions(entry: Entry, terms: Terms, title: str, about: dict[str, Cell]) -> Section:
    """What keeps out how many of the payee's lines, in the order in which it is asked."""
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


def _steps(
    entry: Entry, row: dict[str, Any], terms: Terms, title: str, about: dict[str, Cell]
) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for step in entry.steps:
        name = _SUMS.get(step.name) or _STEPS.get(step.name) or _counted(step)
        amount = None if step.amount is None else all_digits(step.amount, entry.case.digits)
        rows.append(
            (
                name,
                amount,
                all_digits(step.so_far, entry.case.digits),
                _how(step, entry, row, terms),
            )
        )
    note = nothing_because(row["why_nothing"])
    columns = ("step", "amount", "so far", "how")
    heading = f"{title}: from lines to this batch, in {terms.currency}"
    note = f"Nothing is earned: {note}." if note else ""
    return Section("steps", heading, columns, rows, note, about=about)


def _counted(step: Step) -> str:
    noun = {"activity": "activities"}.get(step.name, f"{step.name}s")
    return counted(step.count, step.name, noun)


def _how(step: Step, entry: Entry, row: dict[str, Any], terms: Terms) -> str:
    limits = terms.program.limits
    match step.name:
        case "line":
            return _basis(entry, row, terms)
        case "bonus" if row["tier"] is not None:
            return f"of tier {tier_number(row['tier'])}"
        case "reward" if row["why_nothing"]:
            return nothing_because(row["why_nothing"])
        case "boost" if entry.boost is not None:
            when = conditions(entry.boost.when, terms.currency, {})
            return f"× {number(row['boost'])}: {when}"
        case "cap" if limits.per_payee is not None:
            return f"at most {terms.money(limits.per_payee)} in a {terms.period}"
        case "rounding":
            return "once, half up, to the smallest unit of the currency"
        case "budget" if limits.budget is not None:
            over = _OVER.get(limits.over_budget, "")
            return f"the budget of {terms.money(limits.budget)} is used up: {over}"
        case "kept":
            return "booked before; the budget does not reverse it"
        case "booked-before":
            return "by earlier batches"
        case "not-booked" if row["inactive"]:
            return "on hold: the payee is inactive"
        case "not-booked":
            return _STATUS.get(row["status"], "the budget is used up")
    return ""


def _basis(entry: Entry, row: dict[str, Any], terms: Terms) -> str:
    """What the lines' part of the reward is made of."""
    if row["why_nothing"]:
        return ""
    block = _block(entry)
    if block is None or entry.measured is None:
        return "line by line; see the lines below"
    measured = entry.measured
    if block.tiers and block.tier_mode == "marginal":
        by = block.tiers_by
        return f"{bare(by, measured[by], terms)}, incremental tiers{_top_rate(block, row)}"
    parts = []
    tier = block.tiers[row["tier"]] if row["tier"] is not None and block.tiers else None
    rate = tier.rate if tier is not None else block.rate
    per_unit = tier.per_unit if tier is not None else block.per_unit
    if rate is not None:
        basis = {
            "revenue": f"revenue {bare('revenue', measured['revenue'], terms)}",
            "list": f"list amount {bare('revenue', measured.get('list_amount') or _ZERO, terms)}",
            "increment": f"{bare('revenue', measured['revenue'], terms)} less the baseline"
            f" {bare('revenue', measured['baseline'] or _ZERO, terms)}",
        }[block.pays_on]
        parts.append(f"{percent(rate)} of {basis}")
    if per_unit is not None:
        units = measured["quantity"]
        parts.append(f"{number(units)} {agreeing(units, 'unit')} × {terms.money(per_unit)}")
    if block.per_product is not None:
        parts.append("an amount per unit, by product")
    at = ""
    if tier is not None:
        at = f"; tier {tier_number(row['tier'])}, from {bare(block.tiers_by, tier.from_, terms)}"
        is_other = block.tiers_by != "revenue" or row["metric_value"] != measured["revenue"]
        if is_other and row["metric_value"] is not None:
            at += f", with {amount_of(row['metric'], _short(row['metric_value']), terms)}"
    return " + ".join(parts) + at


def _top_rate(block: Reward, row: dict[str, Any]) -> str:
    """The rate of the highest tier that is reached, where it has one."""
    rate = None if row["tier"] is None else block.tiers[row["tier"]].rate
    return "" if rate is None else f"; top rate reached {percent(rate)}"


def _short(value: Decimal) -> Decimal:
    """A quotient as people read it: four decimals, which are two of a percentage."""
    return money.round_decimal(value, 4)


def _block(entry: Entry) -> Reward | None:
    """The reward that the payee takes, where its lines are paid by one for all."""
    if entry.measured is None or not entry.case.program.tiers_over_period:
        return None
    index = entry.measured.get("block")
    return None if index is None else entry.case.program.reward[index]


def _next(row: dict[str, Any], terms: Terms, title: str, about: dict[str, Cell]) -> Section:
    digits = money.minor_digits(terms.currency)
    is_money = row["missing_in"] == "revenue"
    missing = all_digits(row["missing"], digits if is_money else 0)
    more = row["would_earn"] - row["earns_now"]
    columns = ("tier", "from", "missing", "of", "would earn", "more")
    earn = (cents(row["would_earn"], terms.currency), cents(more, terms.currency))
    start = money.plain(row["next_from"])
    rows: list[tuple[Cell, ...]] = [
        (tier_cell(row["next_tier"]), start, missing, row["missing_in"], *earn)
    ]  # fmt: skip
    note = "With exactly that, all else as it is, before the budget."
    return Section("next_tier", f"{title}: the next tier", columns, rows, note, about=about)


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
    rows: list[tuple[Cell, ...]] = []
    for one in shown_rows:
        line = details.get(one["row"], {})
        rows.append(
            (
                one["item_id"] or one["sale_id"] or one["source"],
                line.get("line_id"),
                one["counted_on"],
                line.get("product_id"),
                _plain_number(line.get("quantity")),
                None if line.get("amount") is None else all_digits(line["amount"], digits),
                all_digits(one["contribution"], digits),
            )
        )
    if rest:
        with money.exactly():
            total = sum((one["contribution"] for one in rest), Decimal(0))
        rows.append((f"and {len(rest):,} more", *(None,) * 5, all_digits(total, digits)))
    columns = ("sale", "line", "counts on", "product", "quantity", "amount", "adds")
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
