"""What is accepted but looks wrong: warnings, and nothing is rejected (docs/operation.md, "Files").

A return whose `return_of` is not known, a rep at another partner than its line, a deal for a category
that no product has, a pulse of many questions, a sale without line ids that stands in several files.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from incentivectl.core import memory
from incentivectl.core.errors import Problem
from incentivectl.core.nouns import agreeing, counted
from incentivectl.core.tables import SALE
from incentivectl.ingest.rows.spelling import nearest
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.returns import Returns
from incentivectl.sales.in_force import reps_in_force, rows_in_force

EXAMPLES = 3
MOST_QUESTIONS = 10
SALE_BYTES = 100  # of a sale with its first and last row, while they are looked for


def unknown_returns(rows: TableRows, returns: Returns) -> Iterator[Problem]:
    """One warning for each source whose counting returns name sales that nobody knows."""
    if returns.lines.is_empty():
        return
    unknown = returns.lines.join(
        returns.links.filter(pl.col("counted_on").is_null()), on="row", how="semi"
    ).join(rows.decided, on="row", how="anti")
    for (source,), some in unknown.sort("row").group_by("_source", maintain_order=True):
        yield _warning(
            "unknown-return-of",
            f"source {source}: {counted(some.height, 'line')} whose `return_of` matches no accepted sale of"
            f" the partner ({_examples(some['return_of'])}); they count on their own dates",
            "export the original sales too, or correct the ids",
        )


def reps_elsewhere(sales: pl.LazyFrame, reps: pl.DataFrame) -> Iterator[Problem]:
    """A warning where lines name a rep that stands at another partner."""
    if reps["partner_id"].is_null().all():
        return
    rows = rows_in_force(reps, "rep_id")
    days = ["counted_on"] if reps["valid_from"].is_not_null().any() else []
    by_day = (
        sales.filter(pl.col("rep_id").is_not_null()).group_by("rep_id", "partner_id", *days).len()
    )
    elsewhere = (
        reps_in_force(by_day, rows, {"partner_id"}, rep="rep_id", day="counted_on")
        .rename({"rep.partner_id": "home"})
        .filter(pl.col("home") != pl.col("partner_id"))
        .group_by("rep_id", "partner_id", "home")
        .agg(pl.col("len").sum())
        .sort("len", "rep_id", "partner_id", descending=[True, False, False])
        .collect(engine="streaming")
    )
    if not elsewhere.is_empty():
        shown = [
            f"{rep} of {home} on lines of {partner}"
            for rep, partner, home in elsewhere.select("rep_id", "partner_id", "home")
            .head(EXAMPLES)
            .rows()
        ]
        yield _warning(
            "rep-elsewhere",
            f"{counted(int(elsewhere['len'].sum()), 'line')} with a rep of another partner"
            f" ({', '.join(shown)})",
            "they still earn; correct `rep_id`, or the rep's `partner_id`",
        )


def unknown_categories(tables: Mapping[str, pl.DataFrame]) -> Iterator[Problem]:
    """A warning where deals name categories that no product has."""
    categories = tables["products"]["category"].drop_nulls().unique()
    deals = tables["deals"].filter(
        pl.col("category").is_not_null() & ~pl.col("category").is_in(categories.implode())
    )
    if not tables["products"].is_empty() and not deals.is_empty():
        near = nearest(deals["category"][0], categories.to_list())
        meant = f"did you mean `{near}`? " if near else ""
        yield _warning(
            "unknown-category",
            f"{counted(deals.height, 'deal')} in a category without products"
            f" ({_examples(deals['category'])})",
            f"{meant}the deal covers no line: correct the category",
        )


def long_surveys(tables: Mapping[str, pl.DataFrame]) -> Iterator[Problem]:
    """A warning for each pulse that asks more questions than people answer with care."""
    asked = (
        tables["surveys"]
        .filter(pl.col("kind") == "pulse")
        .group_by("survey_id")
        .agg(pl.col("question_id").n_unique().alias("questions"))
        .filter(pl.col("questions") > MOST_QUESTIONS)
        .sort("survey_id")
    )
    for survey, questions in asked.rows():
        yield _warning(
            "long-survey",
            f"the pulse {survey} asks {questions} questions, more than {MOST_QUESTIONS}",
            "keep a pulse short: drop questions, or send them in another survey",
        )


def split_sales(rows: TableRows) -> Iterator[Problem]:
    """A warning where one sale without line ids stands in several files.

    The lines of each file are numbered by themselves, so those of the later file replace equal
    numbers of the earlier one.
    """
    starts = rows.opened.file_starts()["row"]
    accepted = pl.col("_reason").is_null()  # also those that another file has replaced by now
    elsewhere = pl.col("row").is_in(rows.opened.corrections["row"].implode())  # in another's place
    without_id = rows.rows.filter(accepted & pl.col("line_id").is_null() & ~elsewhere)
    ends = without_id.select(
        first=pl.col("row").min(), last=pl.col("row").max(), count=pl.len()
    ).collect(engine="streaming")
    first, _, count = ends.row(0)
    if first is None or not _in_two_files(ends, starts).height:
        return
    parts = count // memory.rows_within(SALE_BYTES, share=4) + 1
    sale = pl.struct(SALE).hash()
    found = []
    for part in range(parts):
        sales = (
            without_id.select("row", sale=sale)
            .filter(pl.col("sale") % parts == part)
            .group_by("sale")
            .agg(first=pl.col("row").min(), last=pl.col("row").max())
            .collect(engine="streaming")
        )
        found.append(_in_two_files(sales, starts).select("first"))
    split = pl.concat(found).sort("first")
    if not split.is_empty():
        some = (
            rows.rows.filter(pl.col("row").is_in(split["first"].head(EXAMPLES).implode()))
            .select("row", "sale_id")
            .sort("row")
            .collect(engine="streaming")["sale_id"]
        )
        yield _warning(
            "sale-in-several-files",
            f"{counted(split.height, 'invoice')} without line IDs"
            f" {agreeing(split.height, 'appears', 'appear')} in more than one file"
            f" ({_examples(some)})",
            "add a `line_id` or an `occurrence`; without one, a line may replace another",
        )


def _in_two_files(sales: pl.DataFrame, starts: pl.Series) -> pl.DataFrame:
    """Those whose `first` and `last` row lie in different files."""
    files = [starts.search_sorted(sales[name], side="right") for name in ("first", "last")]
    return sales.filter(files[0] != files[1])


def _warning(code: str, message: str, hint: str) -> Problem:
    return Problem(code, message, hint, severity="warning")


def _examples(texts: pl.Series) -> str:
    different = texts.unique(maintain_order=True).to_list()
    shown = ", ".join(different[:EXAMPLES])
    return f"{shown}, …" if len(different) > EXAMPLES else shown
