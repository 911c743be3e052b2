"""A bucket or container of S3, Google Cloud Storage or Azure, and why something cannot be done with it.

Credentials come from the environment under the names that Polars documents: both stand on one library.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from incentivectl.core.urls import SIGN

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig

_RETRIES: "RetryConfig" = {"max_retries": 6, "retry_timeout": timedelta(seconds=30)}
_AWS = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION"
_CREDENTIALS = {
    "s3": _AWS,
    "s3a": _AWS,
    "gs": "GOOGLE_SERVICE_ACCOUNT",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "bucket does not exist")
# By what the library's message has: a code, what happened, and what to do.
_KNOWN = (
    (
        # Where the library asks for credentials when the environment has none, or what it lacks.
        ("169.254.169.254", "metadata.google.internal", "169.254.170.2", "must be specified"),
        "no-credentials", "{url}: the environment has no credentials for {root}", "set {names}",
    ),
    (
        _NO_BUCKET,
        "no-bucket", "bucket not found: {root}", "correct {named}",
    ),
    (
        ("ExpiredToken", "TokenRefreshRequired"),
        "no-permission", "{url}: the credentials of the environment have expired", "renew {names}",
    ),
    (
        ("RequestTimeTooSkewed",),
        "wrong-clock", "{url}: the clock of this machine is wrong", "set it, then run again",
    ),
    (
        ("incorrectly configured region", "PermanentRedirect", "AuthorizationHeaderMalformed"),
        "wrong-region", "{root} is in another region than AWS_REGION says", "set AWS_REGION to its region",
    ),
    (
        ("403 Forbidden", "401 Unauthorized"),
        "no-permission", "{url}: the credentials of the environment may not {what} it", "check {names}",
    ),
)  # fmt: skip
_CHANGED = "it changed, or the connection broke: run again once nobody writes it"


class ObjectError(Exception):
    """Why something cannot be done with an object, and what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


class ObjectStore:
    """The bucket of a URL, and the `key` that the URL has in it.

    Whatever fails raises `ObjectError`. `named` is what the user wrote the URL into.
    """

    def __init__(self, url: str, named: str = "`path`") -> None:
        from obstore.store import from_url

        self.url = url
        self._named = named
        self._scheme, _, rest = url.partition(SIGN)
        bucket, _, self.key = rest.partition("/")
        self.root = f"{self._scheme}{SIGN}{bucket}"
        with self._doing("use", url):
            self._store = from_url(self.root, retry_config=_RETRIES, client_options=_client())

    def url_of(self, key: str) -> str:
        """The URL of another key of the bucket."""
        return f"{self.root}/{key}"

    def meta(self, key: str) -> "ObjectMeta | None":
        """What is known of an object; None if there is none."""
        import obstore

        with self._doing("read", self.url_of(key)):
            try:
                return obstore.head(self._store, key)
            except FileNotFoundError:
                return None
            except Exception:
                list(obstore.list(self._store, key))  # its refusal, unlike that of HEAD, says why
                raise

    def listed(self, prefix: str) -> Iterator["ObjectMeta"]:
        """The objects below a prefix."""
        import obstore

        with self._doing("list", self.url):
            for some in obstore.list(self._store, prefix or None):
                yield from some

    def fetch(self, key: str, tag: str | None, path: Path) -> None:
        """Copies an object to a file, if it still is the one with this tag."""
        import obstore

        url = self.url_of(key)
        with self._doing("read", url):
            found = obstore.get(self._store, key)
            if tag is not None and _bare(found.meta["e_tag"] or "") != _bare(tag):
                raise ObjectError("object-changed", f"{url} is no longer what it was", _CHANGED)
            with path.open("wb") as out:
                size = sum(out.write(bytes(chunk)) for chunk in found.stream())
            if size != found.meta["size"]:
                message = f"{url}: {size:,} of {found.meta['size']:,} bytes came"
                raise ObjectError("object-cut-off", message, _CHANGED)

    def put(self, key: str, content: bytes | Path) -> str | None:
        """Writes an object, which is there as a whole or not at all; its tag."""
        import obstore

        with self._doing("write", self.url_of(key)):
            return obstore.put(self._store, key, content)["e_tag"]

    def delete(self, *keys: str) -> None:
        """Removes objects, those that are gone already, too."""
        import obstore

        with self._doing("remove", self.url), suppress(FileNotFoundError):
            obstore.delete(self._store, keys)

    @contextmanager
    def _doing(self, what: str, url: str) -> Iterator[None]:
        try:
            yield
        except ObjectError:
            raise
        except Exception as error:  # the library has no one class for what may go wrong
            if isinstance(error, OSError) and error.errno is not None:  # of a local file
                raise
            raise self._failed(error, what, url) from None

    def _failed(self, error: Exception, what: str, url: str) -> ObjectError:
        text = str(error)
        first = text.splitlines()[0] if text else type(error).__name__
        names = _CREDENTIALS.get(self._scheme, _CREDENTIALS["az"])
        for signs, code, happened, hint in _KNOWN:
            if any(sign in text for sign in signs):
                message = happened.format(url=url, root=self.root, what=what)
                return ObjectError(code, message, hint.format(names=names, named=self._named))
        if isinstance(error, FileNotFoundError):
            return ObjectError("no-file", f"object not found: {url}", f"correct {self._named}")
        hint = "check the connection, and the endpoint in the environment; then run again"
        return ObjectError("object-unreadable", f"{url}: {first}", hint)


def _bare(tag: str) -> str:
    """A tag without quotes, which lists of Azure leave out."""
    return tag.removeprefix("W/").strip('"')


def _client() -> "ClientConfig":
    """An object may take long to come; a server that does not answer should not."""
    allows_http = any(
        os.environ.get(f"{cloud}_ALLOW_HTTP", "").lower() in ("1", "true")
        for cloud in ("AWS", "AZURE", "GOOGLE")
    )
    return {"timeout": "2h", "connect_timeout": "10s", "allow_http": allows_http}
