"""Lines replaced by others, perhaps by mistake, with their money before and after (rule 42.3)."""

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.frames import total
from incentivectl.core.money import money_text
from incentivectl.core.nouns import counted
from incentivectl.ingest.account.replaced import ACROSS, EXAMPLES, WITHIN
from incentivectl.ingest.inputs import Inputs
from incentivectl.run.loading import Loaded
from incentivectl.run.run import Run

_HOW = {
    WITHIN: "replaced by another line of the same file",
    ACROSS: "replaced by a line of another month",
}
_REMEDY = {
    WITHIN: "rows of one file with the same ids are versions of one line: give each its own"
    " `line_id`, and check for ids that lost digits; if the numbers restart each day, combine the"
    ' id with the date (`sale_id` = "{Date}-{Number}" in `columns`)',
    ACROSS: "do the numbers restart? Combine the id with the date: `sale_id` ="
    ' "{Date}-{Number}" in `columns`, with the column names of the export',
}
_MONTHS = 3


def replaced_lines(loaded: Loaded, inputs: Inputs) -> list[Problem]:
    """A warning for each source whose lines replace others of their file, or of another month."""
    found = inputs.details["replaced"].filter(pl.col("how").is_in(list(_HOW)))
    groups = found.group_by("how", "source", "by_source", maintain_order=True)
    return [
        Problem(
            "replaced-lines",
            _sentence(some, _HOW[str(how)], " of", loaded.workspace.currency),
            hint=_REMEDY[_kind(some)],
            severity="warning",
        )
        for (how, _, _), some in groups
    ]


def _kind(some: pl.DataFrame) -> str:
    """`ACROSS` where the months differ: then numbers may start again, also within one file."""
    return ACROSS if (some["month"] != some["by_month"]).any() else WITHIN


def replaced_in_booked_periods(run: Run) -> list[str]:
    """A sentence for each source with replaced lines in booked periods whose rewards change now."""
    changing = _changing_periods(run)
    found = run.inputs.details["replaced"]
    if changing.is_empty() or found.is_empty():
        return []
    month = found.select("month").unique().with_columns(last=pl.col("month").dt.month_end())
    booked = month.join_where(
        changing,
        pl.col("month") <= pl.col("period_end"),
        pl.col("last") >= pl.col("period_start"),
    )["month"].unique()
    concerned = found.filter(pl.col("month").is_in(booked.implode()))
    currency = run.loaded.workspace.currency
    return [
        _sentence(some, "of booked periods replaced", " by", currency)
        for _, some in concerned.group_by("source", "by_source", maintain_order=True)
    ]


def _changing_periods(run: Run) -> pl.DataFrame:
    """`period_start`, `period_end` of booked measurement periods that this run would book anew."""
    booked = run.past.booked.select("program_id", "period_start").unique()
    return (
        run.earnings.filter(pl.col("this_batch") != 0)
        .join(booked, on=["program_id", "period_start"], how="semi")
        .select("period_start", "period_end")
        .unique()
    )


def _sentence(some: pl.DataFrame, how: str, by_word: str, currency: str) -> str:
    source, by_source = some.row(0, named=True)["source"], some.row(0, named=True)["by_source"]
    lines = int(some["lines"].sum())
    before, after = (money_text(total(some, name), currency) for name in ("before", "after"))
    by = f"{by_word} source {by_source}" if by_source != source else ""
    places = [place for of_row in some["places"].to_list() for place in of_row]
    shown = ", ".join(places[:EXAMPLES]) + (", …" if lines > EXAMPLES else "")
    return (
        f"source {source}: {counted(lines, 'line')} {how}{by}:"
        f" {before} of {_months(some['month'])} became {after} of {_months(some['by_month'])} ({shown})"
    )


def _months(months: pl.Series) -> str:
    named = [f"{month:%Y-%m}" for month in months.unique().sort()]
    if len(named) <= _MONTHS:
        return " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
    return f"{named[0]} to {named[-1]}"
