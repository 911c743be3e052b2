"""Wrong usage that the command line itself finds: an unknown option, a missing argument.

Where JSON was asked for, it is an object with `problems` like every other problem (rule 37.2).
"""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import typer

from incentivectl.cli.ending import tell
from incentivectl.cli.help import WholeHelp
from incentivectl.core.errors import ExitCode, Problem


class Commands(WholeHelp):
    """All commands; what is wrong with a command line is said in the format that was asked for."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Runs the command that was asked for."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = _plain(error.message)
            raise

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Runs the command that was asked for, and exits if it is to stand alone."""
        words = sys.argv[1:] if args is None else list(args)
        as_json = standalone_mode and _ask_for_json(words)
        try:
            code = super().main(
                args,
                prog_name,
                complete_var,
                standalone_mode and not as_json,
                windows_expand_args,
                **extra,
            )
        except typer.TyperException as error:
            if not as_json:
                raise
            message = getattr(error, "format_message", error.__str__)()
            hint = "`--help` after the command shows its arguments and options"
            tell([Problem("bad-usage", message, hint)], as_json=True)
            code = ExitCode.USAGE
        if as_json:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _plain(message: str) -> str:
    """A message about an option's value in our own words: the library that checks it adds some."""
    if message.startswith("Input should be a valid integer"):
        return "expected a whole number"
    return message.removeprefix("Value error, ")


def _ask_for_json(words: Sequence[str]) -> bool:
    """Whether `--format json` is among the words, or an output file that ends in .json."""
    return "--format=json" in words or any(
        (option == "--format" and value == "json")
        or (option in ("-o", "--output") and value.endswith(".json"))
        for option, value in pairwise(words)
    )
