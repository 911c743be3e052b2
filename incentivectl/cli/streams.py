"""The two streams: whatever a command writes to stdout or stderr goes through here.

A foreign text is made legible on its way out, what the encoding of a stream lacks is replaced, and a
stream that was closed before the start drops what it is given.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterable
from io import TextIOWrapper

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.safe_text import encodable, legible


def prepare() -> None:
    """Makes both streams take any text, and keeps files from getting the numbers of closed streams."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def out(text: str, *, styled: bool = False) -> None:
    """Writes a result to stdout; refuses where that cannot take it. `styled` has escapes of ours."""
    try:
        sys.stdout.write(text if styled else encodable(text))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        raise _lost(error) from None


def out_json(text: str) -> None:
    """Writes JSON to stdout, in ASCII where its encoding has nothing else."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    is_utf = encoding.lower().replace("-", "").startswith("utf")
    out(text if is_utf else json.dumps(json.loads(text), indent=2) + "\n")


def err(text: str) -> None:
    """One line on stderr, on a terminal wrapped between words; drops it where stderr takes nothing."""
    from incentivectl.output.wrapping import wrapped

    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
    err_lines(wrapped(legible(text), width, rest="  "))


def err_lines(lines: Iterable[str]) -> None:
    """Lines of our own making on stderr, perhaps styled; foreign texts in them are legible already."""
    try:
        for line in lines:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except OSError:
        return


def drop_output() -> None:
    """Nothing more is written to stdout, not even what it still holds."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lost(error: OSError) -> Refused:
    reason = (error.strerror or str(error)).lower()
    hint = "the command itself has finished; write its result elsewhere with --output"
    message = f"the result could not be written to stdout: {reason}"
    return Refused([Problem("output-lost", message, hint)], ExitCode.CONFIG)
