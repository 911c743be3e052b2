"""Which terms payees took when a batch was computed, as its archive keeps them."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from incentivectl.core.input_frames import read_parquet
from incentivectl.core.output_files import output_file
from incentivectl.engine.engine import Settled
from incentivectl.engine.terms_taken import TERMS_TAKEN, has_terms, terms_taken

FILE = "terms-taken.parquet"


def store(settled: Sequence[Settled], folder: Path) -> None:
    """Writes the terms that payees took into what goes to the archive, where there are any terms."""
    if any(has_terms(one.case.program) for one in settled):
        with output_file(folder / FILE, sync=False) as file:
            terms_taken(settled).write_parquet(file)


def load(folder: Path) -> pl.DataFrame:
    """What `store` wrote into a batch's archive (columns `TERMS_TAKEN`); empty where there were no terms."""
    file = folder / FILE
    return read_parquet(file) if file.exists() else pl.DataFrame(schema=TERMS_TAKEN)
