"""What commands begin with: the workspace; for questions a scratch folder and progress on stderr, too."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from incentivectl.cli.voice import Voice

if TYPE_CHECKING:
    from incentivectl.run.known import Known
    from incentivectl.run.run import Run
    from incentivectl.workspace.workspace import Workspace

T = TypeVar("T")
HERE = "note: this machine reads everything by itself: [engine] spreads only `run` and `batch post`"


@dataclass(frozen=True)
class Answering:
    """A command at work: the root of its workspace, a folder for its data, and what it is doing."""

    root: Path
    scratch: Path
    progress: Callable[[str], None]
    ends: ExitStack

    def during(self, lasting: AbstractContextManager[T]) -> T:
        """Enters a context that lasts until the command has its answer."""
        return self.ends.enter_context(lasting)

    def known(self, period: str, *, cached: bool = True, tolerant: bool = False) -> "Known":
        """The workspace and its data as of the last day of `period`; see `known_on`."""
        from incentivectl.run.known import known_on

        return known_on(
            self.root,
            period,
            date.today(),
            self.scratch,
            self.progress,
            cached=cached,
            tolerant=tolerant,
        )

    def run(self, period: str) -> "Run":
        """The same with every program computed."""
        from incentivectl.run.run import run_on

        return run_on(self.root, period, date.today(), self.scratch, self.progress)


def config_of(workspace: Path | None) -> "Workspace":
    """The config of the workspace that a command is about; refuses one that has errors."""
    from incentivectl.run.loading import load_config, workspace_root

    return load_config(workspace_root(workspace))


@contextmanager
def answering(
    voice: Voice, workspace: Path | None, *, spreads: bool = False
) -> Iterator[Answering]:
    """While a question about `workspace` is answered, on this machine unless the command `spreads`."""
    from incentivectl.core.scratch import scratch_folder
    from incentivectl.run.loading import workspace_root

    root = workspace_root(workspace)
    work = voice.progress() if spreads else working_here(voice, root)
    with work as progress, scratch_folder() as scratch, ExitStack() as ends:
        yield Answering(root, Path(scratch), progress, ends)


@contextmanager
def working_here(voice: Voice, root: Path) -> Iterator[Callable[[str], None]]:
    """The progress of what this machine alone works on, which is said where the config names an engine."""
    from incentivectl.workspace.load import load_workspace

    config, _ = load_workspace(root)  # what is wrong in it is told by whoever needs it
    if config is not None and config.engine.name:
        voice.say(HERE)
    with voice.progress() as progress:
        yield progress
