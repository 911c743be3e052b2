"""Sources in object storage, against a local server that speaks S3's protocol."""

import os
import socket
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.core import object_store
from incentivectl.core.object_store import ObjectError
from incentivectl.core.objects import found
from tests.ingest.conftest import PARTNERS, Shop, counted, errors, lines
from tests.object_server import Bucket
from tests.small_workspace import CONFIG, SALES, incentivectl, read_csv, settle, write_workspace
from tests.workbook_files import by_openpyxl

ROWS = "sale_id,sold_on,partner_id,amount\n{},2026-08-01,P1,1\n"


def copies(url: str, folder: Path) -> list[Path]:
    return [one.fetch(folder) for one in found(url)]


def of_sales(path: str) -> str:
    return f'[sources.sales]\npath = "{path}"\n'


def test_objects_are_read_like_files(shop: Shop, bucket: Bucket, tmp_path: Path) -> None:
    import gzip

    shop.config = of_sales("s3://shop/in/**/*.*")
    bucket.put("in/10.csv", ROWS.format("S10"))
    bucket.put("in/2.csv", ROWS.format("S2"))
    bucket.put("in/a b/ä.csv.gz", gzip.compress(ROWS.format("S3").encode()))
    day = ("2026-08-01", "P1", 1)
    by_openpyxl(
        tmp_path / "x.xlsx", [ROWS.splitlines()[0].split(","), ("S4", *day), ("S5", "?", "P1", 1)]
    )
    bucket.put("in/deep/er/x.xlsx", (tmp_path / "x.xlsx").read_bytes())
    bucket.put("other/3.csv", ROWS.format("S6"))
    inputs = shop.read()
    assert not errors(inputs)
    assert lines(inputs, "sale_id") == [("S2",), ("S10",), ("S3",), ("S4",)]
    assert counted(inputs) == {"accepted": 4, "rejected": 1}
    assert inputs.files.filter(table="sales")["path"].to_list() == [
        "s3://shop/in/2.csv",
        "s3://shop/in/10.csv",
        "s3://shop/in/a b/ä.csv.gz",
        "s3://shop/in/deep/er/x.xlsx",
    ]
    inputs.write_rejects(shop.root / "rejects")
    (row,) = read_csv(shop.root / "rejects/sales.csv")
    assert (row["reject_file"], row["reject_line"]) == ("s3://shop/in/deep/er/x.xlsx", "3")
    text = (shop.root / "rejects/sales.csv").read_text(encoding="utf-8")
    bucket.put("in/corrected.csv", text.replace("?", "2026-08-02"))
    assert counted(shop.read()) == {"accepted": 5, "superseded": 1}


def test_one_object_and_local_files_beside_it(shop: Shop, bucket: Bucket) -> None:
    shop.config = '[sources.sales]\npath = ["s3://shop/S1.csv", "in/*.csv"]\n'
    bucket.put("S1.csv", ROWS.format("S1"))
    shop.write("in/S2.csv", ROWS.format("S2"))
    assert sorted(lines(shop.read(), "sale_id")) == [("S1",), ("S2",)]


def test_what_did_not_change_is_not_fetched_again(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put("a.csv", "1")
    (first,) = copies("s3://shop/a.csv", tmp_path)
    os.utime(first, (1, 1))
    (again,) = copies("s3://shop/*.csv", tmp_path)
    assert again == first
    assert again.stat().st_mtime == 1
    bucket.put("a.csv", "22")
    (changed,) = copies("s3://shop/a.csv", tmp_path)
    assert changed.read_text() == "22"
    changed.write_text("damaged")
    (mended,) = copies("s3://shop/a.csv", tmp_path)
    assert mended.read_text() == "22"


def test_an_object_that_is_replaced_before_it_is_fetched(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put("a.csv", "old")
    (one,) = found("s3://shop/a.csv")
    bucket.put("a.csv", "new")
    with pytest.raises(ObjectError) as refused:
        one.fetch(tmp_path)
    assert refused.value.code == "object-changed"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_tag_is_the_same_with_and_without_quotes(tmp_path: Path, bucket: Bucket) -> None:
    """Azure lists tags without them."""
    bucket.put("a.csv", "1")
    (one,) = found("s3://shop/a.csv")
    assert one.tag is not None
    tag = one.tag.strip('"')
    for number, written in enumerate((tag, f'"{tag}"', f'W/"{tag}"')):
        replace(one, tag=written).fetch(tmp_path / str(number))
    with pytest.raises(ObjectError):
        replace(one, tag=tag[1:]).fetch(tmp_path / "other")


def test_a_run_from_the_cache_and_from_the_archive(tmp_path: Path, bucket: Bucket) -> None:
    config = CONFIG + '[settlement]\nfirst_period = "2026-07"\n' + of_sales("s3://shop/sales.csv")
    root = write_workspace(tmp_path / "shop", config=config)
    bucket.put("sales.csv", SALES)
    local = settle(write_workspace(tmp_path / "local"))
    earned = [(row["payee_id"], row["entitlement"]) for row in local]
    for _ in range(2):
        assert [(row["payee_id"], row["entitlement"]) for row in settle(root)] == earned
    posted = incentivectl("batch", "post", "2026-09", "-w", root)
    assert posted.exit_code == 0, posted.output
    bucket.clear()
    assert incentivectl("run", "--batch", "2026-09.1", "-w", root).exit_code == 0


def test_a_bad_object_is_told_by_its_url(shop: Shop, bucket: Bucket) -> None:
    shop.config = of_sales("s3://shop/bad.csv")
    bucket.put("bad.csv", "sale_id,sold_on,partner_ID,amount\nS1,2026-08-01,P1,1\n")
    (problem,) = errors(shop.read())
    assert problem.file is None
    assert problem.message.startswith("s3://shop/bad.csv:1: it has no column")


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("s3://shop/august.csv", "no-file", "object not found: s3://shop/august.csv"),
        ("s3://shop/*.xlsx", "no-file", 'no object matches "s3://shop/*.xlsx"'),
        ("s3://elsewhere/a.csv", "no-bucket", "bucket not found: s3://elsewhere"),
        ("s3://elsewhere/*.csv", "no-bucket", "bucket not found: s3://elsewhere"),
    ],
)
def test_what_is_not_there(shop: Shop, bucket: Bucket, path: str, code: str, message: str) -> None:
    shop.config = of_sales(path)
    bucket.put("augusd.csv", "x")
    problem = errors(shop.read())[0]
    assert problem.code == code
    assert problem.message.startswith(message)
    assert "(source sales)" in problem.message
    if path.endswith("august.csv"):
        assert problem.hint == "did you mean augusd.csv?"


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("ftp://host/a.csv", "s3://, gs://, az://"),
        ("hdfs://host/a.csv", "hadoop distcp"),
        ("file://host/a.csv", "file:///mnt/sales"),
    ],
)
def test_urls_that_cannot_be_read(tmp_path: Path, path: str, hint: str) -> None:
    from incentivectl.workspace.load import load_workspace

    config = '[workspace]\ncurrency = "USD"\n' + of_sales(path)
    (tmp_path / "incentivectl.toml").write_text(config, encoding="utf-8")
    _, (problem,) = load_workspace(tmp_path)
    assert (problem.code, problem.line) == ("unknown-scheme", 4)
    assert hint in problem.hint


