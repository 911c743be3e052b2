"""`incentivectl audit FILE`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import program_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def audit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file of payouts.")],
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="OUR=THEIRS",
            help="The file's column for payee_id, amount, program_id or currency; repeatable.",
        ),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="PERIOD", help="Default: that of the newest run."),
    ] = None,
    program: Annotated[
        str | None,
        typer.Option(
            "--program",
            metavar="ID",
            help="The program that the file pays.",
            autocompletion=program_ids,
        ),
    ] = None,
    encoding: Annotated[
        str, typer.Option("--encoding", metavar="NAME", help="The file's encoding.")
    ] = "utf-8",
    delimiter: Annotated[
        str, typer.Option("--delimiter", metavar="CHAR", help="The file's delimiter.")
    ] = ",",
    decimal: Annotated[
        str, typer.Option("--decimal", metavar="CHAR", help="The file's decimal separator.")
    ] = ".",
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Check a third party's payout file and name the cause of each difference."""
    from incentivectl.core.errors import ExitCode, Problem, Refused
    from incentivectl.insight.audit.audit import audited
    from incentivectl.insight.audit.payout_file import FileDialect, parse_map, read_payouts
    from incentivectl.insight.audit.report import audit_report
    from incentivectl.insight.compare.diff import default_period
    from incentivectl.ledger.booked import booked_earlier
    from incentivectl.run.known import known_program
    from incentivectl.run.run import calculate

    voice = Voice.of_report(form, output, quiet, verbose)
    named = parse_map(mapped or ())
    odd_delimiter = len(delimiter) != 1 or delimiter in '"\r\n\0'
    if decimal not in (".", ",") or odd_delimiter or delimiter == decimal == ",":
        hint = "--decimal must be . or , and --delimiter another single character"
        problem = Problem("bad-dialect", "invalid --decimal or --delimiter", hint)
        raise Refused([problem], ExitCode.USAGE)
    rows = read_payouts(file, named, FileDialect(encoding, delimiter, decimal))
    with answering(voice, workspace) as at:
        wanted = period or default_period(at.root)
        known = at.known(wanted, cached=False)
        if program is not None:
            known_program(known.loaded, program)
        past = booked_earlier(known.loaded.workspace.ledger, known.period.last)
        run = calculate(known.loaded, known.period, known.inputs, at.progress, past=past)
        report = audit_report(audited(known, run, file, rows, program, at.progress))
    voice.result(report)
