"""What must be the same on every machine, or the same lines could give other results."""

import platform
import sys
from functools import lru_cache

import polars as pl

from incentivectl import __version__


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """The program, Polars and Python of this machine; and how texts are hashed, which cuts lines."""
    text = pl.DataFrame({"a": ["incentivectl", None], "b": ["P1", "P2"]})
    hashes = text.select(pl.col("a").hash(), pl.struct("a", "b").hash().alias("b")).rows()
    return {
        "incentivectl": __version__,
        "Polars": pl.__version__,
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "hash": f"{platform.machine()} {hashes}",
    }
