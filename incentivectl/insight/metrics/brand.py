"""Brand awareness: what each channel measured, and an index against a year ago."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import Period, year_before
from incentivectl.insight.metrics.figures import Definition, Found, Missing, Value, number
from incentivectl.insight.metrics.view import View

AREA = "brand"
MEASURED = Definition(
    AREA, "brand-value", "measured", "number",
    "the mean of the channel's values of that metric measured in the period, over days and regions",
    digits=1,
)  # fmt: skip
INDEX = Definition(
    AREA, "brand-index", "brand index", "index",
    "100 × measured / measured in the same period a year ago; of a channel: the mean of its metrics;"
    " overall: the mean of the channels", digits=1,
)  # fmt: skip
DEFINITIONS = (INDEX, MEASURED)


def brand(view: View) -> Iterator[Found]:
    """The value and index of each metric (`web: visits`), the index of each channel and of all."""
    missing = view.no_table("brand")
    if missing:
        yield Found(INDEX, missing)
        return
    year_ago = year_before(view.period, fiscal_year_starts=view.run.channel.fiscal_year_starts)
    now, then = measured(view, view.period), measured(view, year_ago)
    indices: dict[str, list[Decimal]] = {}
    for (channel, metric), value in now.items():
        name = f"{channel}: {metric}"
        yield Found(MEASURED, value, "channel", name)
        index = _index(value, then.get((channel, metric)))
        what = f"no {name}" if then else "nothing"
        lacking = Missing(f"`brand` has {what} above 0 measured in {year_ago.label}")
        yield Found(INDEX, lacking if index is None else index, "channel", name)
        if index is not None:
            indices.setdefault(channel, []).append(index)
    for channel, of_metrics in indices.items():
        yield Found(INDEX, mean(of_metrics), "channel", channel)
    yield Found(INDEX, _whole(view, now, indices, year_ago))


def measured(view: View, window: Period) -> dict[tuple[str, str], Decimal]:
    """The mean of each (channel, metric) measured in `window`, 12 decimals, in their order."""
    rows = view.run.channel.tables["brand"].filter(
        pl.col("measured_on").is_between(window.first, window.last)
    )
    sums = rows.group_by("channel", "metric").agg(pl.col("value").sum(), pl.len())
    means = {}
    for channel, metric, value, count in sums.sort("channel", "metric").rows():
        found = money.quotient(value, number(count))
        assert found is not None
        means[channel, metric] = found
    return means


def mean(values: list[Decimal]) -> Decimal:
    """The mean of at least one value, 12 decimals."""
    found = money.quotient(sum(values, Decimal(0)), number(len(values)))
    assert found is not None
    return found


def _index(value: Decimal, then: Decimal | None) -> Decimal | None:
    return None if then is None or then <= 0 else money.quotient(100 * value, then)


def _whole(
    view: View,
    now: dict[tuple[str, str], Decimal],
    indices: dict[str, list[Decimal]],
    year_ago: Period,
) -> Value:
    if not now:
        return Missing(f"`brand` has nothing measured in {view.period.label}")
    if not indices:
        return Missing(f"`brand` has nothing above 0 measured in {year_ago.label}")
    return mean([mean(of_channel) for of_channel in indices.values()])
