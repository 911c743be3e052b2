"""`incentivectl check`."""

from incentivectl.cli import options
from incentivectl.cli.answering import working_here
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def check(
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    fail_on: options.FailOn = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Check config, programs, their examples and data; list all problems at once."""
    from pathlib import Path

    from incentivectl.core.scratch import scratch_folder
    from incentivectl.posting.preview import objections_to_delivery
    from incentivectl.reports.summary import check_report
    from incentivectl.run.attention import attention_of_check
    from incentivectl.run.checking import checked
    from incentivectl.run.loading import workspace_root

    voice = Voice.of_report(form, output, quiet, verbose, fail_on)
    root = workspace_root(workspace)
    with working_here(voice, root) as progress, scratch_folder() as scratch:
        loaded, inputs, warnings = checked(root, Path(scratch), progress, voice.pace(progress))
        objections = objections_to_delivery(loaded, inputs)
    report = check_report(loaded, inputs, objections)
    voice.result(report, warnings, reported=voice.reaches_one_screen())
    voice.attend(attention_of_check(loaded, inputs, objections), warnings)
