"""Puts the files of a run into its folder, and touches nothing else there.

The manifest says what a run wrote, with hashes. Only that is replaced or removed; a file that somebody
has edited since is kept under another name, and a folder that no run wrote is refused. The manifest goes
first and comes last, so that no reader takes the files of two runs for those of one (docs/operation.md,
"Files of a run").
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import sha256, toml, toml_head
from incentivectl.core.output_files import locked, make_folder, new_folder, sync_folder
from incentivectl.core.scratch import UNFINISHED
from incentivectl.run.run_results import MANIFEST

_BEFORE = "manifest-before.toml"  # where the old manifest waits while files are replaced
REPORT_FILES = ("report.html", "report.xlsx")
_NAMES = {  # what a run or a report writes: without a manifest they may still be theirs
    "earnings.csv", "payouts.csv", "closed.csv", "ineligible.csv", "leaderboard.csv",
    "levels.csv", "unknown.csv", "rejects", "lines.parquet", MANIFEST, *REPORT_FILES,
}  # fmt: skip
Hashes = dict[str, set[str]]


@dataclass(frozen=True)
class Placed:
    """The folder of a run, the files that were written (relative to it), and what else is to be told.

    `edited`: files that somebody had changed, and the names under which they were kept. `outdated`: the
    pages and workbooks of an earlier run that are still there.
    """

    folder: Path
    files: tuple[str, ...]
    edited: tuple[tuple[str, str], ...]
    outdated: tuple[str, ...]


def place_files(folder: Path, write: Callable[[Path], None]) -> Placed:
    """Has `write` fill an empty folder, its `manifest.toml` included, and moves the files to `folder`.

    Refuses (`DATA`) a folder with files that no run wrote. Of two at once the later one counts.
    """
    make_folder(folder)
    with locked(folder):
        refuse_foreign(folder)
    with new_folder(folder) as new:
        write(new)
        files = sorted(
            path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()
        )
        with locked(folder):
            known = _known(folder)
            edited = [*_clear_manifest(folder, new), *_replace(folder, new, files, known)]
            (new / MANIFEST).replace(folder / MANIFEST)
            sync_folder(folder)
    outdated = [name for name in REPORT_FILES if (folder / name).is_file()]
    return Placed(folder, tuple(files), tuple(edited), tuple(outdated))


def _clear_manifest(folder: Path, new: Path) -> Iterator[tuple[str, str]]:
    """Takes the old manifest away; one that no run wrote is kept aside."""
    manifest = folder / MANIFEST
    if manifest.is_file() and _is_manifest(manifest):
        manifest.replace(new / _BEFORE)
    elif manifest.is_symlink() or manifest.exists():
        yield MANIFEST, _keep_aside(folder, MANIFEST)


def _replace(folder: Path, new: Path, files: list[str], known: Hashes) -> Iterator[tuple[str, str]]:
    """Moves the new files, removes old ones that the run no longer has; what was kept aside."""
    for name in sorted({*known, *files} - {MANIFEST}):
        path = folder / name
        is_new = name in files
        if path.is_symlink() or path.exists():
            own = {*known.get(name, ()), *([sha256(new / name)] if is_new else ())}
            if path.is_symlink() or not path.is_file() or sha256(path) not in own:
                yield name, _keep_aside(folder, name)
            elif not is_new:
                path.unlink()
                _remove_if_empty(path.parent, folder)
        if is_new:
            make_folder(path.parent)
            (new / name).replace(path)


def _remove_if_empty(inner: Path, folder: Path) -> None:
    """Takes away a folder within `folder` whose last file went."""
    if inner != folder and not inner.is_symlink() and not any(inner.iterdir()):
        inner.rmdir()


def _keep_aside(folder: Path, name: str) -> str:
    """Renames an edited file to `<name>.edited-1.csv`, or the next number; its new name."""
    path = folder / name
    number = 1
    while True:
        kept = path.with_name(f"{path.stem}.edited-{number}{path.suffix}")
        if not kept.is_symlink() and not kept.exists():
            path.rename(kept)
            return kept.relative_to(folder).as_posix()
        number += 1


def refuse_foreign(folder: Path) -> None:
    """Refuses (`DATA`) a folder that no run wrote, and that holds other things than a run writes."""
    if not folder.is_dir():
        return
    if any(_is_manifest(path) for path in _manifests(folder)):
        return
    found = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if not _NAMES.issuperset(found):
        named = ", ".join(found[:3]) + (" and others" if len(found) > 3 else "")
        message = f"this folder holds files that no run wrote ({named}); nothing was written"
        hint = "move them elsewhere, or name another folder under [workspace] reports"
        raise Refused([Problem("foreign-folder", message, hint, file=folder)], ExitCode.DATA)


def _manifests(folder: Path) -> list[Path]:
    """The manifest, and those that a run which was cut short had at hand."""
    waiting = [path for path in folder.iterdir() if UNFINISHED.fullmatch(path.name)]
    places = [folder / MANIFEST, *(one / name for one in waiting for name in (_BEFORE, MANIFEST))]
    return [path for path in places if path.is_file()]


def _is_manifest(path: Path) -> bool:
    """Whether a run wrote it; a damaged one counts as a run's."""
    told = _told(path, toml_head)
    return told is None or "incentivectl" in told


def _known(folder: Path) -> Hashes:
    """File name → the hashes of what runs wrote under it."""
    known: Hashes = {}
    for manifest in _manifests(folder):
        files = (_told(manifest, toml) or {}).get("files")
        for name, digest in files.items() if isinstance(files, dict) else ():
            if not Path(name).is_absolute() and ".." not in Path(name).parts:
                known.setdefault(name, set()).add(str(digest))
    return known


def _told(manifest: Path, read: Callable[[Path], dict[str, object]]) -> dict[str, object] | None:
    """What a manifest says; None if it is damaged."""
    try:
        return read(manifest)
    except FileNotFoundError:  # another run has just put it in place
        return {}
    except ValueError:
        return None
