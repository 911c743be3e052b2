"""Two states of one workspace, and every mixture of them: some inputs as they were, others as they are.

The lines of both are matched by what identifies them; each kind of difference can then be taken from
either side (docs/questions.md, "Causes of a change").
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from incentivectl.engine.engine import Settled, settle
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.sale_lines.versions import LINE, line_identity
from incentivectl.run.known import Known, channel_of
from incentivectl.sales.channel import Channel, with_is_return

NEWER, LATE, RETURN, RESTATED, GONE = (
    "newer",
    "late-line",
    "return",
    "restated-line",
    "removed-line",
)
RULE, FX, PARTNER = "rule", "fx-rate", "partner-attribute"
# Which tables make a cause of their own, in the order in which causes are told.
TABLE_CAUSES = {
    "partners": PARTNER,
    "reps": "rep-attribute",
    "products": "product-attribute",
    "customers": "customer-attribute",
    "credits": "credits",
    "bad_credits": "credits",
    "targets": "target",
    "deals": "deal",
    "activities": "activity",
    "mdf_requests": "mdf-request",
    "mdf_claims": "mdf-claim",
}
LINE_CAUSES = (NEWER, LATE, RETURN, RESTATED, GONE)
CAUSES = (*LINE_CAUSES, RULE, FX, *dict.fromkeys(TABLE_CAUSES.values()))

# What a line is given by the reading, and no content of its own.
_DERIVED = ("row", "source", "received_on", "occurrence", "partner_known", "n", "line_key",
            "counted_on", "original", "amount_ws")  # fmt: skip
_SAME = "same"


@dataclass(frozen=True)
class TwoStates:
    """`then` and `now`: two states of a workspace, each as of the last day of its own PERIOD.

    A line that counts later than that day is not part of a state, even if its export was there.
    """

    then: Known
    now: Known

    @cached_property
    def matched(self) -> pl.DataFrame:
        """Each line of either state once: `id`, `row_then`, `row_now`, `what` (a cause, or none)."""
        then, now = (self._identified(side) for side in (self.then, self.now))
        every = then.join(now, on=LINE, how="full", coalesce=True, nulls_equal=True)
        differs = pl.col("content") != pl.col("content_now")
        moves = (pl.col("counted_on") != pl.col("counted_on_now")) | pl.col(
            "line_taken"
        ).ne_missing(pl.col("line_taken_now"))
        days = [side.period.last for side in (self.then, self.now)]
        is_newer = pl.coalesce("counted_on_now", "counted_on").is_between(
            min(days), max(days), closed="right"
        )
        what = (
            pl.when(pl.col("row_now").is_null() & is_newer)
            .then(pl.lit(NEWER))
            .when(pl.col("row_now").is_null())
            .then(pl.lit(GONE))
            .when(pl.col("row").is_null() & is_newer)
            .then(pl.lit(NEWER))
            .when(pl.col("row").is_null() & pl.col("is_return_now"))
            .then(pl.lit(RETURN))
            .when(pl.col("row").is_null())
            .then(pl.lit(LATE))
            .when(differs)
            .then(pl.lit(RESTATED))
            .when(moves)  # the same return reverses another line
            .then(pl.lit(RETURN))
            .when(pl.col("partner_known") != pl.col("partner_known_now"))
            .then(pl.lit(PARTNER))
            .when(pl.col("amount_ws").ne_missing(pl.col("amount_ws_now")))
            .then(pl.lit(FX))
            .otherwise(pl.lit(_SAME))
        )
        return (
            every.with_columns(what=what)
            .sort(*LINE, nulls_last=True)
            .with_row_index("id")
            .select(pl.col("id").cast(pl.UInt32), "what", row_then="row", row_now="row_now")
        )

    @cached_property
    def _content(self) -> list[str]:
        """What lines are compared by: the columns that both sides have."""
        sides = (self.then, self.now)
        then, now = (set(side.inputs.sales.collect_schema().names()) for side in sides)
        return sorted((then & now) - {*_DERIVED})

    def _identified(self, side: Known) -> pl.DataFrame:
        """Each line's identity, a hash of its content, and the line that it reverses, by its name."""
        lines = side.inputs.sales.filter(pl.col("counted_on") <= side.period.last)
        content = self._content
        key = pl.concat_str(
            pl.col("sale_id", "line_key").fill_null("-"), separator="\x1f", ignore_nulls=True
        )
        named = lines.select("row", taken=key)
        suffix = "_now" if side is self.now else ""
        found = (
            with_is_return(lines)
            .join(named, left_on="original", right_on="row", how="left")
            .select(
                "row",
                *line_identity(pl.col("n")),
                pl.struct(content).hash().alias("content"),
                "counted_on",
                "amount_ws",
                "partner_known",
                "is_return",
                pl.col("taken").alias("line_taken"),
            )
            .collect(engine="streaming")
        )
        return found.rename({n: f"{n}{suffix}" for n in found.columns if n not in LINE})

    @cached_property
    def present(self) -> tuple[str, ...]:
        """The causes of which there is anything at all, in the order of `CAUSES`."""
        found = set(self.matched["what"].unique()) - {_SAME}
        if self.now.period.last != self.then.period.last:
            found.add(NEWER)
        for table, cause in TABLE_CAUSES.items():
            if not _same(self._table(self.then, table), self._table(self.now, table)):
                found.add(cause)
        if not _same(self.then.inputs.tables["fx"], self.now.inputs.tables["fx"]):
            found.add(FX)
        if self._rules(self.then) != self._rules(self.now):
            found.add(RULE)
        return tuple(cause for cause in CAUSES if cause in found)

    @staticmethod
    def _table(side: Known, table: str) -> pl.DataFrame:
        return side.inputs.tables.get(table, pl.DataFrame())

    @staticmethod
    def _rules(side: Known) -> tuple[object, ...]:
        workspace = side.loaded.workspace
        hashes = sorted((one.id, one.hash_with_terms) for one in side.loaded.programs)
        return (*hashes, workspace.currency, workspace.calendar, workspace.data)

    def settled(self, as_now: Collection[str], only: Collection[str]) -> list[Settled]:
        """The programs `only`, computed with the causes `as_now` as they are now, the rest as then."""
        rules = self.now if RULE in as_now else self.then
        channel = self.channel(as_now)
        return settle(rules.loaded.programs, channel, audit=False, only=only)

    def channel(self, as_now: Collection[str]) -> Channel:
        """The mixture of both states as rules see it."""
        tables = dict(self.then.inputs.tables)
        for table, cause in {**TABLE_CAUSES, "fx": FX}.items():
            if cause in as_now and table in self.now.inputs.tables:
                tables[table] = self.now.inputs.tables[table]
        inputs: Inputs = replace(
            self.then.inputs, sales=self._lines(as_now), returns=None, tables=tables
        )
        workspace = (self.now if RULE in as_now else self.then).loaded.workspace
        period = (self.now if NEWER in as_now else self.then).period
        return channel_of(workspace, inputs, period)

    def _lines(self, as_now: Collection[str]) -> pl.LazyFrame:
        taken = [what for what in (*LINE_CAUSES, FX, PARTNER) if what in as_now]
        is_taken = pl.col("what").is_in(taken)
        then = self._numbered(self.then, "row_then").filter(~is_taken)
        now = self._numbered(self.now, "row_now").filter(is_taken)
        return pl.concat([then, now], how="diagonal").drop("what")

    def _numbered(self, side: Known, row: str) -> pl.LazyFrame:
        """One side's lines under the numbers that both states share."""
        ids = self.matched.filter(pl.col(row).is_not_null()).select("id", "what", row=row).lazy()
        originals = ids.select(original="row", _original="id")
        return (
            side.inputs.sales.join(ids, on="row", how="inner")
            .join(originals, on="original", how="left")
            .with_columns(row="id", original="_original")
            .drop("id", "_original")
        )


def _same(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    if left.height != right.height or {*left.columns} != {*right.columns}:
        return False
    columns = sorted(left.columns)
    return left.select(columns).sort(columns).equals(right.select(columns).sort(columns))
