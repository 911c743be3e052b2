"""The command line: one file per command; options in, one call, one result rendered."""

import sys


def main() -> None:
    """The console script. The version alone needs none of the commands."""
    if sys.argv[1:] == ["--version"]:
        from incentivectl import __version__

        sys.stdout.write(f"incentivectl {__version__}\n")
        return
    from incentivectl.cli.app import main as with_commands

    with_commands()


__all__ = ["main"]
