"""What is found of single lines, in spans of days that fit into memory (docs/rules.md, "Memory")."""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from incentivectl import memory
from incentivectl.rules.case import Case

# What one line takes in memory while its part of a reward is found.
BYTES_OF_LINE = 250

Spans = Sequence[tuple[date, date]]


def spans_of(case: Case) -> Spans:
    """Days of the program's dates, so many at once that their lines fit; none where all fit."""
    first, last = case.periods[0].start, case.periods[-1].end
    most = memory.rows_within(BYTES_OF_LINE, share=4)
    if case.facts.lines_between(first, last) <= most:
        return ()
    return case.facts.spans_between(first, last, most)


def span_by_span(
    lines: pl.LazyFrame, spans: Spans, columns: Sequence[str | pl.Expr]
) -> Iterator[pl.DataFrame]:
    """These columns of the lines of one span after the other."""
    for first, last in spans:
        in_span = lines.filter(pl.col("counted_on").is_between(first, last))
        yield in_span.select(columns).collect(engine="streaming")
