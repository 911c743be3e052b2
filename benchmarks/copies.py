"""Many programs: the six, again and again with other ids and thresholds."""

import re
import shutil
from decimal import Decimal
from pathlib import Path

ID = re.compile(r'^id = "(\w+)"', re.MULTILINE)
THRESHOLD = re.compile(r'\b(from|per_payee|bonus) = ("?)([\d_]+)(%?"?)')


def write_copies(workspace: Path, out: Path, copies: int) -> int:
    """Writes the workspace with every program so many times, the first as it is; returns their number."""
    shutil.copytree(workspace, out, ignore=shutil.ignore_patterns("sales", "reports"))
    (out / "sales").mkdir()
    for path in (workspace / "sales").iterdir():
        (out / "sales" / path.name).hardlink_to(path)
    originals = sorted((workspace / "programs").glob("*.toml"))
    for copy in range(1, copies):
        for path in originals:
            text = _changed(path.read_text(encoding="utf-8"), copy)
            (out / "programs" / f"{path.stem}-{copy}.toml").write_text(text, encoding="utf-8")
    return copies * len(originals)


def _changed(text: str, copy: int) -> str:
    """A program under another id, every threshold `copy` percent higher."""

    def higher(found: re.Match[str]) -> str:
        key, before, number, after = found.groups()
        return f"{key} = {before}{Decimal(number) * (100 + copy) / 100:f}{after}"

    return THRESHOLD.sub(higher, ID.sub(rf'id = "\1-{copy}"', text))
