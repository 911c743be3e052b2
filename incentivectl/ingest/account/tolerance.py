"""Why a run stops at its data: each source over its tolerance, by reason, root causes first (rule 3.29)."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.ingest.account.remedies import remedy
from incentivectl.ingest.inputs import Inputs
from incentivectl.workspace.source import Source
from incentivectl.workspace.workspace import Workspace

MASTER_OF = {"unknown-partner": "partners", "unknown-product": "products", "unknown-rep": "reps"}
CAUSE, OVER, WHY = -3, -2, -1  # the ranks of these problems


def over_tolerance(workspace: Workspace, inputs: Inputs) -> list[Problem]:
    """The sales sources with too many rejected rows, and why; nothing where a run may go on.

    For each: what was rejected in the masters that its rows name, then how many of its rows, then each
    reason with its first rows and what to do.
    """
    counts = inputs.counts.filter(pl.col("table") == "sales")
    over = [
        row
        for row in counts.iter_rows(named=True)
        if not workspace.data.tolerates(row["rejected"], row["read"])
    ]
    reasons = inputs.details["first_rejected"].filter(
        (pl.col("table") == "sales") & pl.col("source").is_in([row["source"] for row in over])
    )
    masters = [MASTER_OF[code] for code in reasons["reason"].unique().sort() if code in MASTER_OF]
    causes = [
        problem
        for master in masters
        for source in workspace.sources_of(master)
        for problem in _why(workspace, inputs, source, CAUSE)
    ]
    told = [_over(workspace, row) for row in over]
    whys = [
        problem
        for row in over
        for source in workspace.sources_of("sales")
        if source.name == row["source"]
        for problem in _why(workspace, inputs, source, WHY)
    ]
    return [*causes, *told, *whys]


def _over(workspace: Workspace, row: dict[str, object]) -> Problem:
    source = next(one for one in workspace.sources_of("sales") if one.name == row["source"])
    rejected, read = int(str(row["rejected"])), int(str(row["read"]))
    share = money.round_decimal(Decimal(100 * rejected) / Decimal(read), 1)
    limit = money.plain(workspace.data.max_reject_rate * 100)
    return Problem(
        "too-many-rejects",
        f"source {source.name}: {rejected:,} of {read:,} rows ({share:f} %) are rejected,"
        f" more than max_reject_rate ({limit} %)",
        hint="correct the rows, or raise [data] max_reject_rate or min_rejects",
        file=workspace.config_file,
        line=source.line,
        rank=OVER,
    )


def _why(workspace: Workspace, inputs: Inputs, source: Source, rank: int) -> Iterator[Problem]:
    """One problem for each reason for which rows of a source were rejected."""
    found = inputs.details["first_rejected"].filter(
        (pl.col("table") == source.table) & (pl.col("source") == source.name)
    )
    read = inputs.counts.filter(
        (pl.col("table") == source.table) & (pl.col("source") == source.name)
    )["read"].sum()
    for _, some in found.group_by("reason", "column", maintain_order=True):
        first = some.row(0, named=True)
        rows, files = int(first["rows"]), int(first["files"])
        name = source.place if rank == CAUSE else f"source {source.name}"
        which = ("all " if rows == read > 1 else "") + counted(rows, "row")
        where = f" in {files} files" if files > 1 else ""
        in_file = int(first["in_file"])
        if files > 1 and 2 * in_file > rows:
            where += f", {in_file:,} of them in {first['file']},"
        named = f" in `{first['column']}`" if _names_more(first["reason"], first["column"]) else ""
        message = (
            f"{name}: {which}{where} rejected ({first['reason']}{named}): {_examples(some, rows)}"
        )
        yield Problem(
            "rejected-rows",
            message,
            hint=remedy(source, first, workspace.root / str(first["file"]), workspace.currency),
            rank=rank,
        )


def _names_more(reason: str, column: str) -> bool:
    """Whether the column says more than the reason does."""
    return bool(column) and reason.startswith(("bad-", "too-"))


def _examples(some: pl.DataFrame, rows: int) -> str:
    shown = [
        f"`{value}` ({file}:{line})" if value else f"{file}:{line}"
        for value, file, line in some.select("value", "file", "line").rows()
    ]
    return ", ".join(shown) + (", …" if rows > len(shown) else "")
