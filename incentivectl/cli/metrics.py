"""`incentivectl metrics PERIOD`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def metrics(
    period: options.Period,
    area: Annotated[
        list[str] | None,
        typer.Option("--area", metavar="AREA", help="Only this area, such as satisfaction."),
    ] = None,
    every_row: Annotated[
        bool, typer.Option("--all", help="Every area, and all rows of each table.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Also define each figure.")] = False,
    trend: Annotated[
        bool, typer.Option("--trend/--no-trend", help="Show the last twelve months.")
    ] = True,
    basis: Annotated[
        Path | None,
        typer.Option(
            "--basis", metavar="FILE", help="Also write the rows that figures are made of, as CSV."
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page with a chart for each headline."),
    ] = None,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show growth, engagement, ROI, cost, satisfaction and brand against earlier periods."""
    from incentivectl.core.csv_output import csv_of_frame
    from incentivectl.core.output_files import check_named_file, write_named_file
    from incentivectl.insight.metrics import AREAS, areas_named, basis_rows, compared
    from incentivectl.insight.metrics import metrics as figures_of
    from incentivectl.insight.metrics.headlines import areas_of_ten
    from incentivectl.insight.metrics.page import metrics_html
    from incentivectl.insight.metrics.report import metrics_report
    from incentivectl.ledger.booked import postings_in

    voice = Voice.of_report(form, output, quiet, verbose)
    areas = areas_named(area) if area else ()
    in_short = not areas and not every_row and html is None and voice.is_for_people()
    for named in (basis, html):
        if named is not None:
            check_named_file(named)
    with answering(voice, workspace) as at:
        run = at.run(period)
        postings = postings_in(run.loaded.workspace.ledger)
        views = compared(run, at.progress, postings, trend=trend)
        trends = areas_of_ten(AREAS) if in_short else areas or AREAS
        figures = figures_of(views, at.progress, trends)
        report = metrics_report(figures, views, explain=explain, areas=areas, every_row=every_row)
        if basis is not None:
            write_named_file(basis, csv_of_frame(basis_rows(areas or AREAS, views.now)))
        if html is not None:
            page = metrics_html(figures, views, areas or AREAS, every_row=every_row)
            write_named_file(html, page)
    voice.result_beside(html, report)
