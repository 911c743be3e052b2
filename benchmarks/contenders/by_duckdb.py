"""The six programs in SQL (`by_duckdb.sql`), run by DuckDB."""

import sys
from pathlib import Path

import duckdb

SMALL = ("partners", "reps", "products", "deals", "fx")
TYPES = {"fx": "types = {'rate': 'DECIMAL(18, 12)'}"}


def main(workspace: Path, out: Path) -> None:
    """Reads the workspace's files and writes who earns what."""
    database = duckdb.connect()
    for table in SMALL:
        options = f", {TYPES[table]}" if table in TYPES else ""
        path = workspace / "sample_data" / f"{table}.csv"
        database.execute(f"CREATE TABLE {table} AS FROM read_csv('{path}'{options})")
    database.execute(f"SET VARIABLE sales = '{workspace}/sales/*.csv'")
    database.execute((Path(__file__).parent / "by_duckdb.sql").read_text(encoding="utf-8"))
    database.execute(
        f"COPY (SELECT program_id, payee_id, round(reward, 2)::DECIMAL(18, 2) AS entitlement"
        f" FROM earned WHERE round(reward, 2) <> 0 ORDER BY ALL) TO '{out}' (HEADER)"
    )


main(Path(sys.argv[1]), Path(sys.argv[2]))
