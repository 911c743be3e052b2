"""Shell completion: ids of programs, payees and batches, as the workspace has them now."""

import os
from pathlib import Path


def program_ids(incomplete: str) -> list[str]:
    """The ids of the workspace's programs, as their files spell them."""
    from incentivectl.core.input_files import toml
    from incentivectl.workspace.load import load_workspace

    root = _completion_root()
    workspace = None if root is None else load_workspace(root)[0]
    if workspace is None:
        return []
    found = set()
    for file in workspace.programs_dir.glob("*.toml"):
        try:
            told = toml(file).get("id")
        except (OSError, ValueError):  # what is wrong with it, `check` says
            continue
        if isinstance(told, str) and told.startswith(incomplete):
            found.add(told)
    return sorted(found)


def payee_ids(incomplete: str) -> list[str]:
    """The payees of the newest run, or nothing before the first."""
    import csv

    from incentivectl.core.input_files import opened_text
    from incentivectl.workspace.load import load_workspace

    root = _completion_root()
    workspace = None if root is None else load_workspace(root)[0]
    runs = [] if workspace is None else list(workspace.reports.glob("*/earnings.csv"))
    if not runs:
        return []
    try:
        with opened_text(max(runs, key=lambda path: path.stat().st_mtime), "utf-8") as file:
            ids = {row.get("payee_id") or "" for row in csv.DictReader(file)}
    except (OSError, ValueError, csv.Error):  # what is wrong with it, `report` says
        return []
    return sorted(one for one in ids if one and one.startswith(incomplete))


def batch_ids(incomplete: str) -> list[str]:
    """The ids of the ledger's batches, newest first."""
    from incentivectl.core.errors import Refused
    from incentivectl.ledger.connection import reading
    from incentivectl.ledger.records import batches
    from incentivectl.workspace.load import load_workspace

    root = _completion_root()
    workspace = None if root is None else load_workspace(root)[0]
    if workspace is None:
        return []
    try:
        with reading(workspace.ledger) as ledger:
            ids = [one.id for one in batches(ledger)]
    except Refused:  # what is wrong with it, `ledger verify` says
        return []
    return [one for one in reversed(ids) if one.startswith(incomplete)]


def _completion_root() -> Path | None:
    from incentivectl.workspace.workspace import find_workspace

    named = os.environ.get("INCENTIVECTL_WORKSPACE")
    return Path(named) if named else find_workspace(Path.cwd())