@pytest.mark.parametrize("host", ["", "localhost"])
def test_a_file_url_is_its_path(shop: Shop, tmp_path: Path, host: str) -> None:
    folder = tmp_path / "a b"
    shop.config = of_sales(folder.as_uri().replace("file://", f"file://{host}") + "/*.csv")
    folder.mkdir()
    (folder / "1.csv").write_text(ROWS.format("S1"), encoding="utf-8")
    assert lines(shop.read(), "sale_id") == [("S1",)]


class Answers:
    """A server that gives every request the same answer, a connection each."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(self._answer)

    def close(self) -> None:
        self._socket.close()


CUT_OFF = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nLast-Modified: Tue, 24 Nov 2026 12:00:00 GMT\r\n"
    b'ETag: "1"\r\nConnection: close\r\n\r\nsale_id'
)
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (FORBIDDEN, "no-permission", "the credentials of the environment may not read it"),
        (CUT_OFF, "object-unreadable", "s3://shop/a.csv: "),
    ],
)
def test_answers_of_a_bad_day(
    tmp_path: Path,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
    code: str,
    message: str,
) -> None:
    monkeypatch.setattr(object_store, "_RETRIES", {"max_retries": 0})
    server = Answers(answer)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    with pytest.raises(ObjectError) as found:
        copies("s3://shop/a.csv", tmp_path)
    server.close()
    assert found.value.code == code
    assert message in found.value.message
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]  # nothing half is kept


@pytest.mark.parametrize(
    ("status", "said", "code", "message"),
    [
        ("403 Forbidden", "InvalidAccessKeyId", "no-permission", "may not list it"),
        ("400 Bad Request", "ExpiredToken", "no-permission", "of the environment have expired"),
        ("403 Forbidden", "RequestTimeTooSkewed", "wrong-clock", "of this machine is wrong"),
        ("301 Moved", "PermanentRedirect", "wrong-region", "s3://shop is in another region"),
    ],
)
def test_what_a_server_refuses(
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    said: str,
    code: str,
    message: str,
) -> None:
    """Of one object, too, though its HEAD has no body that says why."""
    monkeypatch.setattr(object_store, "_RETRIES", {"max_retries": 0})
    body = f"<Error><Code>{said}</Code><Message>no</Message></Error>"
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    server = Answers(f"{head}{body}".encode())
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    for path in ("s3://shop/*.csv", "s3://shop/a.csv"):
        with pytest.raises(ObjectError) as refused:
            found(path)
        assert refused.value.code == code
        assert message.replace("list", "list" if "*" in path else "read") in refused.value.message
    server.close()


def test_without_credentials(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ((("127.0.0.1:9",), *object_store._KNOWN[0][1:]), *object_store._KNOWN[1:])
    monkeypatch.setattr(object_store, "_KNOWN", known)
    monkeypatch.setattr(object_store, "_RETRIES", {"max_retries": 0})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ObjectError, match="the environment has no credentials") as found:
        copies("s3://shop/a.csv", tmp_path)
    assert "AWS_ACCESS_KEY_ID" in found.value.hint


def test_azure_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    with pytest.raises(ObjectError, match="the environment has no credentials for az://c") as bad:
        found("az://c/a.csv")
    assert "AZURE_STORAGE_ACCOUNT_NAME" in bad.value.hint


def test_many_partners_and_amounts(shop: Shop, bucket: Bucket) -> None:
    """A master may be an object, too."""
    shop.config = of_sales("s3://shop/s.csv") + '[sources.partners]\npath = "s3://shop/p.csv"\n'
    bucket.put("s.csv", ROWS.format("S1"))
    bucket.put("p.csv", PARTNERS)
    inputs = shop.read()
    assert lines(inputs, "partner_id", "amount") == [("P1", Decimal(1))]
