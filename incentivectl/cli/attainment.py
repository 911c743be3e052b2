"""`incentivectl attainment PERIOD PROGRAM`."""

from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import program_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def attainment(
    period: options.State,
    program: Annotated[
        str,
        typer.Argument(
            metavar="PROGRAM", help="A rebate or SPIF with tiers.", autocompletion=program_ids
        ),
    ],
    reach: Annotated[
        str | None,
        typer.Option(
            "--reach",
            metavar="30%",
            help="Find the threshold that this share of payees would reach.",
        ),
    ] = None,
    payees: Annotated[
        bool,
        typer.Option(
            "--payees", help="List everybody: tier, earnings, what the next tier would bring."
        ),
    ] = False,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show who reaches which tier, who is close, and which threshold is attainable."""
    from incentivectl.insight.attainment.attainment import attainment_of
    from incentivectl.insight.attainment.report import attainment_report
    from incentivectl.program_files.edit import parse_share
    from incentivectl.run.known import known_program

    voice = Voice.of_report(form, output, quiet, verbose)
    share = None if reach is None else parse_share(reach, "--reach", within_one=True)
    with answering(voice, workspace) as at:
        known = at.known(period)
        at.progress("measuring this period and those before it")
        found = attainment_of(known, known_program(known.loaded, program), share)
        report = attainment_report(found, payees=payees)
    voice.result(report)
