"""Values on their way to processes and machines, and back: pickles in a folder that all of them see.

Only what this program wrote itself is unpacked; who may write into `shared` could run programs of their own
there, as on the machines of the engine (docs/cluster.md).
"""

import pickle
from pathlib import Path
from typing import Any

from incentivectl.core.input_files import opened
from incentivectl.core.output_files import output_file


def put(path: Path, value: object) -> Path:
    """Writes a value; it is there as a whole or not at all."""
    with output_file(path, sync=False) as file:
        pickle.dump(value, file)
    return path


def got(path: Path) -> Any:  # noqa: ANN401
    """The value that `put` wrote."""
    with opened(path) as file:
        return pickle.load(file)
