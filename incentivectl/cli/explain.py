"""`incentivectl explain PERIOD [PAYEE]`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import payee_ids, program_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice

if TYPE_CHECKING:
    from incentivectl.run.known import Known


@command
def explain(
    period: options.State,
    payee: Annotated[
        str | None,
        typer.Argument(
            metavar="PAYEE", help="A partner or a rep, by id or name.", autocompletion=payee_ids
        ),
    ] = None,
    program: Annotated[
        str | None,
        typer.Option(
            "--program", metavar="ID", help="Only this program.", autocompletion=program_ids
        ),
    ] = None,
    line: Annotated[
        str | None,
        typer.Option(
            "--line",
            metavar="SALE_ID",
            help="Instead of a payee: what each program did with this sale.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="BATCH|DIR",
            help="What changed since a batch, or since an earlier copy of the workspace.",
        ),
    ] = None,
    since_period: Annotated[
        str | None,
        typer.Option(
            "--since-period", metavar="PERIOD", help="PERIOD of that state, if different."
        ),
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="List all lines, including those that do not count.")
    ] = False,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Explain a payout, from total to line items; books nothing."""
    from incentivectl.core.errors import ExitCode, Problem, Refused
    from incentivectl.insight.causes.states import TwoStates
    from incentivectl.insight.compare.whatif import baseline_of
    from incentivectl.insight.explain.causes import changes_of
    from incentivectl.insight.explain.explain import corrects, explained
    from incentivectl.insight.explain.report import explain_report
    from incentivectl.insight.explain.report_sale import sale_report
    from incentivectl.insight.explain.sale import sale_explained
    from incentivectl.insight.payee import payee_named
    from incentivectl.ledger.booked import booked_earlier
    from incentivectl.run.known import known_program

    voice = Voice.of_report(form, output, quiet, verbose)
    if (payee is None) == (line is None):
        message = "PAYEE is missing" if payee is None else "PAYEE and --line exclude each other"
        hint = "use explain PERIOD PAYEE, or explain PERIOD --line SALE_ID"
        raise Refused([Problem("bad-usage", message, hint)], ExitCode.USAGE)
    with answering(voice, workspace) as at:
        # A sale's rejected rows are shown, too, and the cache does not have them.
        known = at.known(period, cached=line is None)
        if program is not None:
            known_program(known.loaded, program)
        only = None if program is None else [program]  # a payout is made of all of them
        past = booked_earlier(known.loaded.workspace.ledger, known.period.last)
        run = baseline_of(known, at.progress, only=only, past=past).run
        if payee is None:
            sale = sale_explained(run, line or "", program)
            report = sale_report(sale, verdicts=program is not None)
        else:
            named = payee_named(run, payee)
            changes, then = None, None
            if since is not None or corrects(run, named):
                at.progress("finding causes")
                then = _then(known, since, since_period, at.scratch / "then", at.progress)
            if then is not None:
                changes = changes_of(TwoStates(then, known), named, at.progress, program)
            (told,) = explained(run, [named], program)
            report = explain_report(told, changes, every_line=lines)
    voice.result(report)


def _then(
    known: "Known",
    since: str | None,
    since_period: str | None,
    scratch: Path,
    progress: Callable[[str], None],
) -> "Known | None":
    """The state that is compared with: a batch's, a copy's, or by default the last batch's."""
    from datetime import date

    from incentivectl.posting.recompute import batch_before, state_of
    from incentivectl.run.known import known_on

    root = known.loaded.workspace.root
    if since is not None and Path(since).is_dir():
        when = since_period or known.period.label
        return known_on(Path(since), when, date.today(), scratch, progress)
    batch = since or batch_before(root, known.period.last)
    return None if batch is None else state_of(root, batch)
