"""`incentivectl tax YEAR`."""

from typing import Annotated

import typer

from incentivectl.cli.options import (
    FormatOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
)


@command
def tax(
    year: Annotated[
        int, typer.Argument(metavar="YEAR", min=1900, max=2199, help="A calendar year.")
    ],
    workspace: WorkspaceOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """List what was paid in a calendar year: gross, withheld, net, and who exceeds the threshold."""
    from incentivectl.posting.report_tax import tax_report
    from incentivectl.posting.tax import tax_year
    from incentivectl.run.loading import load_config, workspace_root

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    config = load_config(workspace_root(workspace))
    with voice.progress() as progress:
        progress("reading the ledger")
        found = tax_year(config, year)
    voice.result(tax_report(found, config))
