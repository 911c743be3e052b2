"""What a program's lines contribute in one measurement period, for a budget that pays them in order."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.rules.case import Measured
from incentivectl.rules.lines.line_order import originals, placed
from incentivectl.sales.line_source import LineSource


class _Counted(NamedTuple):
    """The lines that count (`Measured.counted`), and the `line_order.originals` of the returns among them."""

    lines: dict[str, pl.DataFrame]
    originals: pl.DataFrame


def in_period(measured: Measured, period: int) -> pl.LazyFrame:
    """Contributions (columns `CONTRIBUTION`) of a measurement period, with what `with_places` adds.

    The lines that make them come here from wherever they lie: who is paid depends on all before.
    """
    channel = measured.one.case.channel
    found = channel.ask(_counted_in, _together, measured, period)
    paid = measured.paid({name: frame.lazy() for name, frame in found.lines.items()})
    return placed(paid.filter(pl.col("period") == period), found.originals.lazy())


def _counted_in(_: LineSource, measured: Measured, period: int) -> _Counted:
    in_period = pl.col("period") == period
    names, frames = measured.counted.keys(), measured.counted.values()
    found = pl.collect_all([frame.filter(in_period) for frame in frames], engine="streaming")
    rows = pl.concat([frame["row"] for frame in found]) if found else pl.Series(dtype=ROW)
    of_returns = originals(measured.one.case.facts).filter(pl.col("row").is_in(rows.implode()))
    return _Counted(dict(zip(names, found, strict=True)), of_returns.collect(engine="streaming"))


def _together(parts: Sequence[_Counted]) -> _Counted:
    return _Counted(
        {name: pl.concat(part.lines[name] for part in parts) for name in parts[0].lines},
        pl.concat(part.originals for part in parts),
    )
