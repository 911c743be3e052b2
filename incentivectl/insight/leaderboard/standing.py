"""How payees stand in one program: who is ahead, by how much, and what each would earn as it stands.

Rules: docs/questions.md, "Leaderboards", 80.10 to 80.12.
"""

from dataclasses import dataclass

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.frames import Schema
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled
from incentivectl.kinds.contest.model import ContestReward
from incentivectl.programs.model import Program
from incentivectl.run.known import known_program
from incentivectl.run.run import Run

STANDING: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "reward": pl.Int32,
    "rank": pl.Int64,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "payee_name": pl.String,
    "metric": pl.String,
    "value": money.SHARED,
    "behind": money.SHARED,
    "to_prize": money.SHARED,
    "entitlement": money.AMOUNT,
    "currency": pl.String,
    "why_nothing": pl.String,
}
_GROUP = ("reward", "metric")
_NO_PRIZE = "no-prize"


@dataclass(frozen=True)
class Standing:
    """A program in one measurement period; `rows` have the columns of `STANDING`, the best first.

    `period` is None where the program has not begun.
    """

    program: Program
    currency: str
    period: MeasurementPeriod | None
    rows: pl.DataFrame


def check_alone(*, by: str, payee: str, group_by: str | None, category: str | None) -> None:
    """Refuses options beside --program that the program itself answers."""
    others = {
        "--by": by != "revenue",
        "--for": payee != "partner",
        "--group-by": group_by is not None,
        "--category": category is not None,
    }
    given = [name for name, is_given in others.items() if is_given]
    if given:
        message = f"--program does not go together with {' and '.join(given)}"
        hint = "the program says whom it ranks by what"
        raise Refused([Problem("bad-option", message, hint)], ExitCode.USAGE)


def standing(run: Run, program_id: str) -> Standing:
    """How a program stands on the last day of PERIOD; refuses an unknown one."""
    program = known_program(run.loaded, program_id)
    one = next(found for found in run.settled if found.case.program.id == program_id)
    begun = [
        (index, period)
        for index, period in enumerate(one.case.periods)
        if period.start <= run.period.last
    ]
    if not begun:
        return Standing(program, one.case.currency, None, pl.DataFrame(schema=STANDING))
    index, period = begun[-1]
    rows = _with_gaps(_ranked(one, index), program)
    columns = (pl.col(name).cast(dtype) for name, dtype in STANDING.items())
    ordered = rows.select(columns).sort("reward", "metric", "rank", "payee_id", nulls_last=True)
    return Standing(program, one.case.currency, period, ordered)


def _ranked(one: Settled, index: int) -> pl.DataFrame:
    """The payees of a measurement period with `reward` and `rank`: contests rank who takes part."""
    program = one.case.program
    earnings = one.earnings.filter(pl.col("period") == index)
    reward = pl.lit(0, dtype=pl.Int32)
    takes_part = pl.col("metric_value").is_not_null()
    if program.ranks_payees and one.measured is not None:
        blocks = one.measured.payees.select("period", "payee_id", "block")
        earnings = earnings.join(blocks, on=["period", "payee_id"], how="left")
        reward = pl.col("block").fill_null(0)
        takes_part &= pl.col("why_nothing").is_null() | (pl.col("why_nothing") == _NO_PRIZE)
    value = pl.when(takes_part).then("metric_value")
    return earnings.with_columns(
        reward=reward, value="metric_value", rank=value.rank("min", descending=True).over(
            reward, "metric"
        ),
    )  # fmt: skip


def _with_gaps(ranked: pl.DataFrame, program: Program) -> pl.DataFrame:
    """Adds how far each value lies `behind` the next better one, and behind the last one with a prize."""
    better = (
        ranked.filter(pl.col("rank").is_not_null())
        .select(*_GROUP, "value")
        .unique()
        .sort(*_GROUP, "value")
        .with_columns(next_value=pl.col("value").shift(-1).over(_GROUP))
    )
    prizes = {
        index: len(reward.prizes)
        for index, reward in enumerate(program.reward)
        if isinstance(reward, ContestReward)
    }
    number = pl.col("reward").replace_strict(prizes, default=None, return_dtype=pl.Int64)
    last = (
        ranked.with_columns(prizes=number)
        .filter(pl.col("rank") <= pl.col("prizes"))
        .group_by(_GROUP)
        .agg(last_with_prize=pl.col("value").min(), full=pl.len() >= pl.col("prizes").first())
    )
    is_out = pl.col("full") & pl.col("rank").is_not_null()
    short = pl.col("last_with_prize") - pl.col("value")
    return (
        ranked.join(better, on=[*_GROUP, "value"], how="left")
        .join(last, on=list(_GROUP), how="left")
        .with_columns(
            behind=pl.when(pl.col("rank").is_not_null()).then(
                pl.col("next_value") - pl.col("value")
            ),
            to_prize=pl.when(is_out & (short > 0)).then(short),
        )
    )
