"""`incentivectl leaderboard PERIOD`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import program_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def leaderboard(
    period: options.Period,
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="METRIC", help="Such as revenue, quantity, growth or earnings."
        ),
    ] = "revenue",
    payee: Annotated[
        str, typer.Option("--for", metavar="partner|rep", help="Whom to rank.")
    ] = "partner",
    group_by: Annotated[
        str | None,
        typer.Option(
            "--group-by", metavar="FIELD", help="Rank within groups, such as partner.region."
        ),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option("--category", metavar="NAME", help="Only sales of products of this category."),
    ] = None,
    program: Annotated[
        str | None,
        typer.Option(
            "--program",
            metavar="ID",
            help="How payees stand in this program, such as a running contest.",
            autocompletion=program_ids,
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page to hang up.")
    ] = None,
    top: Annotated[
        int | None, typer.Option("--top", metavar="N", min=1, help="Only the first N ranks.")
    ] = None,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Rank partners or reps, with movement since the previous period and badges."""
    from incentivectl.core.output_files import check_named_file, write_named_file
    from incentivectl.insight.leaderboard.leaderboard import check_question
    from incentivectl.insight.leaderboard.leaderboard import leaderboard as board_of
    from incentivectl.insight.leaderboard.poster import (
        poster_html,
        poster_of_board,
        poster_of_standing,
    )
    from incentivectl.insight.leaderboard.report import leaderboard_report
    from incentivectl.insight.leaderboard.report_standing import standing_report
    from incentivectl.insight.leaderboard.standing import check_alone, standing

    voice = Voice.of_report(form, output, quiet, verbose)
    if html is not None:
        check_named_file(html)
    with answering(voice, workspace) as at:
        if program is not None:
            check_alone(by=by, payee=payee, group_by=group_by, category=category)
        check_question(at.root, by=by, payee=payee, group_by=group_by, category=category)
        run = at.run(period)
        at.progress("ranking")
        if program is not None:
            found = standing(run, program)
            report = standing_report(found, run, top)
            poster = poster_of_standing(found, run, top)
        else:
            board = board_of(run, by=by, payee=payee, group_by=group_by, category=category)
            report = leaderboard_report(
                board, run, by=by, payee=payee, group_by=group_by, category=category, top=top
            )
            poster = poster_of_board(board, run, by=by, payee=payee, category=category, top=top)
        if html is not None:
            write_named_file(html, poster_html(poster))
    voice.result_beside(html, report)
