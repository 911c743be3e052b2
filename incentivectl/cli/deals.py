"""`incentivectl deals [PERIOD]`."""

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def deals(
    period: options.StateToday = "this-month",
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show registered deals: pipeline, sales, conflicts, expiring protections."""
    from incentivectl.insight.deals.deals import deals_of
    from incentivectl.insight.deals.report import deals_report

    voice = Voice.of_report(form, output, quiet, verbose)
    with answering(voice, workspace) as at:
        known = at.known(period)
        at.progress("matching deals")
        found = deals_of(known)
    voice.result(deals_report(found, known))
