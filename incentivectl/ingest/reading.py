"""Reads the exports of a workspace: the masters, the sales, the small tables, and the account of all rows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.tables import TABLES
from incentivectl.core.urls import is_url
from incentivectl.ingest.account import warnings
from incentivectl.ingest.account.circles import circles
from incentivectl.ingest.account.corrections import supersede_corrected
from incentivectl.ingest.account.counts import counts, rejected_by_reason
from incentivectl.ingest.account.days import whole
from incentivectl.ingest.account.far_dates import far_dates
from incentivectl.ingest.account.first_rejected import first_rejected, rejected_by_file
from incentivectl.ingest.account.of_sales import of_sales
from incentivectl.ingest.account.repeated import repeated
from incentivectl.ingest.account.replaced import located
from incentivectl.ingest.account.waiting import rejected_of, waiting
from incentivectl.ingest.files.opening import FILES
from incentivectl.ingest.files.readable import readable
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.rows.unknown import seen_together, unknown_ids, unknown_of
from incentivectl.ingest.sale_lines.counting_lines import CountingLines, LinesInParts
from incentivectl.ingest.sale_lines.elsewhere import ReadElsewhere
from incentivectl.ingest.sale_lines.known_on import leave_out_later
from incentivectl.ingest.sale_lines.line_rules import LineRules
from incentivectl.ingest.sale_lines.resolving import finished_sales, resolve_sales
from incentivectl.ingest.sale_lines.reversed_lines import write_reversing
from incentivectl.ingest.sale_lines.typing import SNAPSHOT, read_sales
from incentivectl.ingest.table_reading import FIRST, TableReading
from incentivectl.workspace.workspace import Workspace

REQUIRED = ("sales", "partners")


def read_workspace(
    workspace: Workspace,
    scratch: Path,
    progress: Callable[[str, int, int], None] | None,
    known_on: date | None = None,
    objects: Path | None = None,
    elsewhere: ReadElsewhere | None = None,
) -> Inputs:
    """See `ingest.read`; objects that are not local are copied into the folder `objects`."""
    reading = _Reading(workspace, scratch, progress, known_on, objects, elsewhere)
    try:
        inputs = reading.inputs()
    except (Exception, PanicException):
        if changed := reading.changed():  # nothing fits together any more
            raise Refused(changed, ExitCode.DATA) from None
        raise
    inputs.problems.extend(reading.changed())
    inputs.problems[:] = reading.by_url(inputs.problems)
    return inputs


class _Reading(TableReading):
    """One reading of a workspace; tables are read in an order in which each finds what it needs."""

    def __init__(
        self,
        workspace: Workspace,
        scratch: Path,
        progress: Callable[[str, int, int], None] | None,
        known_on: date | None,
        objects: Path | None,
        elsewhere: ReadElsewhere | None,
    ) -> None:
        later = () if elsewhere is None else ("sales",)
        super().__init__(workspace, scratch, progress, objects, later)
        self.elsewhere = elsewhere
        self.parts: LinesInParts | None = None
        self.known_on = known_on

    def inputs(self) -> Inputs:
        for table in FIRST:
            self.read_small(table)
        self.rates = self.workspace.rates(self.tables["fx"])
        sales = self._read_sales()
        for table in TABLES:
            if table != "sales" and table not in self.tables:
                self.read_small(table, sales)
        self._check_required()
        self._warn(sales)
        tallies = pl.concat(self.tallies)
        of_sales, account = self.rows["sales"], self.account
        small = [rows for table, rows in self.rows.items() if table != "sales"]
        unknown = seen_together(
            [account.unknown, *(unknown_of(rows, self.masters) for rows in small)]
        )
        rejected = [(rows, rejected_by_file(rows)) for rows in small]
        return Inputs(
            sales=sales.frame,
            returns=self.returns,
            tables=self.tables,
            present=self.present(),
            counts=counts(tallies, self._read_counts()),
            reasons=rejected_by_reason(tallies),
            unknown=unknown_ids(unknown, self.tables),
            files=pl.DataFrame(
                [row for rows in self.rows.values() for row in rows.opened.files],
                schema=FILES,
                orient="row",
            ),
            problems=self.problems,
            rows=self.rows,
            parts=self.parts,
            tallies=tallies,
            known_days=whole(account.days),
            details={
                "places": pl.concat(self.places),
                "unmatched_credits": self.unmatched_credits,
                "replaced": located(account.replaced, of_sales),
                "repeated": repeated(of_sales, account.duplicates),
                "waiting": waiting([account.waiting, *map(rejected_of, small)], unknown),
                "first_rejected": pl.concat(
                    first_rejected(rows, by_file)
                    for rows, by_file in [(of_sales, account.rejected), *rejected]
                ),
            },
        )

    def changed(self) -> list[Problem]:
        """The files that changed while they were read."""
        return [problem for opened in self.opened for problem in opened.changed()]

    def by_url(self, problems: list[Problem]) -> list[Problem]:
        """The problems, those of a copied object under its URL, which is no path."""
        urls = {
            file.path: file.name
            for found in self.files.values()
            for file in found
            if is_url(file.name)
        }
        return [_under(urls[p.file], p) if p.file in urls else p for p in problems]

    def _read_sales(self) -> CountingLines:
        attributes, reps = self.attributes("sales"), self.tables["reps"]
        rules = LineRules(self.masters, attributes, self.rates, self.workspace.currency, reps)
        sales = self._read_elsewhere(rules) or self._read_here(rules)
        self.problems += warnings.unknown_returns(self.account.returns)
        self.tallies.append(self.account.tally)
        return sales

    def _read_here(self, rules: LineRules) -> CountingLines:
        opened = self.open_table("sales")
        rows = readable(
            opened,
            lambda found: read_sales(found, rules, self.scratch, self.progress),
            self.problems,
        )
        if self.known_on is not None:
            self.problems += leave_out_later(rows, self.known_on)
        settings = rules.rates, rules.currency, rules.attributes
        returns = resolve_sales(rows, *settings)
        supersede_corrected(rows)
        sales = finished_sales(rows, *settings)
        self.rows["sales"] = rows
        self.account = of_sales(rows, sales, returns, rules)
        self.returns = write_reversing(rows, *settings, self.scratch / SNAPSHOT)
        return CountingLines(sales)

    def _read_elsewhere(self, rules: LineRules) -> CountingLines | None:
        files = self.files.get("sales", [])
        if self.elsewhere is None or not files:
            return None
        found = self.elsewhere(files, rules, self.progress)
        if found is None:
            return None
        self.opened.append(found.rows.opened)
        self.problems += found.rows.opened.problems
        self.rows["sales"], self.account = found.rows, found.account
        self.parts, self.returns = found.parts, found.returns
        return CountingLines(found.sales, found.parts)

    def _read_counts(self) -> Iterator[tuple[str, str, int]]:
        for source in self.workspace.sources:
            if source.table in self.present() and (source.declared or self._has_file(source.name)):
                yield source.table, source.name, self.rows[source.table].opened.rows_of(source.name)

    def _has_file(self, source: str) -> bool:
        return any(file.source.name == source for files in self.files.values() for file in files)

    def _warn(self, sales: CountingLines) -> None:
        account = self.account
        self.problems += far_dates(self.rows["sales"], sales, account.days, account.tally)
        self.problems += circles(self.tables["partners"], pl.concat(self.places))
        self.problems += warnings.reps_elsewhere(account.reps)
        self.problems += warnings.unknown_categories(self.tables)
        self.problems += warnings.long_surveys(self.tables)
        self.problems += warnings.split_sales(account.in_files)

    def _check_required(self) -> None:
        for table in REQUIRED:
            sources = self.workspace.sources_of(table)
            told = any(s.declared or (self.workspace.root / s.paths[0]).exists() for s in sources)
            if table not in self.present() and not told:
                hint = (
                    f"name its files in [sources.{table}], or put them into sample_data/{table}.csv"
                )
                message = f"no file for the table {table}, which every run needs"
                self.problems.append(
                    Problem("no-file", message, hint, file=self.workspace.config_file)
                )


def _under(url: str, problem: Problem) -> Problem:
    place = f"{url}:{problem.line}" if problem.line else url
    return replace(problem, file=None, line=None, message=f"{place}: {problem.message}")
