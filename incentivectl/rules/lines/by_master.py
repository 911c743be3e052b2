"""Conditions on a product, a customer, a rep or a partner: judged once for each, not on every line.

A line then only asks whether its id is among those that meet the condition, which reads nothing else
of it (docs/rules.md, "Conditions").
"""

from itertools import pairwise

import polars as pl

from incentivectl.programs.conditions import Condition
from incentivectl.rules.lines.conditions import holds
from incentivectl.rules.lines.lists import LONGEST_LIST
from incentivectl.sales.in_force import END
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.returns import ORIGINAL

_MASTERS = {"product": "products", "customer": "customers"}
_DATED = ("partner", "rep")  # of which one may have several rows, each from a day on
# A condition in the program's currency needs the rate of the line's day, one on years the day itself;
# list prices may have dates.
_BY_DAY = {"product.list_price", "product.unit_cost", "partner.tenure_years"}
# On so many days, they may change from one side of a condition to the other.
MOST_DAYS = 8


class MeetsById:
    """The conditions that a line's ids decide, without its other columns; each is looked up once."""

    def __init__(self, channel: LineSource) -> None:
        self._channel = channel
        self._known: dict[tuple[str, str], pl.Expr | None] = {}

    def __call__(self, condition: Condition, currency: str) -> pl.Expr | None:
        """Whether a line's id meets the condition (Boolean, never null); None where ids do not decide.

        They do not where the line lists what it states (examples), where the table is large, or where
        the answer depends on the day. `currency` is the program's.
        """
        key = (repr(condition), currency)
        if key not in self._known:
            self._known[key] = _meets(self._channel, condition, currency)
        return self._known[key]


def _meets(channel: LineSource, condition: Condition, currency: str) -> pl.Expr | None:
    entity, _, column = condition.field.partition(".")
    key = f"{entity}_id"
    if condition.field == "customer.revenue_12m":  # it differs from day to day
        return None
    if channel.given or entity not in (*_MASTERS, *_DATED):
        return None
    if column == key:
        return holds(condition, pl.col(f"{ORIGINAL}{key}"))
    if condition.field in _BY_DAY and (entity == "partner" or currency != channel.currency):
        return None
    if condition.field == "product.list_price" and not channel.tables["prices"].is_empty():
        return None
    dated = {"partner": channel.partner_rows, "rep": channel.rep_rows}
    rows = dated[entity] if entity in dated else channel.tables[_MASTERS[entity]]
    if rows.height > LONGEST_LIST:
        return None
    meets = holds(condition, pl.col(column))
    # An id that the table does not know has no value.
    unknown_meets = rows.select(column).clear(n=1).select(meets).item()
    if entity in dated:
        differs = rows.select(
            key, "in_force_from", "in_force_until", differs=meets != pl.lit(unknown_meets)
        )
        is_listed = _differs_on_day(key, differs)
    else:
        is_listed = _is_in(key, rows.filter(meets != pl.lit(unknown_meets))[key])
    return ~is_listed if unknown_meets and is_listed is not None else is_listed


def _differs_on_day(key: str, rows: pl.DataFrame) -> pl.Expr | None:
    """Whether `differs` holds in the row in force on the line's day; None if it changes on many days."""
    ever = rows.group_by(key).agg(
        changes=pl.col("differs").n_unique() > 1, differs=pl.col("differs").first()
    )
    listed = _is_in(key, ever.filter(~pl.col("changes"), "differs")[key])
    changing = rows.join(ever.filter("changes"), on=key, how="semi")
    days = changing["in_force_from"].unique().sort().to_list()
    if len(days) > MOST_DAYS:
        return None
    day = pl.col("counted_on")
    for first, following in pairwise([*days, END]):
        then = changing.filter(
            "differs",
            pl.col("in_force_from") <= first,
            pl.col("in_force_until") > first,
        )
        if then.height:
            in_force = (day >= first) & (day < following)
            listed |= in_force & _is_in(key, then[key])
    return listed


def _is_in(key: str, ids: pl.Series) -> pl.Expr:
    return pl.col(f"{ORIGINAL}{key}").is_in(ids.implode()).fill_null(False)
