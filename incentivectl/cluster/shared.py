"""What every process or machine of a run sees: a folder, or keys below a prefix in object storage.

What is kept there is whole or not there, and counts only for whoever was told of it (`Kept`). Machines open
the place with the credentials of their own environment. Only what this program wrote itself is unpacked:
who may write into `shared` could run programs of their own there (docs/cluster.md).
"""

import errno
import pickle
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from incentivectl.cluster.packing import packed, unpacked
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import opened
from incentivectl.core.object_store import ObjectError, ObjectStore
from incentivectl.core.output_files import new_folder, output_file
from incentivectl.core.scratch import ended, scratch_folder, unfinished
from incentivectl.core.urls import is_url, local, objection

_MARKER = "run"  # an object that is there as long as the run goes on
_DISTURBED = ("no-file", "object-changed", "object-cut-off")


class Shared(Protocol):
    """The place of one run; `str` of it tells where it is."""

    def put(self, name: str, value: object) -> "Kept":
        """Keeps a value, whose name begins with `name`."""
        ...

    def keep(self, name: str, built: Path) -> "Kept":
        """Keeps a folder and all that it has; `built` may be gone afterwards."""
        ...

    def value(self, kept: "Kept") -> Any:  # noqa: ANN401
        """See `Kept`."""
        ...

    def folder(self, kept: "Kept", scratch: Path) -> Path:
        """See `Kept`."""
        ...

    def remove(self, kept: "Kept") -> None:
        """See `Kept`."""
        ...

    def names(self) -> list[str]:
        """What all that is kept is named; may raise `ObjectError`."""
        ...

    def is_seen(self) -> bool:
        """Whether this machine sees the place, and the run still goes on; may raise `ObjectError`."""
        ...


@dataclass(frozen=True)
class Kept:
    """A value or a folder that was kept in a shared place under a name used once.

    `tag` tells an object from what others may have written in its place.
    """

    shared: Shared
    name: str
    tag: str | None = None

    def value(self) -> Any:  # noqa: ANN401
        """What was `put`."""
        return self.shared.value(self)

    def folder(self, scratch: Path) -> Path:
        """The folder that was kept, to be read; in object storage a copy of it in `scratch`."""
        return self.shared.folder(self, scratch)

    def remove(self) -> None:
        """Removes a value before the run ends."""
        self.shared.remove(self)


