"""Exchange rates, without the rest of a workspace's exports."""

from datetime import date
from pathlib import Path

from incentivectl.core.errors import ExitCode, Refused, errors_in
from incentivectl.core.rates import DayRates, RatesOfDay
from incentivectl.core.scratch import scratch_folder
from incentivectl.ingest.table_reading import read_alone
from incentivectl.workspace.workspace import Workspace


def rates_of(workspace: Workspace) -> DayRates:
    """The rates of the table `fx` by day; refuses a table that cannot be read."""
    with scratch_folder() as scratch:
        fx, _, problems = read_alone(workspace, Path(scratch), "fx")
    if errors_in(problems):
        raise Refused(problems, ExitCode.DATA)
    return workspace.rates(fx)


def rates_on(workspace: Workspace, day: date) -> RatesOfDay:
    """Those that are good on a day."""
    return rates_of(workspace).on(day, home=workspace.currency)
