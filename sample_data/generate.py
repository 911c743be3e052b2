"""Writes the sample workspace's data, or a big workspace of the same shape.

    python sample_data/generate.py
    python sample_data/generate.py --lines 10_000_000 --out /tmp/big --files 18

The first rewrites the tables beside this file and the contracts in lists/, the second makes a workspace
that `incentivectl run 2026-09 -w /tmp/big` works on. The same version writes the same bytes each time.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from large import write_large
from workspace_files import write_lists, write_sample

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Read the options and write; prints a line on what was written to stderr."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, help="rows of sales in all (default: the sample)")
    parser.add_argument("--out", type=Path, help="the new workspace's folder, for --lines")
    parser.add_argument("--files", type=int, default=18, help="further files to spread them over")
    options = parser.parse_args()
    if (options.lines is None) != (options.out is None) or options.files < 1:
        parser.error("--lines and --out stand together, and --files is at least 1")
    if options.lines is None:
        counts = write_sample(HERE) | write_lists(HERE.parent / "lists")
    else:
        try:
            counts = write_large(HERE.parent, options.out, options.lines, options.files)
        except ValueError as problem:
            parser.error(str(problem))
    sys.stderr.write(f"{sum(counts.values()):,} rows in {len(counts)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
