"""From lines to this batch, step by step, in `explain`: each amount, and what it is made of."""

from decimal import Decimal
from typing import Any

from incentivectl.core import money
from incentivectl.core.nouns import agreeing, counted
from incentivectl.insight.explain.explain import Entry, Step
from incentivectl.output.amounts import all_digits, tier_number
from incentivectl.output.report import Cell, Section
from incentivectl.programs.reward import Reward, Tier
from incentivectl.programs.words.phrases import conditions, number, percent
from incentivectl.programs.words.reasons import nothing_because
from incentivectl.programs.words.terms import Terms, amount_of, bare

_ZERO = Decimal(0)
_SUMS = {"reward": "= reward", "entitlement": "= earned", "this-batch": "= this batch"}
_STEPS = {
    "bonus": "bonus",
    "step": "steps",
    "curve": "curve",
    "bundle": "bundles",
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


def steps_section(
    entry: Entry, row: dict[str, Any], terms: Terms, title: str, about: dict[str, Cell]
) -> Section:
    """The steps of a row of earnings, those that are sums among them."""
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
        case "step" | "curve" | "bundle":
            return _besides_lines(step, entry, row, terms)
        case "reward" if row["why_nothing"]:
            return nothing_because(row["why_nothing"])
        case "boost" if entry.boost is not None:
            when = conditions(entry.boost.when, terms.currency, {})
            return f"× {number(row['boost'])}: {when}"
        case "cap":
            return _caps(entry, terms)
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
    tier = _tier(block, row)
    rate = tier.rate if tier is not None else block.rate
    per_unit = tier.per_unit if tier is not None else block.per_unit
    if block.curve and row["rate"] is not None:
        rate = _short(row["rate"] * 100) / 100
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
        if block.tiers_by != "revenue" or row["metric_value"] != measured["revenue"]:
            at += _reached_with(block, row, terms)
    elif block.curve and rate is not None:
        at = f"; the curve's rate{_reached_with(block, row, terms)}"
    return " + ".join(parts) + at


def _tier(block: Reward, row: dict[str, Any]) -> Tier | None:
    """The tier that is reached, where there are tiers."""
    return block.tiers[row["tier"]] if row["tier"] is not None and block.tiers else None


def _reached_with(block: Reward, row: dict[str, Any], terms: Terms) -> str:
    """What the metric that picks a tier, or a place on a curve, comes to."""
    if row["metric_value"] is None:
        return ""
    found = f", with {amount_of(row['metric'], _short(row['metric_value']), terms)}"
    if block.tiers_months is not None:
        found += f" in {counted(block.tiers_months, 'month')}"
    return found


def _besides_lines(step: Step, entry: Entry, row: dict[str, Any], terms: Terms) -> str:
    """What steps, a curve or bundles pay, where one reward or term pays all of it."""
    block = _block(entry)
    if block is None or entry.measured is None:
        return "" if not entry.terms else "see the terms below"
    paying = _tier(block, row) or block
    if step.name == "curve":
        return f"on the curve{_reached_with(block, row, terms)}".replace(", with", " at")
    if step.name == "bundle" and paying.per_bundle is not None:
        bundles = entry.measured["bundles"]
        return f"{number(bundles)} {agreeing(bundles, 'bundle')} × {terms.money(paying.per_bundle)}"
    if paying.every is None or paying.pays is None:
        return ""
    value = bare(block.tiers_by, entry.measured[block.tiers_by], terms)
    size = bare(block.tiers_by, paying.every, terms)
    return f"{terms.money(paying.pays)} for every whole {size} in {value}"


def _caps(entry: Entry, terms: Terms) -> str:
    """The caps of the program and of the terms that the payee took."""
    of_program = terms.program.limits.per_payee
    told = [] if of_program is None else [f"at most {terms.money(of_program)} in a {terms.period}"]
    for taken in entry.terms.values():
        if taken.term.per_payee is not None:
            told.append(f"at most {terms.money(taken.term.per_payee)} by {taken.place}")
    return "; ".join(told)


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
    taken = list(entry.terms)
    index = taken[0] if len(taken) == 1 else entry.measured.get("block")
    found = None if index is None else entry.case.blocks.reward(index)
    return None if found is None or found.terms is not None else found
