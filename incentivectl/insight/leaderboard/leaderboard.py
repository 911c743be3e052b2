"""Who is ahead: partners or reps by a metric or by what they earned (docs/questions.md, "Leaderboards").

The board of PERIOD and the one before it are both made from what is known on PERIOD's last day.
"""

from difflib import get_close_matches
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.frames import Schema
from incentivectl.core.periods import Period
from incentivectl.core.tables import TABLES
from incentivectl.insight.leaderboard.badges import TOP_TENTH, badges
from incentivectl.insight.leaderboard.cells import EARNINGS
from incentivectl.insight.leaderboard.payee_sales import sales_of
from incentivectl.insight.leaderboard.recent_sales import RecentSales
from incentivectl.insight.levels import STANDINGS, standings
from incentivectl.programs.reward import METRICS
from incentivectl.rules.earning.measures import COUNTS
from incentivectl.rules.lines.payees import names_and_status
from incentivectl.run.run import Run
from incentivectl.toml.wrong import nearest_hint
from incentivectl.workspace.load import load_workspace

PAYEES = ("partner", "rep")
RANKINGS = (*METRICS, EARNINGS)
OF_PROGRAMS = ("attainment", EARNINGS)
BOARD: Schema = {
    "payee_kind": pl.String,
    "metric": pl.String,
    "group": pl.String,
    "rank": pl.Int64,
    "payee_id": pl.String,
    "payee_name": pl.String,
    "value": money.SHARED,
    "value_before": money.SHARED,
    "rank_before": pl.Int64,
    "movement": pl.Int64,
    "badges": pl.List(pl.String),
    "levels": pl.List(pl.String),
}
KEY = "payee_id"


def leaderboard(
    run: Run,
    *,
    by: str = "revenue",
    payee: str = "partner",
    group_by: str | None = None,
    category: str | None = None,
) -> pl.DataFrame:
    """The board of a run's PERIOD, columns as `BOARD`, in order of group and rank.

    `by` is one of `RANKINGS`, `payee` is `partner` or `rep`, `group_by` a field such as
    `partner.region`: payees of a group are ranked among themselves. Amounts are in workspace
    currency. With a `category`, lines of its products count and no others; an unknown one is refused.
    `value_before` and `rank_before` are those of the period before, null for who was not
    on its board; `movement` is the number of ranks gained. Who has no value (a growth without
    baseline) stands at the end without a rank.
    """
    if category is not None:
        _check_category(run, category)
    recent = RecentSales(run, (payee,), category)
    return _board(run, recent, by, payee, group_by)


def leaderboards(run: Run) -> pl.DataFrame:
    """The boards of partners and of reps by revenue, one after the other, columns as `BOARD`."""
    recent = RecentSales(run, PAYEES)
    return pl.concat([_board(run, recent, "revenue", payee, None) for payee in PAYEES])


def _board(
    run: Run, recent: RecentSales, by: str, payee: str, group_by: str | None
) -> pl.DataFrame:
    now = _values(run, recent, by, payee, run.period)
    if now.is_empty():
        return pl.DataFrame(schema=BOARD)
    then = _values(run, recent, by, payee, recent.before).rename({"value": "value_before"})
    placed = _ranked(_with_group(run, now, payee, group_by), "value", "rank")
    placed_before = _ranked(
        _with_group(run, then, payee, group_by), "value_before", "rank_before"
    ).drop("group")
    names = names_and_status(run.channel, payee, now).select(KEY, "payee_name")
    board = (
        placed.join(placed_before, on=KEY, how="left")
        .join(names, on=KEY, how="left")
        .join(badges(run, recent, payee, now[KEY]), on=KEY, how="left")
        .join(_levels(run, payee), on=KEY, how="left")
        .with_columns(
            payee_kind=pl.lit(payee),
            metric=pl.lit(by),
            movement=pl.col("rank_before") - pl.col("rank"),
            levels=pl.col("levels").fill_null([]),
            badges=pl.concat_list(
                pl.col("badges").fill_null([]),
                pl.when(_is_top_tenth())
                .then(pl.lit([TOP_TENTH]))
                .otherwise(pl.lit([], pl.List(pl.String))),
            ),
        )
    )
    return board.select(pl.col(name).cast(dtype) for name, dtype in BOARD.items()).sort(
        "group", "rank", KEY, nulls_last=True
    )


def _levels(run: Run, payee: str) -> pl.DataFrame:
    """`payee_id`, `levels` (List of String): what partners have from the day after PERIOD."""
    of_partners = standings(run) if payee == "partner" else pl.DataFrame(schema=STANDINGS)
    told = pl.format("{}: {}", "program_id", "level")
    return of_partners.drop_nulls("level").group_by(KEY, maintain_order=True).agg(levels=told)


def check_question(
    root: Path, *, by: str, payee: str, group_by: str | None, category: str | None = None
) -> None:
    """Refuses an unknown metric, payee or field before anything is read, and metrics that no category has."""
    found = []
    if category is not None and by in OF_PROGRAMS:
        message = f"{by} of a category is not known: programs earn it"
        found.append(Problem("bad-metric", message, "rank by what was sold, or by --program ID"))
    for text, known, code, what in (
        (by, RANKINGS, "bad-metric", "nothing to rank by"),
        (payee, PAYEES, "bad-payee", "nobody to rank"),
        (group_by, partner_fields(root), "bad-field", "no field of a partner"),
    ):
        if text is not None and text not in known:
            near = get_close_matches(text, known, 1)
            meant = f"did you mean {near[0]}? " if near else ""
            found.append(
                Problem(code, f"`{text}` is {what}", f"{meant}choose from {', '.join(known)}")
            )
    if found:
        raise Refused(found, ExitCode.USAGE)


