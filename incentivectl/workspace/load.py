"""Loads `incentivectl.toml`: the workspace as far as it is sound, and all that is wrong with it."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from incentivectl.core.calendar import Calendar
from incentivectl.core.errors import Problem, errors_in
from incentivectl.toml.problems import problems_of
from incentivectl.toml.source import TomlSource, read_toml
from incentivectl.workspace.config_file import ConfigFile
from incentivectl.workspace.debtor_checks import debtor_problems
from incentivectl.workspace.source import CONFIG_NAME
from incentivectl.workspace.sources import read_sources
from incentivectl.workspace.workspace import Workspace

_STAND_IN = "USD"


@dataclass(frozen=True, slots=True)
class Sketch:
    """A workspace as far as its config is sound: what is wrong is left out, or has its default.

    None where the config is no TOML. Where `currency` is false, the currency is made up; where
    `sources` is false, exports cannot be read as they are meant.
    """

    workspace: Workspace | None
    problems: list[Problem]
    currency: bool = False
    sources: bool = False


def load_workspace(root: Path) -> tuple[Workspace | None, list[Problem]]:
    """The workspace in the folder `root`, or none; and all that is wrong with its config."""
    sketch = sketch_workspace(root)
    is_sound = not errors_in(sketch.problems)
    return sketch.workspace if is_sound else None, sketch.problems


def sketch_workspace(root: Path) -> Sketch:
    """The workspace in the folder `root` as far as its config is sound, and all that is wrong."""
    root = root.absolute()
    file, problems = read_toml(root / CONFIG_NAME)
    if file is None:
        return Sketch(None, problems)
    config, has_currency, refused = _read_config(file)
    sources, source_problems = read_sources(file)
    keys = config.workspace
    workspace = Workspace(
        root=root,
        config_file=file.file,
        name=keys.name or root.name,
        currency=keys.currency,
        calendar=Calendar(keys.fiscal_year_starts),
        programs_dir=root / keys.programs,
        ledger=root / keys.ledger,
        reports=root / keys.reports,
        data=config.data,
        payout=config.payout,
        tax=config.tax,
        settlement=config.settlement,
        metrics=config.metrics,
        statement=config.statement,
        engine=config.engine,
        journal=config.journal,
        sources=sources,
    )
    debtors = debtor_problems(workspace.payout.debtor, workspace.attributes, file)
    found = [*problems, *refused, *source_problems, *debtors]
    return Sketch(workspace, found, has_currency, not errors_in(source_problems))


def _read_config(file: TomlSource) -> tuple[ConfigFile, bool, list[Problem]]:
    """The config without what is wrong in it, whether it names a currency, and what is wrong."""
    data = {key: deepcopy(value) for key, value in file.data.items() if key != "sources"}
    problems: list[Problem] = []
    while True:
        try:
            config = ConfigFile.model_validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            problems = problems or problems_of(error, file, ConfigFile)
            for found in error.errors(include_url=False):
                _leave_out(data, [str(step) for step in found["loc"]])
            continue
        stated = file.data.get("workspace")
        has_currency = (
            isinstance(stated, dict) and stated.get("currency") == config.workspace.currency
        )
        return config, has_currency, problems


def _leave_out(data: dict[str, Any], path: list[str]) -> None:
    """Takes the key that is wrong out of its table; the currency that is missing is made up."""
    table = data.get(path[0])
    if path[0] == "workspace":
        stated = table if isinstance(table, dict) else {}
        others = {key: value for key, value in stated.items() if key not in path[1:2]}
        data["workspace"] = {"currency": _STAND_IN} | others
    elif len(path) > 1 and isinstance(table, dict) and path[1] in table:
        del table[path[1]]
    else:
        data.pop(path[0], None)
