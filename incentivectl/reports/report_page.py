"""`report.html`: one page for managers, without scripts or anything from elsewhere."""

from decimal import Decimal

from incentivectl.output.language import language_of
from incentivectl.output.report import Worded
from incentivectl.output.templates import template
from incentivectl.reports.attention_links import linked
from incentivectl.reports.booked import booked_rows, left_of_folder
from incentivectl.reports.page_charts import (
    board_chart,
    cost_charts,
    month_chart,
    reason_chart,
    tier_chart,
)
from incentivectl.reports.page_figures import figure, growth_text
from incentivectl.reports.page_tiles import tiles_of
from incentivectl.reports.report_answers import Answers
from incentivectl.reports.run_figures import (
    FATES,
    Growth,
    attention,
    boards,
    fates,
    growth,
    program_costs,
    rejected_by_reason,
    tier_counts,
)
from incentivectl.reports.run_folder import RunFolder


def report_html(run: RunFolder, answers: Answers) -> str:
    """The page as text."""
    sold = growth(run)
    costs = program_costs(run)
    found = boards(run)
    reasons = rejected_by_reason(run)
    sources = fates(run)
    days = language_of(None)
    first, last = run.manifest["first_day"], run.manifest["last_day"]
    return template("report.html").render(
        manifest=run.manifest,
        tiles=tiles_of(run, costs, sold, sources),
        batches=run.booked.batches,
        is_draft=not run.booked.is_posted,
        booked=booked_rows(run.booked.totals),
        left=left_of_folder(run) if run.booked.totals else "",
        title=days.days(first, last),
        as_of=days.day(last),
        attention=linked(attention(run), run.manifest["programs"], _payees(run)),
        costs=cost_charts(costs),
        tiers=tier_chart(tier_counts(run)),
        boards=[board_chart(board) for board in found],
        from_leaderboard=run.leaderboard is not None,
        sold=sold,
        months=month_chart(run, sold),
        growth_rows=_growth_rows(run, sold),
        sources=sources,
        all_fates={fate: sum(row[fate] for row in sources) for fate in FATES},
        fate_names=FATES,
        reasons=reasons,
        reason_chart=reason_chart(reasons),
        ineligible=_ineligible(run),
        invariants=run.manifest["invariants"],
        figure=figure,
        answers=answers,
    )


def _payees(run: RunFolder) -> dict[str, str]:
    """What payees are called, by id."""
    named = run.earnings.select("payee_id", "payee_name").drop_nulls().unique("payee_id")
    return dict(named.iter_rows())


def _growth_rows(run: RunFolder, sold: Growth) -> list[tuple[str, Worded | None, str]]:
    currency = run.manifest["currency"]

    def row(label: str, value: Decimal | None, *, base: bool) -> tuple[str, Worded | None, str]:
        shown = None if value is None else figure(value, currency)
        return label, shown, growth_text(sold.against(value)) if base else ""

    return [
        row("this period", sold.now, base=False),
        row("the period before", sold.before, base=True),
        row("a year ago", sold.year_ago, base=True),
    ]


def _ineligible(run: RunFolder) -> list[tuple[str, int, Worded]]:
    """Lines that do not count, by reason over all programs, the largest numbers first."""
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in run.ineligible.iter_rows(named=True):
        lines, amount = sums.get(row["reason"], (0, Decimal(0)))
        sums[row["reason"]] = (lines + row["lines"], amount + row["amount"])
    currency = run.manifest["currency"]
    return [
        (reason, lines, figure(amount, currency))
        for reason, (lines, amount) in sorted(sums.items(), key=lambda one: (-one[1][0], one[0]))
    ]
