"""A run of a small workspace, for tests of what is found out from runs."""

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from incentivectl.insight.known import run_on
from incentivectl.run import Run
from tests.small_workspace import CONFIG, write_workspace


def run_of(
    root: Path,
    period: str = "2026-09",
    *,
    config: str = CONFIG,
    programs: Mapping[str, str] | None = None,
    tables: Mapping[str, str] | None = None,
) -> Run:
    """Writes the small workspace with these programs and tables into `root` and settles PERIOD."""
    write_workspace(root, config=config, programs=programs, tables=tables)
    return rerun(root, period)


def rerun(root: Path, period: str) -> Run:
    """Settles PERIOD of a workspace that is there; its data stays readable beside it."""
    scratch = Path(tempfile.mkdtemp(prefix="scratch", dir=root))
    return run_on(root, period, date(2026, 11, 1), scratch, lambda _: None)
