"""Puts the commands together. Nothing heavy is imported here, so that `--help` stays quick."""

import sys
from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from incentivectl import __version__
from incentivectl.cli.attainment import attainment
from incentivectl.cli.audit import audit
from incentivectl.cli.check import check
from incentivectl.cli.deals import deals
from incentivectl.cli.diff import diff
from incentivectl.cli.explain import explain
from incentivectl.cli.forecast import forecast
from incentivectl.cli.init import init
from incentivectl.cli.journal import journal
from incentivectl.cli.leaderboard import leaderboard
from incentivectl.cli.ledger import ledger_app
from incentivectl.cli.mdf import mdf
from incentivectl.cli.metrics import metrics
from incentivectl.cli.payments import batch_app
from incentivectl.cli.program import program_app
from incentivectl.cli.report import report
from incentivectl.cli.run import run
from incentivectl.cli.sources import sources_app
from incentivectl.cli.statement import statement
from incentivectl.cli.streams import out
from incentivectl.cli.tax import tax
from incentivectl.cli.todo import todo
from incentivectl.cli.usage import Commands
from incentivectl.cli.whatif import whatif

COMMANDS: tuple[Callable[..., None], ...] = (
    init,
    check,
    run,
    report,
    explain,
    whatif,
    diff,
    attainment,
    forecast,
    audit,
    statement,
    journal,
    leaderboard,
    metrics,
    deals,
    mdf,
    todo,
    tax,
)
GROUPS = (sources_app, program_app, batch_app, ledger_app)


def _show_version(asked: bool) -> None:
    if asked:
        out(f"incentivectl {__version__}\n")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def _app_of(commands: Iterable[Callable[..., None]], groups: Iterable[typer.Typer]) -> typer.Typer:
    made = typer.Typer(
        cls=Commands,
        name="incentivectl",
        help="Channel incentives computed to the cent: rebates, SPIFs and more from sales exports.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(_options)
    for command in commands:
        made.command()(command)
    for group in groups:
        made.add_typer(group)
    return made


app = _app_of(COMMANDS, GROUPS)


def main() -> None:
    """Runs the command that was asked for."""
    named = sys.argv[1] if len(sys.argv) > 1 else ""
    commands = [command for command in COMMANDS if command.__name__ == named]
    groups = [group for group in GROUPS if group.info.name == named]
    if commands or groups:  # the others need not be built
        _app_of(commands, groups)()
    if sys.argv[1:] == ["--help"]:  # which shows groups without their commands: nor need those
        for group in GROUPS:
            group.registered_commands.clear()
    app()
