"""Exchange rates by day: the latest rate on or before a date (docs/rules.md, "Currencies")."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from incentivectl import money
from incentivectl.frames import Schema

DAY_RATES: Schema = {"_currency": pl.String, "_day": pl.Date, "_rate": money.FX_RATE}


@dataclass(frozen=True)
class DayRates:
    """`days`: one row per currency and day from its first rate to `last` (columns `DAY_RATES`).

    A dense table makes the look-up an equality join. Days after `last` take `last`'s rate: it lies
    beyond every rate, and beyond the age up to which a rate is good where there is such a limit.
    """

    days: pl.DataFrame
    last: date

    def join(
        self, lines: pl.LazyFrame, *, currency: pl.Expr, day: pl.Expr, name: str
    ) -> pl.LazyFrame:
        """`lines` with `name`: one unit of `currency` in workspace currency (12 decimals) or null."""
        clipped = pl.min_horizontal(day, pl.lit(self.last))
        return (
            lines.with_columns(_currency=currency, _day=clipped)
            .join(self.days.lazy(), on=["_currency", "_day"], how="left")
            .rename({"_rate": name})
            .drop("_currency", "_day")
        )


def day_rates(fx: pl.DataFrame, *, workspace_currency: str, max_age_days: int | None) -> DayRates:
    """The accepted `fx` rows (on, currency, rate) as day rates; the workspace currency has none."""
    rates = fx.filter(pl.col("currency") != workspace_currency).sort("currency", "on")
    if rates.is_empty():
        return DayRates(pl.DataFrame(schema=DAY_RATES), date(1, 1, 1))
    newest: date = rates["on"].max()  # type: ignore[assignment]
    last = newest + timedelta(days=(max_age_days or 0) + 1)
    following = pl.col("on").shift(-1).over("currency")
    good_until = following.fill_null(last + timedelta(days=1)) - pl.duration(days=1)
    if max_age_days is not None:
        good_until = pl.min_horizontal(good_until, pl.col("on") + pl.duration(days=max_age_days))
    days = (
        rates.with_columns(_day=pl.date_ranges("on", good_until))
        .explode("_day")
        .select(_currency="currency", _day="_day", _rate="rate")
    )
    return DayRates(days, last)
