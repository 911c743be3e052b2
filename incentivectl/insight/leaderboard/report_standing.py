"""What `leaderboard --program` prints: the standing of a program, with gaps."""

from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core.money import minor_digits
from incentivectl.core.nouns import counted
from incentivectl.insight.leaderboard.bars import bar
from incentivectl.insight.leaderboard.cells import value_cell
from incentivectl.insight.leaderboard.standing import STANDING, Standing
from incentivectl.output.report import Amount, Cell, Report, Rows, Section
from incentivectl.programs.words.reasons import nothing_because
from incentivectl.programs.words.statements import values_of
from incentivectl.run.run import Run


def standing_report(found: Standing, run: Run, top: int | None) -> Report:
    """The report of `leaderboard --program` on what `insight.leaderboard.standing` found."""
    program, period = found.program, found.period
    workspace = run.loaded.workspace
    sections = [
        _ranks(part, found, top) for _, part in found.rows.group_by("reward", maintain_order=True)
    ] or [Section("people", "Standing", (), [], "Nobody takes part yet.", audience="people")]
    shown = found.rows if top is None else found.rows.filter(pl.col("rank") <= top)
    return Report(
        title=f"{workspace.name}: {program.name}, {when(found, run)}",
        sections=(
            *sections,
            Section(
                "leaderboard", "Standing", tuple(STANDING),
                Rows(shown, lambda row: tuple(row.values())), audience="machines",
            ),
        ),
        main="leaderboard",
        facts={
            "workspace": workspace.name,
            "period": run.period.label,
            "as_of": run.period.last,
            "program": program.id,
            "kind": program.kind,
            "period_start": None if period is None else period.start,
            "period_end": None if period is None else period.end,
            "days_left": None if period is None else days_left(found, run),
            "currency": found.currency,
        },
    )  # fmt: skip


def days_left(found: Standing, run: Run) -> int:
    """The days of the measurement period after PERIOD's last day."""
    assert found.period is not None
    return max((found.period.end - run.period.last).days, 0)


def when(found: Standing, run: Run) -> str:
    """Which measurement period it is, and how long it still runs."""
    if found.period is None:
        return f"begins on {found.program.starts}"
    left = days_left(found, run)
    still = f"{counted(left, 'day')} left" if left else "ended"
    return f"{found.period.start} to {found.period.end}, as of {run.period.last} ({still})"


def title_of(found: Standing, reward: int) -> str:
    """Whom a contest ranks together: those who take one of its rewards."""
    rewards = found.program.reward
    if not found.program.ranks_payees or len(rewards) == 1 or reward >= len(rewards):
        return "Standing"
    return f"Standing: {values_of(rewards[reward].when) or 'everybody else'}"


def _ranks(part: pl.DataFrame, found: Standing, top: int | None) -> Section:
    digits = minor_digits(found.currency)
    best = part["value"].max()
    best = best if isinstance(best, Decimal) else Decimal(0)
    has_prizes = part["to_prize"].null_count() < part.height
    has_reasons = part["rank"].null_count() > 0
    metrics = part["metric"].unique(maintain_order=True).to_list()
    shown = part if top is None else part.filter(pl.col("rank") <= top)

    def cells(row: dict[str, Any]) -> tuple[Cell, ...]:
        def told(name: str) -> Cell:
            return value_cell(row[name], row["metric"], digits)

        return (
            row["rank"],
            row["payee_id"],
            row["payee_name"],
            told("value"),
            told("behind"),
            *((told("to_prize"),) if has_prizes else ()),
            Amount(row["entitlement"], digits),
            bar(row["value"], best) if row["rank"] is not None else "",
            *((nothing_because(row["why_nothing"]) if row["rank"] is None else "",)
              if has_reasons else ()),
        )  # fmt: skip

    columns = (
        "rank", found.program.payee, "name", " or ".join(metrics), "behind",
        *(("to a prize",) if has_prizes else ()), "earns", "",
        *(("without a rank",) if has_reasons else ()),
    )  # fmt: skip
    left_out = part.height - shown.height
    note = f"{left_out:,} more are not shown (--top)." if left_out else ""
    title = title_of(found, part["reward"][0])
    return Section("people", title, columns, Rows(shown, cells), note, audience="people")
