"""What a static check finds in a program, by the place in its file; it becomes a `Problem`."""

from dataclasses import dataclass

from incentivectl.core.errors import Severity
from incentivectl.toml.positions import KeyPath


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at `path`, the keys that lead to it in the program's file."""

    path: KeyPath
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    at_key: bool = False  # whether the key is wrong rather than its value


def warning(path: KeyPath, code: str, message: str, hint: str = "") -> Finding:
    """A finding that does not stop a run."""
    return Finding(path, code, message, hint, "warning")
