"""`incentivectl program list|show|new|schema`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import payee_ids, program_ids
from incentivectl.cli.ending import command
from incentivectl.cli.help import group
from incentivectl.cli.voice import Voice

program_app = group("program", "List programs, explain their rules, start new ones.")
FileOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of stdout."),
]


@program_app.command("list")
@command
def list_programs(
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """List programs: kind, dates, complexity, and cost in the newest run."""
    from incentivectl.core.errors import ExitCode, errors_in
    from incentivectl.program_files.lookup import programs_at
    from incentivectl.reports.program_pages import list_report
    from incentivectl.run.loading import workspace_root

    voice = Voice.of_report(form, output, quiet)
    opened = programs_at(workspace_root(workspace))
    voice.result(list_report(opened.workspace, opened.programs), opened.problems)
    if errors_in(opened.problems):
        raise typer.Exit(ExitCode.CONFIG)


@program_app.command()
@command
def show(
    program_id: Annotated[
        str, typer.Argument(metavar="ID", help="A program's id.", autocompletion=program_ids)
    ],
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="PERIOD", help="Also how its objective stands then."),
    ] = None,
    payee: Annotated[
        str | None,
        typer.Option(
            "--payee",
            metavar="PAYEE",
            help="As this payee may see it: of contracts only its own terms.",
            autocompletion=payee_ids,
        ),
    ] = None,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Explain a program's rules in plain English, with tiers and an example."""
    from incentivectl.program_files.lookup import programs_at
    from incentivectl.reports.program_pages import show_report
    from incentivectl.run.loading import with_calendar, workspace_root

    voice = Voice.of_report(form, output, quiet)
    opened = programs_at(workspace_root(workspace))
    program = opened.named(program_id)
    config, _ = with_calendar(opened.workspace)
    if period is None and payee is None:
        voice.result(show_report(config, program))
        return
    from incentivectl.insight.metrics.objective_section import objective_section
    from incentivectl.insight.own_terms import own_terms
    from incentivectl.insight.payee import person_named
    from incentivectl.programs.payee import payee_kind

    with answering(voice, workspace) as at:
        run = None if period is None else at.run(period)
        own = None
        if payee is not None:
            channel = at.known("this-month").channel if run is None else run.channel
            who = person_named(channel, payee_kind(program.payee), payee)
            own = own_terms(channel, program, who)
        stands = [] if run is None else [objective_section(run, program.id)]
    voice.result(show_report(config, program, *stands, own=own))


@program_app.command()
@command
def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as rebate or mdf.")],
    output: FileOption = None,
    quiet: options.Quiet = False,
) -> None:
    """Print a commented program file to start from; its example passes `check`."""
    from datetime import date

    from incentivectl.program_files.lookup import known_kind, refuse_existing
    from incentivectl.program_files.starter import id_from, starter

    kind = known_kind(kind)
    stem = id_from(output.stem if output else f"my-{kind}") or id_from(f"my-{kind}")
    text = starter(kind, program_id=stem, year=date.today().year)
    if output is not None:
        refuse_existing(output)
    Voice(output=output, quiet=quiet).text(text)


@program_app.command()
@command
def schema(
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only this kind.")
    ] = None,
    output: FileOption = None,
    quiet: options.Quiet = False,
) -> None:
    """Print the JSON Schema of program files, for editors."""
    from incentivectl.program_files.lookup import known_kind
    from incentivectl.program_files.schema import schema_text

    text = schema_text(known_kind(kind) if kind is not None else None)
    Voice(output=output, quiet=quiet).text(text)
