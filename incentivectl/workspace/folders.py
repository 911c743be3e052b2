"""Where the commands that book keep things in a workspace."""

from dataclasses import dataclass
from pathlib import Path

from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Places:
    """The ledger, what batches were computed from, the files of runs, and payment files."""

    root: Path
    ledger: Path
    archive: Path
    reports: Path
    payments: Path


def places_of(workspace: Workspace) -> Places:
    """The places of one workspace."""
    root = workspace.root
    return Places(root, workspace.ledger, root / "archive", workspace.reports, root / "payments")
