"""The sample workspace that `init` hands out: in the package, or in the repository it is run from."""

import shutil
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused

PARTS = ("incentivectl.toml", "programs", "lists", "sample_data")


def sample_root() -> Path:
    """Where the sample stands: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "sample_workspace"
    return installed if installed.exists() else package.parent


def require_empty(folder: Path) -> None:
    """Raises Refused unless `folder` is new or empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = Problem(
            "not-empty",
            f"{folder} is not an empty folder",
            hint="name a new folder: `incentivectl init DIR`",
        )
        raise Refused([problem], ExitCode.USAGE)


def copy_sample(folder: Path) -> None:
    """Copies the sample workspace into `folder`, which is new or empty."""
    require_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    root = sample_root()
    for part in PARTS:
        source = root / part
        if source.is_dir():
            shutil.copytree(
                source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.py")
            )
        elif source.exists():
            shutil.copy(source, folder / part)
