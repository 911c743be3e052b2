"""The options that commands share."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli.completion import batch_ids, payee_ids, program_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice
from incentivectl.core import memory
from incentivectl.core.errors import ExitCode, Problem, Refused

__all__ = [
    "Voice",
    "batch_ids",
    "command",
    "payee_ids",
    "program_ids",
]

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        envvar="INCENTIVECTL_WORKSPACE",
        help="The workspace; by default the one around the current folder.",
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="table|json|csv|md", help="Output format; default: table."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write to FILE; its extension sets the format."
    ),
]
ReopenOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reopen", metavar="ID:START", help="Reopen a closed measurement period and book it."
    ),
]


def _limit_memory(size: str | None) -> str | None:
    """Sets the limit before anything large is imported; refuses an invalid or too small one."""
    if memory.limit_to(size or memory.DEFAULT_SIZE) is None:
        raise typer.BadParameter(
            f"invalid size `{size}`; use {memory.LEAST_SIZE} or more, such as 900MB or 2GB"
        )
    return size


MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        envvar=memory.VARIABLE,
        callback=_limit_memory,
        is_eager=True,
        help=f"Approximate memory limit; default: {memory.DEFAULT_SIZE}.",
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="Spread the work: processes, spark, or none; default: [engine] of the config.",
    ),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        help="The cluster: spark://…, sc://…, yarn, k8s://…, local[*]; or a number of processes.",
    ),
]
SharedOption = Annotated[
    str | None,
    typer.Option("--shared", metavar="DIR", help="A folder that every machine of it sees."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show each step on stderr.")]


class FailOn(StrEnum):
    """What makes a command that has done its work end with exit code 6."""

    WARNING = "warning"
    ATTENTION = "attention"


FailOnOption = Annotated[
    FailOn | None,
    typer.Option("--fail-on", help="Exit with code 6 on warnings, or if anything needs attention."),
]


def day_of(text: str, option: str) -> date:
    """A date such as 2026-09-30; anything else is a usage error."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem("bad-date", f"{option}: invalid date `{text}`", "use 2026-09-30")
        raise Refused([problem], ExitCode.USAGE) from None
