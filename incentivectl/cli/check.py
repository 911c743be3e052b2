"""`incentivectl check`."""

from incentivectl.cli.options import (
    FailOnOption,
    FormatOption,
    MemoryOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
)


@command
def check(
    workspace: WorkspaceOption = None,
    memory: MemoryOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Check config, programs, their examples and data; print all problems at once."""
    from pathlib import Path

    from incentivectl.errors import ExitCode, Refused
    from incentivectl.ingest.tolerance import over_tolerance
    from incentivectl.insight.attention import attention_of_check, warnings_of
    from incentivectl.reports.summary import check_report
    from incentivectl.run import load, read_inputs, workspace_root
    from incentivectl.unfinished import scratch_folder

    voice = Voice(form, output, quiet, verbose, fail_on)
    voice.check_format()
    with voice.progress() as progress, scratch_folder() as scratch:
        progress("checking programs")
        loaded = load(workspace_root(workspace))
        inputs = read_inputs(loaded, Path(scratch), progress, pace=voice.pace(progress))
        warnings = warnings_of(loaded, inputs)
    beyond = over_tolerance(loaded.workspace, inputs)
    if beyond:
        raise Refused([*beyond, *warnings], ExitCode.DATA)
    voice.result(check_report(loaded, inputs), warnings)
    voice.attend(attention_of_check(loaded, inputs), warnings)
