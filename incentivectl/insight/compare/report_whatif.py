"""What `whatif` prints: cost, who gains and loses, tiers, budgets, and where the difference lies."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.insight.compare.comparison import Comparison, compared
from incentivectl.insight.compare.sweep import Sweep
from incentivectl.insight.compare.whatif import WhatIf
from incentivectl.output.amounts import cents, tier_cell
from incentivectl.output.report import Amount, Cell, Report, Section
from incentivectl.programs.changes import changes_between
from incentivectl.programs.model import Program
from incentivectl.run.program_rows import used_text

MOST_PAYEES = 10
BAR = 40


def whatif_report(found: WhatIf) -> Report:
    """The report of a scenario against today."""
    run = found.today
    workspace = run.loaded.workspace
    told = compared(run, found.scenario, found.recalculated)
    rules = rules_section(run.loaded.programs, found.scenario.loaded.programs)
    sections = [rules, _cost(told, found), _programs(told, found), _budgets(found)]
    for key, title, gains in (
        ("winners", "Who gains most", True),
        ("losers", "Who loses most", False),
    ):
        sections.append(payees_section(told.payees, key, title, gains=gains))
    sections.append(_tiers(told))
    sections += list(_places(told))
    sections.append(_elsewhere(told))
    differs = told.payees.height > 0 or told.elsewhere.height > 0
    return Report(
        title=f"{workspace.name}: what if, {run.period.label}, as of {run.period.last}",
        sections=tuple(sections),
        main="programs",
        facts={
            "workspace": workspace.name,
            "period": run.period.label,
            "as_of": run.period.last,
            "differs": "yes" if differs else "no",
            "uplift": found.uplift,
            "extra_revenue": found.extra_revenue,
            "currency": workspace.currency,
        },
        closing=tuple(_closing(told, found, differs=differs)),
    )


def _closing(told: Comparison, found: WhatIf, *, differs: bool) -> Iterator[str]:
    if not differs:
        yield "No difference: everybody would earn what they earn today."
    if told.only_elsewhere and differs:
        yield (
            "All of these periods were settled outside the ledger; the comparison shows what the rules"
            " would have paid."
        )
    elif told.elsewhere.height:
        yield "Periods settled outside the ledger have their own table and are in no other total."
    if found.uplift is not None and found.extra_revenue is not None:
        workspace = found.today.loaded.workspace
        shown = cents(found.extra_revenue, workspace.currency).rounded
        share = money.plain(money.product(found.uplift, Decimal(100)))
        yield f"An uplift of {share} % on qualifying sales is {shown:,f} {workspace.currency} more."
    yield "Nothing is booked, and nothing is written to reports/."


def rules_section(today: Sequence[Program], scenario: Sequence[Program]) -> Section:
    """The keys that a scenario changes."""
    changes = changes_between(today, scenario)
    rows: list[tuple[Cell, ...]] = [
        (change.program_id, change.key, change.before, change.after)
        for changed in changes.values()
        for change in changed
    ]
    columns = ("program", "key", "today", "scenario")
    counts = any(
        re.search(r"\.\d+(\.|$)", change.key) for one in changes.values() for change in one
    )
    note = "Keys count from 0, as --set does: reward.tiers.0 is tier 1." if counts else ""
    return Section("rules", "What the scenario changes", columns, rows, note)


def _cost(told: Comparison, found: WhatIf) -> Section:
    columns = (
        "currency", "today", "scenario", "change", "payees today", "payees scenario", "winners",
        "losers",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    sides = {"before": found.today, "after": found.scenario}
    for (currency,), part in told.programs.partition_by(
        "currency", as_dict=True, maintain_order=True
    ).items():
        payees = told.payees.filter(pl.col("currency") == currency)
        earning = [
            run.earnings.filter(
                pl.col("currency") == currency,
                (pl.col("status") != "settled-elsewhere") | pl.lit(told.only_elsewhere),
                pl.col("entitlement") > 0,
            )
            .select("payee_kind", "payee_id")
            .n_unique()
            for run in sides.values()
        ]
        rows.append(
            (
                str(currency),
                *(
                    cents(total(part, name), str(currency))
                    for name in ("before", "after", "change")
                ),
                *earning,
                payees.filter(pl.col("change") > 0).height,
                payees.filter(pl.col("change") < 0).height,
            )
        )
    title = "Cost of all programs" if found.is_whole else "Cost of the affected programs"
    return Section("cost", title, columns, rows)


def _programs(told: Comparison, found: WhatIf) -> Section:
    moved = told.programs.filter(
        (pl.col("differ") > 0) | (pl.col("payees_before") != pl.col("payees_after"))
    )
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
            row["currency"],
            row["payees_before"],
            row["payees_after"],
        )
        for row in moved.iter_rows(named=True)
    ]
    columns = (
        "program", "today", "scenario", "change", "currency", "payees today", "payees scenario",
    )  # fmt: skip
    every = {
        one.id for run in (found.today, found.scenario) for one in run.loaded.programs if one.pays
    }
    same = len(every) - moved["program_id"].n_unique()
    note = f"{same} other programs cost the same." if rows and same else ""
    return Section("programs", "Programs whose cost changes", columns, rows, note)


def _budgets(found: WhatIf) -> Section:
    """How much of each budget is used; programs that were computed again."""
    rows: list[tuple[Cell, ...]] = []
    before, after = (
        {one.case.program.id: one for one in run.settled} for run in (found.today, found.scenario)
    )
    for key in sorted(found.recalculated):
        cells: list[Cell] = []
        limits = []
        for side in (before, after):
            one = side.get(key)
            budget = None if one is None else one.case.program.limits.budget
            limits.append(budget)
            if one is None or budget is None:
                cells += [None, "", None]
                continue
            used, currency = total(one.earnings, "entitlement"), one.case.currency
            share = money.percent_of(used, budget) if budget else None
            cut = total(one.earnings, "budget_cut")
            cells += [
                cents(used, currency),
                "" if share is None else used_text(share),
                cents(cut, currency),
            ]
        if any(limit is not None for limit in limits):
            rows.append((key, *cells))
    columns = (
        "program", "used today", "share today", "cut today", "used scenario", "share scenario",
        "cut scenario",
    )  # fmt: skip
    return Section("budgets", "Budgets", columns, rows)


def payees_section(payees: pl.DataFrame, key: str, title: str, *, gains: bool) -> Section:
    """Those of `Comparison.payees` who gain, or lose, the most."""
    change = pl.col("change")
    own = payees.filter(change > 0 if gains else change < 0)
    if not gains:
        own = own.reverse()
    rows: list[tuple[Cell, ...]] = [
        (
            row["payee_id"],
            row["payee_name"],
            *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
            row["currency"],
        )
        for row in own.head(MOST_PAYEES).iter_rows(named=True)
    ]
    columns = ("payee", "name", "today", "scenario", "change", "currency")
    more = own.height - len(rows)
    note = f"and {more:,} more" if more > 0 else ""
    return Section(key, title, columns, rows, note)


def _tiers(told: Comparison) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            row["period_start"],
            row["payee_id"],
            row["payee_name"],
            tier_cell(row["tier_before"]),
            tier_cell(row["tier_after"]),
            cents(row["change"], row["currency"]),
            row["currency"],
        )
        for row in told.tiers.iter_rows(named=True)
    ]
    columns = (
        "program", "from", "payee", "name", "tier today", "tier scenario", "change", "currency",
    )  # fmt: skip
    note = "Without a tier: below the first." if rows else ""
    return Section("tiers", "Who changes tier", columns, rows, note)


def _elsewhere(told: Comparison) -> Section:
    """What would be earned in periods before the ledger begins; no money changes there any more."""
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            row["period_start"],
            *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
            row["currency"],
            row["differ"],
        )
        for row in told.elsewhere.iter_rows(named=True)
    ]
    columns = ("program", "from", "today", "scenario", "change", "currency", "payees")
    title = "Settled outside the ledger: what would be earned"
    return Section("settled_elsewhere", title, columns, rows)


def _places(told: Comparison) -> Iterator[Section]:
    """The change by region, partner tier and product category."""
    for key, title, frame in (
        ("regions", "By region of the partner", told.regions),
        ("partner_tiers", "By tier of the partner", told.partner_tiers),
        ("categories", "By product category", told.categories),
    ):
        rows: list[tuple[Cell, ...]] = [
            (
                row["value"],
                *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
                row["currency"],
            )
            for row in frame.filter(pl.col("change") != 0).iter_rows(named=True)
        ]
        columns = (key.removesuffix("s").replace("_", " ").replace("categorie", "category"),
                   "today", "scenario", "change", "currency")  # fmt: skip
        note = "Rewards before boost, cap and budget." if key == "categories" and rows else ""
        yield Section(key, title, columns, rows, note)


def sweep_report(sweep: Sweep, title: str) -> Report:
    """The report of a sweep: a row and a bar for each point."""
    columns = (
        "value", "cost", "change", "winners", "losers", "more sold", "cost per 1", "payees",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            point.value,
            cents(point.cost, sweep.currency),
            cents(point.change, sweep.currency),
            point.winners,
            point.losers,
            cents(point.incremental, sweep.currency),
            None if point.per_sale is None else Amount(point.per_sale, 4),
            point.payees,
        )
        for point in sweep.points
    ]
    others = sorted(sweep.recalculated - {sweep.program_id})
    note = f"cost per 1: what 1 {sweep.currency} more sold costs."
    note += f" With {', '.join(others)}, of its exclusive group." if others else ""
    return Report(
        title=title,
        sections=(
            Section(
                "points", f"{sweep.key}, in {sweep.currency}", columns, rows, note, for_machines=1
            ),
            _chart(sweep),
        ),
        main="points",
        facts={
            "key": sweep.key,
            "program": sweep.program_id,
            "currency": sweep.currency,
            "cost_today": sweep.today,
        },
        closing=("Nothing is booked, and nothing is written to reports/.",),
    )


def _chart(sweep: Sweep) -> Section:
    """Bars of the cost, for people only."""
    most = max((point.cost for point in sweep.points), default=Decimal(0))
    width = max(len(point.value) for point in sweep.points)
    rows: list[tuple[Cell, ...]] = []
    for point in sweep.points:
        eighths = int(point.cost * BAR * 8 / most) if most > 0 and point.cost > 0 else 0
        bar = "█" * (eighths // 8) + ["", *"▏▎▍▌▋▊▉"][eighths % 8]
        cost = cents(point.cost, sweep.currency).rounded
        rows.append((f"{point.value.rjust(width)} {bar} {cost:,f}",))
    return Section("chart", "Cost", ("cost",), rows, audience="people")
