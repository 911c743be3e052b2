"""`incentivectl tax YEAR`."""

from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import config_of
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def tax(
    year: Annotated[
        int, typer.Argument(metavar="YEAR", min=1900, max=2199, help="A calendar year.")
    ],
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """List what was paid in a calendar year: gross, withheld, net, and who exceeds the threshold."""
    from incentivectl.posting.report_tax import tax_report
    from incentivectl.posting.tax import tax_year

    voice = Voice.of_report(form, output, quiet, verbose)
    config = config_of(workspace)
    with voice.progress() as progress:
        progress("reading the ledger")
        found = tax_year(config, year)
    voice.result(tax_report(found, config))
