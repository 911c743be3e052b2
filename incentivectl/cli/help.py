"""Help that is read whole: descriptions of commands are wrapped, not cut."""

from typing import Any

import typer
from typer.core import TyperGroup


class WholeHelp(TyperGroup):
    """A group whose list of commands has their whole descriptions."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Writes the list; what is set as a short help is not shortened."""
        for one in self.commands.values():
            one.short_help = one.short_help or " ".join((one.help or "").split())
        super().format_commands(ctx, formatter)


def group(name: str, description: str) -> typer.Typer:
    """A group of commands, such as `batch`; without a command it prints its help."""
    return typer.Typer(
        cls=WholeHelp, name=name, help=description, no_args_is_help=True, rich_markup_mode=None
    )
