"""Help that is read whole: descriptions of commands are wrapped, not cut."""

from typing import Any

from typer.core import TyperGroup


class WholeHelp(TyperGroup):
    """A group whose list of commands has their whole descriptions."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Writes the list; what is set as a short help is not shortened."""
        for one in self.commands.values():
            one.short_help = one.short_help or " ".join((one.help or "").split())
        super().format_commands(ctx, formatter)
