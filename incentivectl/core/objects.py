"""Objects in S3, Google Cloud Storage and Azure, each copied to a local file before it is read.

So everything that is done with a file is done with an object: its hash, encoding, lines and rejects.
Credentials come from the environment under the names that Polars documents: both stand on one library.
"""

import difflib
import glob
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from incentivectl.core.cache import digest, new_entry, used
from incentivectl.core.limits import FILES_OF_A_PATTERN
from incentivectl.core.nouns import counted

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig

SCHEMES = ("s3", "gs", "az", "abfs", "abfss")
_SIGN = "://"
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_CREDENTIALS = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
    "gs": "GOOGLE_SERVICE_ACCOUNT",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
# Where the library asks for credentials when the environment has none.
_METADATA = ("169.254.169.254", "metadata.google.internal", "169.254.170.2")


class ObjectError(Exception):
    """Why an object cannot be had, and what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


@dataclass(frozen=True, slots=True)
class Copy:
    """An object by its URL, and the file that holds what it held."""

    url: str
    path: Path


def is_url(path: str) -> bool:
    """Whether a path names something that is no local file."""
    return _SIGN in path


def has_known_scheme(url: str) -> bool:
    """Whether objects of a URL can be had."""
    return url.partition(_SIGN)[0] in SCHEMES


def copies(url: str, folder: Path) -> list[Copy]:
    """The objects that a URL names, or matches as a pattern, as files of `folder`; raises `ObjectError`.

    What was copied before and did not change is not fetched again.
    """
    return _Place(url).copies(folder)


def _client() -> "ClientConfig":
    """An object may take long to come; a server that does not answer should not."""
    allows_http = any(
        os.environ.get(f"{cloud}_ALLOW_HTTP", "").lower() in ("1", "true")
        for cloud in ("AWS", "AZURE", "GOOGLE")
    )
    return {"timeout": "2h", "connect_timeout": "10s", "allow_http": allows_http}


class _Place:
    """A bucket, and the key or pattern of a URL in it."""

    def __init__(self, url: str) -> None:
        from obstore.store import from_url

        self.url = url
        self.scheme, _, rest = url.partition(_SIGN)
        bucket, _, self.key = rest.partition("/")
        self.root = f"{self.scheme}{_SIGN}{bucket}"
        try:
            self.store = from_url(self.root, retry_config=_RETRIES, client_options=_client())
        except Exception as error:  # whatever is wrong with the environment
            raise self._failed(error) from None

    def copies(self, folder: Path) -> list[Copy]:
        try:
            found = self._matching() if glob.has_magic(self.key) else [self._named()]
            return [self._copy(meta, folder) for meta in found]
        except ObjectError:
            raise
        except Exception as error:  # the library has no one class for what may go wrong
            raise self._failed(error) from None

    def _named(self) -> "ObjectMeta":
        import obstore

        try:
            return obstore.head(self.store, self.key)
        except FileNotFoundError:
            raise self._not_found() from None

    def _matching(self) -> list["ObjectMeta"]:
        before = self.key[: min(self.key.find(sign) for sign in "*?[" if sign in self.key)]
        wanted = self.key.split("/")
        found = []
        for meta in self._listed(before.rpartition("/")[0]):
            if _matches(meta["path"].split("/"), wanted):
                found.append(meta)
            if len(found) > FILES_OF_A_PATTERN:
                message = f'"{self.url}" matches more than {counted(FILES_OF_A_PATTERN, "object")}'
                raise ObjectError("too-many-files", message, "narrow it, such as sales/*.csv")
        return found

    def _listed(self, prefix: str) -> Iterator["ObjectMeta"]:
        import obstore

        for some in obstore.list(self.store, prefix or None):
            yield from some

    def _copy(self, meta: "ObjectMeta", folder: Path) -> Copy:
        import obstore

        url = f"{self.root}/{meta['path']}"
        seen = [meta.get(key) for key in ("e_tag", "version", "last_modified", "size")]
        entry = folder / digest(url, os.environ.get("AWS_ENDPOINT_URL"), *map(str, seen))
        path = entry / PurePosixPath(meta["path"]).name
        if used(entry):
            with suppress(OSError):
                if path.stat().st_size == meta["size"]:
                    return Copy(url, path)
            shutil.rmtree(entry, ignore_errors=True)
        with new_entry(entry) as new:
            size = 0
            with (new / path.name).open("wb") as out:
                for chunk in obstore.get(self.store, meta["path"]).stream():
                    size += out.write(bytes(chunk))
            if size != meta["size"]:
                message = f"{url}: {size:,} of {meta['size']:,} bytes came"
                hint = "it is being written, or the connection broke: run again"
                raise ObjectError("object-cut-off", message, hint)
        return Copy(url, path)

    def _not_found(self) -> ObjectError:
        """The object or its whole bucket; told with the names that come closest."""
        folder = self.key.rpartition("/")[0]
        names = [PurePosixPath(meta["path"]).name for meta in self._listed(folder)]
        near = difflib.get_close_matches(PurePosixPath(self.key).name, names, 3, 0.6)
        hint = f"did you mean {', '.join(near)}?" if near else "correct `path`"
        return ObjectError("no-file", f"object not found: {self.url}", hint)

    def _failed(self, error: Exception) -> ObjectError:
        text = str(error)
        first = text.splitlines()[0] if text else type(error).__name__
        names = _CREDENTIALS.get(self.scheme, _CREDENTIALS["az"])
        if any(host in first for host in _METADATA):
            message = f"{self.url}: the environment has no credentials for {self.root}"
            return ObjectError("no-credentials", message, f"set {names}")
        if "NoSuchBucket" in text or "ContainerNotFound" in text or "bucket does not exist" in text:
            return ObjectError("no-bucket", f"bucket not found: {self.root}", "correct `path`")
        if isinstance(error, PermissionError) or type(error).__name__ in _REFUSED:
            message = f"{self.url}: the credentials of the environment may not read it"
            return ObjectError("no-permission", message, f"check {names}")
        hint = "check the connection, and the endpoint in the environment; then run again"
        return ObjectError("object-unreadable", f"{self.url}: {first}", hint)


_REFUSED = ("PermissionDeniedError", "UnauthenticatedError")


def _matches(key: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a key is one of a pattern, part by part; `**` stands for any number of parts."""
    if not wanted:
        return not key
    if wanted[0] == "**":
        return any(_matches(key[at:], wanted[1:]) for at in range(len(key) + 1))
    return bool(key) and fnmatchcase(key[0], wanted[0]) and _matches(key[1:], wanted[1:])
