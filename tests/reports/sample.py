"""The sample workspace, copied to where a test may write."""

import shutil
from pathlib import Path

from tests.small_workspace import settle

SAMPLE = Path(__file__).parents[2]


def copy_sample(root: Path) -> Path:
    """Config, programs, lists and data of the sample in `root`."""
    root.mkdir()
    for name in ("incentivectl.toml", "programs", "lists", "sample_data"):
        source = SAMPLE / name
        if source.is_dir():
            shutil.copytree(
                source, root / name, ignore=shutil.ignore_patterns("*.py", "__pycache__")
            )
        else:
            shutil.copy(source, root / name)
    return root


def settled_sample(folder: Path) -> Path:
    """The sample with a run of September, to be prepared once."""
    root = copy_sample(folder / "w")
    settle(root)
    return root
