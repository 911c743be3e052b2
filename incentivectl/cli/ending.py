"""How every command ends: with problems and their exit code, never with a traceback.

With `--format json` the problems stand in one object on stdout. A message that follows a
change of the ledger says so.
"""

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec

import typer

from incentivectl.cli.streams import drop_output, err, err_lines, out_json
from incentivectl.cli.voice import print_problems
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.safe_text import is_encodable, legible
from incentivectl.ledger.committed import begin, has_committed

P = ParamSpec("P")
COMMITTED = "note: the ledger was changed before this happened; `incentivectl batch list` shows how"


def command(function: Callable[P, None]) -> Callable[P, None]:
    """Ends a command cleanly: problems with their exit code, never a traceback."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        from incentivectl.cli.interrupts import interruptible, say_interrupted

        begin()
        as_json = _asks_for_json(kwargs.get("form"), kwargs.get("output"))
        try:
            with interruptible():
                function(*args, **kwargs)
        except Refused as refused:
            tell(refused.problems, as_json=as_json)
            raise typer.Exit(refused.exit_code) from None
        except KeyboardInterrupt:
            say_interrupted()
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            drop_output()  # the reader of our output went away; nothing more can be said
            raise typer.Exit(ExitCode.DONE) from None
        except typer.BadParameter as error:
            if not as_json:
                raise
            tell([Problem("bad-usage", error.message)], as_json=True)
            raise typer.Exit(ExitCode.USAGE) from None
        except typer.Exit:
            raise
        except OSError as error:
            tell([problem_of(error)], as_json=as_json)
            raise typer.Exit(ExitCode.CONFIG) from None
        except _defects() as error:
            if isinstance(error, UnicodeEncodeError) and not is_encodable(error.object):
                tell([_odd_name(error)], as_json=as_json)
                raise typer.Exit(ExitCode.CONFIG) from None
            # Anything else is a defect of ours: say so, and how to report it.
            if os.environ.get("INCENTIVECTL_TRACEBACK"):
                raise
            _tell_defect(error, as_json=as_json)
            raise typer.Exit(ExitCode.BROKEN) from None

    return wrapped


def _defects() -> tuple[type[BaseException], ...]:
    """Every exception that is not one of ours; a panic of Polars is no `Exception`."""
    from polars.exceptions import PanicException

    return (Exception, PanicException)


def problem_of(error: OSError) -> Problem:
    """A file that the system refuses, in plain words."""
    file = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
    reason = (error.strerror or str(error)).lower()
    return Problem("cannot-use-file", reason, hint="check the path and its permissions", file=file)


def _odd_name(error: UnicodeEncodeError) -> Problem:
    """A file name that is not UTF-8 and stands in a text that has to be."""
    around = error.object[max(0, error.start - 40) : error.end + 40]
    message = f"a file or folder has a name that is not valid UTF-8: {around}"
    return Problem("bad-file-name", message, "rename it")


def _asks_for_json(form: object, output: object) -> bool:
    """Whether the command was to write JSON, by its options."""
    if isinstance(form, str):
        return form == "json"
    return isinstance(output, Path) and output.suffix == ".json"


def tell(problems: Sequence[Problem], *, as_json: bool) -> None:
    """The problems, and whether the ledger was changed before them."""
    if not as_json:
        print_problems(problems)
        if has_committed():
            err(COMMITTED)
        return
    from incentivectl.output.data_text import json_text
    from incentivectl.output.problems import problem_body

    body: dict[str, object] = {"problems": [problem_body(one) for one in problems]}
    if has_committed():
        body["ledger_changed"] = "yes"
    try:
        out_json(json_text(body))
    except Refused:  # stdout cannot take it either
        print_problems(problems)


def _tell_defect(error: BaseException, *, as_json: bool) -> None:
    changed = COMMITTED.removeprefix("note: ") if has_committed() else "nothing was booked"
    lines = str(error).strip().splitlines() or [""]  # Polars' messages go on with a whole plan
    message = f"internal error: {type(error).__name__}: {lines[0]}".removesuffix(": ")
    rest = "the whole message and " if len(lines) > 1 else ""
    hint = (
        f"this is a defect of incentivectl, not of your data; {changed}."
        f" INCENTIVECTL_TRACEBACK=1 shows {rest}where it happened."
    )
    if as_json:
        tell([Problem("internal-error", message, hint)], as_json=True)
    else:
        err_lines([legible(message), "", f"hint: {hint}"])
