"""Many programs: the six, again and again with other ids and thresholds."""

import re
import shutil
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE = ("incentivectl.toml", "programs", "lists", "sample_data")
_OWN = re.compile(r'^(id|exclusive_group) = "([^"]+)"', re.MULTILINE)
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


def write_sample(out: Path, programs: int) -> int:
    """Writes the sample workspace with its programs again and again, up to so many; returns how many.

    The copies have other ids and exclusive groups of their own, and no examples.
    """
    out.mkdir(parents=True)
    for name in SAMPLE:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, out / name)
    originals = sorted((out / "programs").glob("*.toml"))
    texts = {path.stem: path.read_text(encoding="utf-8") for path in originals}
    written = len(originals)
    for copy_ in range(1, -(-programs // len(originals))):
        for stem, text in texts.items():
            if written == programs:
                return written
            without_examples = text.partition("[[example]]")[0]
            changed = _OWN.sub(rf'\1 = "\2-{copy_}"', without_examples)
            (out / "programs" / f"{stem}-{copy_}.toml").write_text(changed, encoding="utf-8")
            written += 1
    return written


def _changed(text: str, copy: int) -> str:
    """A program under another id, every threshold `copy` percent higher."""

    def higher(found: re.Match[str]) -> str:
        key, before, number, after = found.groups()
        return f"{key} = {before}{Decimal(number) * (100 + copy) / 100:f}{after}"

    return THRESHOLD.sub(higher, ID.sub(rf'id = "\1-{copy}"', text))
