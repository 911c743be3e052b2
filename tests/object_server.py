"""A server on the loopback that speaks S3's protocol, as Google Cloud Storage does; it may refuse."""

import json
import logging
import os
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}
_SIGNED = (
    "AWS4-HMAC-SHA256 Credential=somebody/20260101/us-east-1/s3/aws4_request,"
    " SignedHeaders=host, Signature=0"
)
_DENIED = b"<Error><Code>%s</Code><Message>denied</Message></Error>"


@dataclass
class Gate:
    """What stands before the server: it notes what is asked, and lets in who has the right key.

    `refused` are methods, such as PUT, that nobody may use. `before` is called with the method and the
    key (`/bucket/key`) of each request before it is answered.
    """

    app: Callable[..., Iterable[bytes]]
    refused: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda *_: None

    def __call__(self, environ: dict[str, Any], respond: Callable[..., Any]) -> Iterable[bytes]:
        """Answers a request (WSGI)."""
        method, key = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append((method, key))
        self.before(method, key)
        signed = environ.get("HTTP_AUTHORIZATION", "")
        if not signed.startswith("AWS4"):  # of Google's client
            signed = environ["HTTP_AUTHORIZATION"] = _SIGNED
        wrong = f"Credential={ENVIRONMENT['AWS_ACCESS_KEY_ID']}/" not in signed
        if wrong or method in self.refused:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            answer = _DENIED % (b"InvalidAccessKeyId" if wrong else b"AccessDenied")
            length = ("Content-Length", str(len(answer)))
            respond("403 Forbidden", [("Content-Type", "application/xml"), length])
            return [] if method == "HEAD" else [answer]
        return self.app(environ, respond)

    def fetched(self) -> list[str]:
        """The keys that were read."""
        return [key for method, key in self.asked if method == "GET" and key.count("/") > 1]


class Bucket:
    """The bucket `shop`, and the gate before it."""

    def __init__(self, gate: Gate) -> None:
        from obstore.store import from_url

        self.gate = gate
        self.store = from_url("s3://shop")

    def put(self, key: str, content: str | bytes) -> None:
        """Writes an object."""
        import obstore

        obstore.put(self.store, key, content.encode() if isinstance(content, str) else content)

    def names(self) -> list[str]:
        """The keys of all objects."""
        import obstore

        return [meta["path"] for some in obstore.list(self.store) for meta in some]

    def delete(self, *keys: str) -> None:
        """Removes objects."""
        import obstore

        obstore.delete(self.store, keys)

    def clear(self) -> None:
        """Removes all objects."""
        self.delete(*self.names())


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Gate]]:
    """The endpoint of a server with the bucket `shop`, and its gate."""
    from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    gate = Gate(DomainDispatcherApplication(create_backend_app))
    handler = MotoRequestHandler
    made = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{made.server_port}"
    asked = urllib.request.Request(f"{endpoint}/shop", method="PUT")
    urllib.request.urlopen(asked).close()
    yield endpoint, gate
    made.shutdown()


@pytest.fixture
def bucket(server: tuple[str, Gate], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The bucket `shop`, empty, with credentials in the environment."""
    endpoint, gate = server
    gate.refused, gate.before = set(), lambda *_: None
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    google = {"gcs_base_url": endpoint, "disable_oauth": True}
    google |= {"client_email": "", "private_key": "", "private_key_id": ""}
    named = {"AWS_ENDPOINT_URL": endpoint, "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(google)}
    for name, value in {**ENVIRONMENT, **named}.items():
        monkeypatch.setenv(name, value)
    made = Bucket(gate)
    made.clear()
    gate.asked.clear()
    return made
