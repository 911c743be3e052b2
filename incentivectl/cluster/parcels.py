"""Values on their way to processes and machines, and back: pickles in a folder that all of them see.

Only what this program wrote itself is unpacked; who may write into `shared` could run programs of their own
there, as on the machines of the engine (docs/cluster.md).
"""

import errno
import pickle
import secrets
import shutil
from pathlib import Path
from typing import Any

from incentivectl.core.input_files import opened
from incentivectl.core.output_files import output_file
from incentivectl.core.scratch import unfinished


def put(path: Path, value: object) -> Path:
    """Writes a value; it is there as a whole or not at all."""
    with output_file(path, sync=False) as file:
        pickle.dump(value, file)
    return path


def got(path: Path) -> Any:  # noqa: ANN401
    """The value that `put` wrote."""
    with opened(path) as file:
        return pickle.load(file)


def placed(built: Path, folder: Path) -> Path:
    """Moves a folder to a place of its own beside `folder`, where it is as a whole or not at all."""
    place = folder.with_name(f"{folder.name}-{secrets.token_hex(8)}")
    with unfinished(place.with_name(f"{place.name}.new")) as new:
        if not place.parent.is_dir():  # the run has ended: nothing may be left where it was
            raise FileNotFoundError(
                errno.ENOENT, "the shared folder of the run is gone", str(place.parent)
            )
        shutil.move(built, new)
        new.rename(place)
    return place
