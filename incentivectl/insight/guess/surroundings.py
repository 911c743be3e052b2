"""What a workspace knows already when sources are guessed in it."""

from pathlib import Path

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.tables import TABLES
from incentivectl.ingest.rows.masters import MASTERS
from incentivectl.ingest.table_reading import read_tables
from incentivectl.insight.guess.columns import Known
from incentivectl.insight.guess.together import Surroundings
from incentivectl.toml.wrong import nearest_hint
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.workspace import find_workspace


def known_table(name: str | None) -> str | None:
    """The table that `--table` names; raises Refused for an unknown one."""
    if name is None or name in TABLES:
        return name
    hint = nearest_hint(name, TABLES) or f"choose from {', '.join(TABLES)}"
    raise Refused(
        [Problem("unknown-table", f"--table: unknown table `{name}`", hint)], ExitCode.USAGE
    )


def surroundings(named: Path | None, scratch: Path) -> Surroundings:
    """The workspace that is named or lies around the current folder, else that folder alone."""
    root = named if named is not None else find_workspace(Path.cwd())
    if root is None:
        return Surroundings(Path.cwd())
    workspace, problems = load_workspace(root)
    if workspace is None:
        if named is not None:
            raise Refused(problems, ExitCode.CONFIG)
        return Surroundings(root)
    tables = read_tables(workspace, scratch / "masters", ()).tables
    known = {name: _known(tables[name], name) for name in MASTERS if tables[name].height}
    names = frozenset(source.name for source in workspace.sources if source.declared)
    return Surroundings(root, workspace.currency, known, names)


def _known(rows: pl.DataFrame, table: str) -> Known:
    ids = rows[TABLES[table].columns[0].name]
    named = rows.select(pl.col("name").fill_null(ids), ids.alias("id"))
    return Known(frozenset(ids), dict(named.rows()))
