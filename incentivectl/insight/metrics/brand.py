"""Brand awareness: what each channel measured in each region, and an index against a year ago."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.periods import Period
from incentivectl.insight.metrics.figures import Area, Basis, Definition, Found, ratio
from incentivectl.insight.metrics.view import View

AREA = "brand"
MEASURED = Definition(
    AREA, "brand-value", "measured", "number",
    "the mean of a metric's values in one region over the days of the period on which it was measured;"
    " regions are never averaged", digits=1,
)  # fmt: skip
COMPARABLE = Definition(
    AREA, "brand-comparable", "measured, comparable regions", "number",
    "the sum over the regions that measured the metric in the same period a year ago too", digits=1,
)  # fmt: skip
COMPARABLE_BEFORE = Definition(
    AREA, "brand-comparable-before", "the same a year before", "number",
    "what these regions measured a year ago", digits=1,
)  # fmt: skip
METRIC_INDEX = Definition(
    AREA, "metric-index", "index", "index",
    "100 × measured in the comparable regions / the same a year before", digits=1, how="formula",
)  # fmt: skip
INDEX = Definition(
    AREA, "brand-index", "brand index", "index",
    "of a channel: the mean of the indices of its metrics; overall, and of a region: the mean of its"
    " channels", digits=1, how="mean", headline=True,
)  # fmt: skip
DEFINITIONS = (INDEX, METRIC_INDEX, MEASURED, COMPARABLE, COMPARABLE_BEFORE)
_NOTHING = "nothing above 0 was measured a year before {period}"
FORMULAS = (
    ratio(
        METRIC_INDEX, (COMPARABLE,), COMPARABLE_BEFORE, _NOTHING, times=100,
        scopes=("channel", "market"),
    ),
)  # fmt: skip
EVERYWHERE = "all"  # where a row names no region
_Measured = dict[tuple[str, str, str], Decimal]  # by channel, metric and region


def _found(view: View) -> Iterator[Basis | Found]:
    """Each metric by region, the index of each metric, channel and region, and that of all."""
    missing = view.no_table("brand")
    if missing:
        yield Found(INDEX, missing)
        return
    year_ago = view.run.channel.calendar.year_before(view.period)
    now, then = measured(view, view.period), measured(view, year_ago)
    pairs = {key: (value, then[key]) for key, value in now.items() if key in then}
    yield from _of_metrics(now, pairs)
    empty = f"`brand` has nothing measured in {view.period.label}"
    if now:
        empty = f"`brand` has nothing above 0 measured in {year_ago.label}"
    yield from _indices(pairs, empty)


def measured(view: View, window: Period) -> _Measured:
    """The mean over days of what each channel, metric and region measured in `window`, 12 decimals."""
    rows = view.run.channel.tables["brand"].filter(
        pl.col("measured_on").is_between(window.first, window.last)
    )
    by = ["channel", "metric", "region"]
    sums = rows.with_columns(pl.col("region").fill_null(EVERYWHERE)).group_by(by)
    found = sums.agg(pl.col("value").sum(), pl.len().alias("days")).sort(by)
    return {
        (channel, metric, region): _quotient(value, Decimal(days))
        for channel, metric, region, value, days in found.rows()
    }


def _of_metrics(
    now: _Measured, pairs: dict[tuple[str, str, str], tuple[Decimal, Decimal]]
) -> Iterator[Basis]:
    rows = [
        (f"{channel}: {metric}", f"{channel}: {metric}, {region}", value, *pair)
        for (channel, metric, region), value in now.items()
        for pair in [pairs.get((channel, metric, region), (Decimal(0), Decimal(0)))]
    ]
    keys = (MEASURED.key, COMPARABLE.key, COMPARABLE_BEFORE.key)
    schema: Schema = {"channel": pl.String, "market": pl.String}
    schema |= dict.fromkeys(keys, money.SHARED)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    comparable = (COMPARABLE, COMPARABLE_BEFORE)
    yield Basis("brand", frame, (MEASURED, *comparable), ("market",))
    yield Basis("brand", frame, comparable, ("channel",))


def _indices(
    pairs: dict[tuple[str, str, str], tuple[Decimal, Decimal]], empty: str
) -> Iterator[Basis]:
    """The index of each channel, of each region, and of the whole; each a mean of the one before."""
    of_channels = _by_channel(pairs)
    metrics = [
        (channel, metric, index)
        for channel, of_metrics in of_channels.items()
        for metric, index in of_metrics.items()
    ]
    yield _index_rows("brand-metrics", "channel", metrics, "channel", empty)
    channels = [("", channel, _mean(of_metrics)) for channel, of_metrics in of_channels.items()]
    yield _index_rows("brand-channels", "channel", channels, "whole", empty)
    regions = []
    for region in sorted({region for _, _, region in pairs}):
        own = _by_channel({key: pair for key, pair in pairs.items() if key[2] == region})
        regions += [(region, channel, _mean(of_metrics)) for channel, of_metrics in own.items()]
    yield _index_rows("brand-regions", "region", regions, "region", empty)


def _by_channel(
    pairs: dict[tuple[str, str, str], tuple[Decimal, Decimal]],
) -> dict[str, dict[str, Decimal]]:
    """The index of each metric over the regions of `pairs`, by channel; without those that were 0."""
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for (channel, metric, _), (now, then) in pairs.items():
        left, right = sums.get((channel, metric), (Decimal(0), Decimal(0)))
        sums[channel, metric] = left + now, right + then
    found: dict[str, dict[str, Decimal]] = {}
    for (channel, metric), (now, then) in sums.items():
        if then > 0:
            found.setdefault(channel, {})[metric] = _quotient(100 * now, then)
    return found


def _index_rows(
    name: str, dimension: str, rows: list[tuple[str, str, Decimal]], scope: str, empty: str
) -> Basis:
    schema: Schema = {dimension: pl.String, "item": pl.String, INDEX.key: money.SHARED}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    if scope == "whole":
        frame = frame.drop(dimension)
    return Basis(name, frame, (INDEX,), (scope,), empty=empty)  # type: ignore[arg-type]


def _mean(of_metrics: dict[str, Decimal]) -> Decimal:
    return _quotient(sum(of_metrics.values(), Decimal(0)), Decimal(len(of_metrics)))


def _quotient(above: Decimal, below: Decimal) -> Decimal:
    found = money.quotient(above, below)
    assert found is not None
    return found


brand = Area(AREA, "Brand awareness", DEFINITIONS, _found, FORMULAS)
