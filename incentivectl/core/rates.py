"""Exchange rates by day: the latest rate on or before a date (docs/rules.md, "Currencies")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema

EPOCH = date(1970, 1, 1)  # day 0 of a column of dates
DAY_RATES: Schema = {"_currency": pl.String, "_day": pl.Date, "_rate": money.FX_RATE}


@dataclass(frozen=True)
class RatesOfDay:
    """Currency → one unit in `home`, the workspace's currency, on one day; that of `home` is 1.

    A currency without a rate on that day is missing.
    """

    home: str
    rates: Mapping[str, Decimal]


@dataclass(frozen=True)
class DayRates:
    """`days`: one row per currency and day from its first rate to `last` (columns `DAY_RATES`).

    A dense table makes the look-up a matter of counting days. Days after `last` take `last`'s rate: it
    lies beyond every rate, and beyond the age up to which a rate is good where there is such a limit.
    """

    days: pl.DataFrame
    last: date

    def at(self, currency: pl.Expr, day: pl.Expr) -> pl.Expr:
        """One unit of `currency` in workspace currency on `day` (12 decimals), null without a rate."""
        if self.days.is_empty():
            return pl.lit(None, dtype=money.FX_RATE)
        first, width, rates = self._grid
        known = pl.Enum(self.days["_currency"].unique().sort())
        place = currency.cast(known, strict=False).to_physical().cast(pl.Int64)
        since = (day.to_physical() - first.toordinal() + EPOCH.toordinal()).clip(None, width - 1)
        return (place * width + pl.when(since >= 0).then(since)).map_batches(
            rates.gather, return_dtype=money.FX_RATE, is_elementwise=True
        )

    def in_workspace(
        self, amount: pl.Expr, currency: pl.Expr, day: pl.Expr, *, home: str
    ) -> pl.Expr:
        """`amount` (6 decimals) in `home`, the workspace's currency, on `day`; null without a rate."""
        converted = money.to_workspace(amount, self.at(currency, day))
        return pl.when(currency == home).then(amount).otherwise(converted)

    def on(self, day: date, *, home: str) -> RatesOfDay:
        """Every rate that is good on `day`."""
        known = self.days.select(currency=pl.col("_currency").unique().sort()).with_columns(
            rate=self.at(pl.col("currency"), pl.lit(day))
        )
        return RatesOfDay(home, {home: Decimal(1), **dict(known.drop_nulls().iter_rows())})

    @cached_property
    def _grid(self) -> tuple[date, int, pl.Series]:
        """The first day, the number of days up to `last`, and that many rates for each currency."""
        first: date = self.days["_day"].min()  # type: ignore[assignment]
        every = pl.DataFrame({"_day": pl.date_range(first, self.last, eager=True)})
        currencies = self.days.select(pl.col("_currency").unique().sort())
        grid = currencies.join(every, how="cross", maintain_order="left_right")
        on = ["_currency", "_day"]
        rates = grid.join(self.days, on=on, how="left", maintain_order="left")["_rate"]
        return first, every.height, rates.rechunk()


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
