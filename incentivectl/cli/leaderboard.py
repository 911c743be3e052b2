"""`incentivectl leaderboard PERIOD`."""

from typing import Annotated

import typer

from incentivectl.cli.answering import answering
from incentivectl.cli.options import (
    FormatOption,
    MemoryOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
)


@command
def leaderboard(
    period: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD", help="Such as 2026-09, 2026-Q3, 2026-H2, 2026 or last-month."
        ),
    ],
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
    top: Annotated[
        int | None, typer.Option("--top", metavar="N", min=1, help="Only the first N ranks.")
    ] = None,
    workspace: WorkspaceOption = None,
    memory: MemoryOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Rank partners or reps, with movement since the previous period and badges."""
    from incentivectl.insight.leaderboard.leaderboard import check_question
    from incentivectl.insight.leaderboard.leaderboard import leaderboard as board_of
    from incentivectl.insight.leaderboard.report import leaderboard_report

    voice = Voice(form, output, quiet, verbose)
    with answering(voice, workspace) as at:
        check_question(at.root, by=by, payee=payee, group_by=group_by)
        run = at.run(period)
        at.progress("ranking")
        board = board_of(run, by=by, payee=payee, group_by=group_by)
        report = leaderboard_report(board, run, by=by, payee=payee, group_by=group_by, top=top)
    voice.result(report)