@dataclass(frozen=True)
class SharedFolder:
    """A folder (see `Shared`)."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def put(self, name: str, value: object) -> Kept:
        """See `Shared`."""
        kept = Kept(self, _once(name))
        write_value(self.path / kept.name, value)
        return kept

    def keep(self, name: str, built: Path) -> Kept:
        """See `Shared`."""
        kept = Kept(self, _once(name))
        with unfinished(self.path / f"{kept.name}.new") as new:
            if not self.is_seen():  # the run has ended: nothing may be left where it was
                text = "the shared folder of the run is gone"
                raise FileNotFoundError(errno.ENOENT, text, str(self.path))
            shutil.move(built, new)
            new.rename(self.path / kept.name)
        return kept

    def value(self, kept: Kept) -> Any:  # noqa: ANN401
        """See `Shared`."""
        return read_value(self.path / kept.name)

    def folder(self, kept: Kept, scratch: Path) -> Path:
        """See `Shared`."""
        return self.path / kept.name

    def remove(self, kept: Kept) -> None:
        """See `Shared`."""
        (self.path / kept.name).unlink()

    def names(self) -> list[str]:
        """See `Shared`."""
        return [path.name for path in self.path.iterdir()]

    def is_seen(self) -> bool:
        """See `Shared`."""
        return self.path.is_dir()


@dataclass(frozen=True)
class SharedObjects:
    """Objects below a URL (see `Shared`); a folder is one object, so that it is there as a whole or not."""

    url: str

    def __str__(self) -> str:
        return self.url

    def put(self, name: str, value: object) -> Kept:
        """See `Shared`."""
        with _telling():
            return self._kept(_once(name), pickle.dumps(value))

    def keep(self, name: str, built: Path) -> Kept:
        """See `Shared`."""
        with _telling():
            kept = self._kept(_once(name), packed(built))
            if not self.is_seen():  # the run has ended, and has removed what it had
                self.remove(kept)
                raise ObjectError("run-ended", f"the run at {self} has ended", "run again")
            return kept

    def _kept(self, name: str, content: bytes | Path) -> Kept:
        store = self._store()
        return Kept(self, name, store.put(f"{store.key}/{name}", content))

    def value(self, kept: Kept) -> Any:  # noqa: ANN401
        """See `Shared`."""
        with _telling(), scratch_folder() as scratch:
            return read_value(self._fetched(kept, Path(scratch)))

    def folder(self, kept: Kept, scratch: Path) -> Path:
        """See `Shared`."""
        folder = scratch / kept.name
        with _telling():
            return folder if folder.is_dir() else unpacked(self._fetched(kept, scratch), folder)

    def _fetched(self, kept: Kept, scratch: Path) -> Path:
        store, path = self._store(), scratch / f"{kept.name}.fetched"
        store.fetch(f"{store.key}/{kept.name}", kept.tag, path)
        return path

    def remove(self, kept: Kept) -> None:
        """See `Shared`; what stays is removed with all else in the end."""
        with suppress(ObjectError):
            store = self._store()
            store.delete(f"{store.key}/{kept.name}")

    def names(self) -> list[str]:
        """See `Shared`."""
        store = self._store()
        return [meta["path"].rpartition("/")[2] for meta in store.listed(store.key)]

    def is_seen(self) -> bool:
        """See `Shared`."""
        store = self._store()
        return store.meta(f"{store.key}/{_MARKER}") is not None

    def begin(self) -> None:
        """Writes, reads, lists and removes an object, to see that it can be done; raises `ObjectError`."""
        store = self._store()
        tested = self._kept(_once("test"), b"test")
        try:
            with scratch_folder() as scratch:
                self._fetched(tested, Path(scratch))
            list(store.listed(store.key))
        finally:
            store.delete(f"{store.key}/{tested.name}")
        self._kept(_MARKER, b"")

    def end(self) -> None:
        """Removes all that the run made; raises `ObjectError`.

        The marker goes first: a task that ends later finds that the run has ended.
        """
        store = self._store()
        store.delete(f"{store.key}/{_MARKER}")
        store.delete(*[meta["path"] for meta in store.listed(store.key)])

    def _store(self) -> ObjectStore:
        return ObjectStore(self.url, "--shared")


@contextmanager
def shared_place(named: str, tell: Callable[[Problem], None]) -> Iterator[Shared]:
    """A new place in the folder or below the URL that the user named; it is gone in the end.

    Refuses (usage) where it cannot be written, read and removed there. What is not removed in the end it
    will `tell`.
    """
    named = local(named)
    if (wrong := objection(named)) is not None:
        text, hint = wrong
        raise _refused("unknown-scheme", f"--shared {text}", hint)
    if is_url(named):
        with _in_storage(named, tell) as shared:
            yield shared
        return
    if not Path(named).is_dir():
        raise _refused("no-shared", f"the folder --shared {named} is not there", "make it")
    with new_folder(Path(named).absolute()) as folder:
        yield SharedFolder(folder)


@contextmanager
def _in_storage(url: str, tell: Callable[[Problem], None]) -> Iterator[SharedObjects]:
    shared = SharedObjects(f"{url.rstrip('/')}/incentivectl-{secrets.token_hex(8)}")

    has_begun = False

    def end() -> None:
        try:
            shared.end()
        except ObjectError as error:
            message = f"not everything below {shared} could be removed: {error.message}"
            if has_begun:
                tell(Problem("left-behind", message, "remove it", severity="warning"))

    with ended(end):
        try:
            shared.begin()
        except ObjectError as error:
            message = f"--shared cannot be used: {error.message}"
            raise _refused(error.code, message, error.hint) from None
        has_begun = True
        yield shared


def _refused(code: str, message: str, hint: str) -> Refused:
    return Refused([Problem(code, message, hint)], ExitCode.USAGE)


def write_value(path: Path, value: object) -> None:
    """Writes a value; the file is there as a whole or not at all."""
    with output_file(path, sync=False) as file:
        pickle.dump(value, file)


def read_value(path: Path) -> Any:  # noqa: ANN401
    """The value that `write_value` wrote."""
    with opened(path) as file:
        return pickle.load(file)


def _once(name: str) -> str:
    return f"{name}-{secrets.token_hex(8)}"


@contextmanager
def _telling() -> Iterator[None]:
    """What cannot be done with an object while a run goes on refuses, with the name of the machine."""
    try:
        yield
    except ObjectError as error:
        raise Refused([_problem(error)], ExitCode.CONFIG) from None


def _problem(error: ObjectError) -> Problem:
    """Why something cannot be done in the shared place, on which machine."""
    import platform

    disturbed = "does something else write or clean up in `shared`? Keep it off, then run again"
    hint = disturbed if error.code in _DISTURBED else error.hint
    return Problem(error.code, f"{error.message} (on {platform.node()})", hint)