def _check_category(run: Run, category: str) -> None:
    known = sorted(run.channel.tables["products"]["category"].drop_nulls().unique())
    if category not in known:
        hint = nearest_hint(category, known) or f"choose from {', '.join(known) or 'none'}"
        problem = Problem("unknown-category", f"no product has the category `{category}`", hint)
        raise Refused([problem], ExitCode.USAGE)


def partner_fields(root: Path) -> tuple[str, ...]:
    """The fields of a partner that may group a board, such as `partner.region`."""
    workspace, _ = load_workspace(root)
    listed = workspace.attributes.get("partners", {}) if workspace is not None else {}
    columns = (*TABLES["partners"].column_names, *sorted(listed), "tenure_years")
    return tuple(f"partner.{name}" for name in columns)


def earned(run: Run, payee: str, window: Period) -> pl.DataFrame:
    """`payee_id`, `value` (12 decimals): entitlements of measurement periods that ended in `window`.

    In workspace currency at the rate of PERIOD's last day; `value` is null without a rate.
    """
    ended = run.earnings.filter(
        pl.col("payee_kind") == payee,
        pl.col("period_end").is_between(window.first, window.last),
        pl.col("entitlement") != 0,
    )
    return (
        in_workspace_currency(run, ended, "entitlement")
        .group_by(KEY)
        .agg(pl.when(pl.col("in_ws").is_not_null().all()).then(pl.col("in_ws").sum()).first())
        .select(KEY, value=pl.col("in_ws").cast(money.SHARED))
    )


def in_workspace_currency(run: Run, frame: pl.DataFrame, amount: str) -> pl.DataFrame:
    """Adds `in_ws` (6 decimals): `amount` at the rate of the last day; null without a rate."""
    channel = run.channel
    worth = channel.rates.in_workspace(
        pl.col(amount), pl.col("currency"), pl.lit(channel.as_of), home=channel.currency
    )
    return frame.with_columns(in_ws=worth)


def _values(run: Run, recent: RecentSales, by: str, payee: str, window: Period) -> pl.DataFrame:
    """`payee_id`, `value` (12 decimals) of who is on the board of `window`."""
    if by == "revenue":
        return recent.revenue(payee, window).select(KEY, value=by)
    if by == EARNINGS:
        return earned(run, payee, window)
    if by == "attainment":
        return _attainment(run, payee, window)
    sold = sales_of(run, payee, window, [by] if by in COUNTS else [], recent.category)
    if by != "growth":
        return sold.select(KEY, value=by)
    year_ago = run.channel.calendar.year_before(window)
    baseline = sales_of(run, payee, year_ago, (), recent.category).select(KEY, baseline="revenue")
    growth = money.divide(
        pl.col("revenue") - pl.col("baseline"),
        pl.col("baseline"),
        scales=(money.SHARED_SCALE, money.SHARED_SCALE),
        digits=money.SHARED_SCALE,
    )
    return sold.join(baseline, on=KEY, how="left").select(
        KEY, value=pl.when(pl.col("baseline") > 0).then(growth)
    )


def _attainment(run: Run, payee: str, window: Period) -> pl.DataFrame:
    """What programs with targets found, of several the mean weighted by their targets."""
    reached = in_workspace_currency(
        run,
        run.earnings.filter(
            pl.col("payee_kind") == payee,
            pl.col("metric") == "attainment",
            pl.col("metric_value").is_not_null(),
            pl.col("period_end").is_between(window.first, window.last),
        ).join(
            run.channel.tables["targets"].select("program_id", "period_start", KEY, "target"),
            on=["program_id", "period_start", KEY],
        ),
        "target",
    )
    weighted = money.multiply(
        pl.col("metric_value"), pl.col("in_ws"), scales=(money.SHARED_SCALE, money.SCALE)
    )
    return (
        reached.with_columns(weighted=weighted)
        .group_by(KEY)
        .agg(pl.col("weighted").sum(), pl.col("in_ws").sum())
        .select(
            KEY,
            value=money.divide(
                pl.col("weighted"),
                pl.col("in_ws"),
                scales=(money.SHARED_SCALE + money.SCALE, money.SCALE),
                digits=money.SHARED_SCALE,
            ),
        )
    )


def _with_group(run: Run, payees: pl.DataFrame, payee: str, group_by: str | None) -> pl.DataFrame:
    """Adds `group`: the field's value on PERIOD's last day, null where it has none."""
    if group_by is None:
        return payees.with_columns(group=pl.lit(None, dtype=pl.String))
    ids = payees.select(KEY).with_columns(judged_on=pl.lit(run.channel.as_of))
    viewed = run.channel.payee_view(ids, payee, {group_by})
    groups = viewed.select(KEY, group=pl.col(group_by).cast(pl.String))
    return payees.join(groups, on=KEY, how="left")


def _ranked(payees: pl.DataFrame, value: str, name: str) -> pl.DataFrame:
    """Adds competition ranks (1, 2, 2, 4) within each group, the highest value first."""
    rank = pl.col(value).rank("min", descending=True).over("group").cast(pl.Int64)
    return payees.with_columns(rank.alias(name))


def _is_top_tenth() -> pl.Expr:
    """Rank x 10 is at most the number of those ranked together, and the value above 0."""
    ranked = pl.col("rank").count().over("group").cast(pl.Int64)
    return ((pl.col("rank") * 10 <= ranked) & (pl.col("value") > 0)).fill_null(False)
