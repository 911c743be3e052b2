"""A run of a small workspace, for tests of what is found out from runs."""

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from incentivectl.insight.metrics import View, no_postings
from incentivectl.insight.metrics.figures import Area, Definition, Value
from incentivectl.insight.metrics.found import found_in
from incentivectl.insight.metrics.missing import Missing
from incentivectl.run.run import Run, run_on
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


class Answers:
    """What an area found in a run, by figure, scope and id."""

    def __init__(
        self,
        area: Area,
        run: Run,
        postings: pl.DataFrame | None = None,
    ) -> None:
        view = View(run, no_postings() if postings is None else postings)
        self.found = {key: one.value for key, one in found_in(area, view).items()}

    def __call__(self, definition: Definition, scope: str = "whole", of: str = "") -> Value:
        """The value of a figure."""
        return self.found[definition.key, scope, of]  # type: ignore[index]

    def why(self, definition: Definition, scope: str = "whole", of: str = "") -> str:
        """Why a figure cannot be computed."""
        value = self(definition, scope, of)
        assert isinstance(value, Missing), value
        return value.why
