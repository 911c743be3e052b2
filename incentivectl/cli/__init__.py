"""The command line: one file per command; options in, one call, one result rendered."""

import atexit
import gc
import os
import sys

from incentivectl.core.memory import ALLOCATOR

_NEW_OBJECTS = (
    100_000  # of the garbage collector; with Python's own 700 it takes a fifth of a start
)


def main() -> None:
    """The console script. The version alone needs none of the commands."""
    gc.set_threshold(_NEW_OBJECTS)
    os.environ.setdefault(*ALLOCATOR)
    atexit.register(gc.freeze)  # what is left goes with the process
    from incentivectl import __version__
    from incentivectl.cli.streams import drop_output, err, out, prepare
    from incentivectl.core.errors import ExitCode, Refused

    prepare()
    try:
        if sys.argv[1:] == ["--version"]:
            out(f"incentivectl {__version__}\n")
            return
        from incentivectl.cli.app import main as with_commands

        with_commands()
    except Refused as refused:  # what only --version and --help print outside of a command
        err(f"error: {refused.problems[0].message}")
        sys.exit(refused.exit_code)
    except OSError as error:
        drop_output()
        err(f"error: the output could not be written: {(error.strerror or str(error)).lower()}")
        sys.exit(ExitCode.CONFIG)


__all__ = ["main"]
