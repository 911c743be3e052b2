"""Objects that hold exports: found by their URL or a pattern, each copied to a local file before it is read.

So everything that is done with a file is done with an object: its hash, encoding, lines and rejects.
"""

import difflib
import glob
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from incentivectl.core.cache import digest, new_entry, used
from incentivectl.core.limits import FILES_OF_A_PATTERN
from incentivectl.core.nouns import counted
from incentivectl.core.object_store import ObjectError, ObjectStore

if TYPE_CHECKING:
    from obstore import ObjectMeta


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it was found: its URL and size, its tag, and what else tells it from a later one."""

    url: str
    size: int
    tag: str | None
    seen: tuple[str, ...]

    def place(self, folder: Path) -> Path:
        """The file of `folder` that holds what the object holds, once it is fetched."""
        entry = digest(self.url, os.environ.get("AWS_ENDPOINT_URL"), *self.seen)
        return folder / entry / PurePosixPath(self.url).name

    def fetch(self, folder: Path) -> Path:
        """Copies the object to its place, unless it was copied before; raises `ObjectError`.

        One that was replaced since it was found is refused.
        """
        path = self.place(folder)
        if used(path.parent):
            with suppress(OSError):
                if path.stat().st_size == self.size:
                    return path
            shutil.rmtree(path.parent, ignore_errors=True)
        store = ObjectStore(self.url)
        with new_entry(path.parent) as new:
            store.fetch(store.key, self.tag, new / path.name)
        return path


def found(url: str) -> list[Object]:
    """The objects that a URL names, or matches as a pattern; raises `ObjectError`."""
    store = ObjectStore(url)
    metas = _matching(store) if glob.has_magic(store.key) else [_named(store)]
    return [_object(store, meta) for meta in metas]


def _object(store: ObjectStore, meta: "ObjectMeta") -> Object:
    seen = [str(meta.get(key)) for key in ("e_tag", "version", "last_modified", "size")]
    return Object(store.url_of(meta["path"]), meta["size"], meta["e_tag"], tuple(seen))


def _named(store: ObjectStore) -> "ObjectMeta":
    meta = store.meta(store.key)
    if meta is None:
        raise _not_found(store)
    return meta


def _matching(store: ObjectStore) -> list["ObjectMeta"]:
    before = store.key[: min(store.key.find(sign) for sign in "*?[" if sign in store.key)]
    wanted = store.key.split("/")
    matching = []
    for meta in store.listed(before.rpartition("/")[0]):
        if _matches(meta["path"].split("/"), wanted):
            matching.append(meta)
        if len(matching) > FILES_OF_A_PATTERN:
            message = f'"{store.url}" matches more than {counted(FILES_OF_A_PATTERN, "object")}'
            raise ObjectError("too-many-files", message, "narrow it, such as sales/*.csv")
    return matching


def _not_found(store: ObjectStore) -> ObjectError:
    """The object or its whole bucket; told with the names that come closest."""
    folder = store.key.rpartition("/")[0]
    names = [PurePosixPath(meta["path"]).name for meta in store.listed(folder)]
    near = difflib.get_close_matches(PurePosixPath(store.key).name, names, 3, 0.6)
    hint = f"did you mean {', '.join(near)}?" if near else "correct `path`"
    return ObjectError("no-file", f"object not found: {store.url}", hint)


def _matches(key: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a key is one of a pattern, part by part; `**` stands for any number of parts."""
    if not wanted:
        return not key
    if wanted[0] == "**":
        return any(_matches(key[at:], wanted[1:]) for at in range(len(key) + 1))
    return bool(key) and fnmatchcase(key[0], wanted[0]) and _matches(key[1:], wanted[1:])
