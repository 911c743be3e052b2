"""The arguments and options that commands share, as types of their parameters."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from incentivectl.core import memory
from incentivectl.core.errors import ExitCode, Problem, Refused

_PERIOD = typer.Argument(
    metavar="PERIOD", help="Such as 2026-09, 2026-Q3, 2026-H2, 2026 or last-month."
)
Period = Annotated[str, _PERIOD]
PeriodOrNone = Annotated[str | None, _PERIOD]
State = Annotated[str, typer.Argument(metavar="PERIOD", help="The state on its last day.")]
StateToday = Annotated[
    str, typer.Argument(metavar="PERIOD", help="The state on its last day; default: this month.")
]

Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        envvar="INCENTIVECTL_WORKSPACE",
        help="The workspace; by default the one around the current folder.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="table|json|csv|md", help="Output format; default: table."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write to FILE; its extension sets the format."
    ),
]
Reopen = Annotated[
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


Memory = Annotated[
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
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="Spread the work: processes, spark, or none; default: [engine] of the config.",
    ),
]
Master = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        help="The cluster: spark://…, sc://…, yarn, k8s://…, local[*]; or a number of processes.",
    ),
]
Shared = Annotated[
    str | None,
    typer.Option("--shared", metavar="PLACE", help="A folder or URL that every machine sees."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show each step on stderr.")]


class FailsOn(StrEnum):
    """What makes a command that has done its work end with exit code 6."""

    WARNING = "warning"
    ATTENTION = "attention"


FailOn = Annotated[
    FailsOn | None,
    typer.Option("--fail-on", help="Exit with code 6 on warnings, or if anything needs attention."),
]


def day_of(text: str, option: str) -> date:
    """A date such as 2026-09-30; anything else is a usage error."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem("bad-date", f"{option}: invalid date `{text}`", "use 2026-09-30")
        raise Refused([problem], ExitCode.USAGE) from None
