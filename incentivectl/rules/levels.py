"""What a program of levels finds: its reviews, and which level is in force when."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.model import Program

ONE_DAY = timedelta(days=1)
REVIEWED: Schema = {
    "period": pl.Int32,
    "payee_id": pl.String,
    "metric_value": money.SHARED,
    "reached": pl.Int32,
}
IN_FORCE: Schema = {
    "payee_id": pl.String,
    "level": pl.String,
    "in_force_from": pl.Date,
    "in_force_until": pl.Date,
}


@dataclass(frozen=True)
class Levels:
    """The levels of one program, by its measurement periods that have begun; each is reviewed at its end.

    `at_least` is what each level asks of the `metric`. `reviewed` has a row for each payee with an eligible
    line in the window of a review, those that have not happened yet included: the columns of `REVIEWED`,
    `reached` being the place of a level from the lowest up, null for none. `in_force` has the columns of
    `IN_FORCE`: for each payee that ever has a level, each day once (`in_force_until` is exclusive); `level`
    is null where it has none.
    """

    program: Program
    periods: tuple[MeasurementPeriod, ...]
    metric: str
    at_least: tuple[Decimal, ...]
    reviewed: pl.DataFrame
    in_force: pl.DataFrame
