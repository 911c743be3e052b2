"""The six programs in SQL (`by_duckdb.sql`), run by DuckDB."""

import sys
from pathlib import Path

import duckdb

SMALL = ("partners", "reps", "products", "deals", "fx")
TYPES = {"fx": "types = {'rate': 'DECIMAL(18, 12)'}"}


def exported(workspace: Path) -> str:
    """The query that reads the sales; `line` tells lines of a sale apart."""
    table = f"read_csv('{workspace}/sales/*.csv', header = true, all_varchar = true, delim = ','"
    with next((workspace / "sales").glob("*.csv")).open(encoding="utf-8") as file:
        has_line_id = "line_id" in file.readline().split(",")
    if has_line_id:
        return f"SELECT *, line_id AS line FROM {table})"
    return (  # product and place in the file; an export without line_id has nothing else
        "SELECT *, product_id || ' ' || line_id AS line FROM (SELECT * EXCLUDE place, row_number() OVER ("
        " PARTITION BY filename, distributor_id, partner_id, sale_id, product_id ORDER BY place) AS line_id"
        f" FROM (SELECT *, row_number() OVER () AS place FROM {table}, filename = true)))"
    )


def main(workspace: Path, out: Path) -> None:
    """Reads the workspace's files and writes who earns what."""
    database = duckdb.connect()
    for table in SMALL:
        options = f", {TYPES[table]}" if table in TYPES else ""
        path = workspace / "sample_data" / f"{table}.csv"
        database.execute(f"CREATE TABLE {table} AS FROM read_csv('{path}'{options})")
    database.execute(f"CREATE VIEW exported AS {exported(workspace)}")
    database.execute((Path(__file__).parent / "by_duckdb.sql").read_text(encoding="utf-8"))
    database.execute(
        f"COPY (SELECT program_id, payee_id, round(reward, 2)::DECIMAL(18, 2) AS entitlement"
        f" FROM earned WHERE round(reward, 2) <> 0 ORDER BY ALL) TO '{out}' (HEADER)"
    )


main(Path(sys.argv[1]), Path(sys.argv[2]))
