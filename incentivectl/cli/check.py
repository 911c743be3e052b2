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
    """Check config, programs, their examples and data; list all problems at once."""
    from pathlib import Path

    from incentivectl.core.scratch import scratch_folder
    from incentivectl.posting.preview import objections_to_delivery
    from incentivectl.reports.summary import check_report
    from incentivectl.run.attention import attention_of_check
    from incentivectl.run.checking import checked
    from incentivectl.run.loading import workspace_root

    voice = Voice(form, output, quiet, verbose, fail_on)
    voice.check_format()
    with voice.progress() as progress, scratch_folder() as scratch:
        root = workspace_root(workspace)
        loaded, inputs, warnings = checked(root, Path(scratch), progress, voice.pace(progress))
        objections = objections_to_delivery(loaded, inputs)
    report = check_report(loaded, inputs, objections)
    voice.result(report, warnings, reported=voice.reaches_one_screen())
    voice.attend(attention_of_check(loaded, inputs, objections), warnings)
