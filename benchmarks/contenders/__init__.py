"""What a user would write instead: each script reads a workspace's files and writes who earns what.

    python benchmarks/contenders/by_duckdb.py WORKSPACE OUT

OUT is a CSV with `program_id,payee_id,entitlement`, without those who earn nothing.
"""
