"""Every problem of a workspace at once: config, programs, examples and data."""

from collections.abc import Callable
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused, errors_in
from incentivectl.ingest.account.tolerance import over_tolerance
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.progress import Report
from incentivectl.run.attention import warnings_of
from incentivectl.run.loading import Loaded, read_inputs, survey


def checked(
    root: Path, scratch: Path, progress: Callable[[str], None], pace: Report | None
) -> tuple[Loaded, Inputs, list[Problem]]:
    """The workspace at `root`, its exports, and every warning; refuses with all that is wrong.

    A problem in one place hides none in another: exports are read even if programs are refused,
    and with a config of which only the sources and the currency are sound.
    """
    progress("checking programs")
    found = survey(root)
    wrong = list(found.problems)
    inputs = None
    if found.loaded is not None and found.readable:
        try:
            inputs = read_inputs(found.loaded, scratch, progress, pace=pace)
        except Refused as refused:
            wrong += refused.problems
    if found.loaded is None or inputs is None or errors_in(found.problems):
        of_data = _of_data(found.loaded, inputs)
        code = ExitCode.CONFIG if errors_in(found.problems) else ExitCode.DATA
        raise Refused([*wrong, *of_data], code)
    warnings = warnings_of(found.loaded, inputs)
    beyond = over_tolerance(found.loaded.workspace, inputs)
    if beyond:
        raise Refused([*beyond, *warnings], ExitCode.DATA)
    return found.loaded, inputs, warnings


def _of_data(loaded: Loaded | None, inputs: Inputs | None) -> list[Problem]:
    """What the exports alone say; what they say of programs must wait until those are sound."""
    if loaded is None or inputs is None:
        return []
    return [*over_tolerance(loaded.workspace, inputs), *inputs.problems]
